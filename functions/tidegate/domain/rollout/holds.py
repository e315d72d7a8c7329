"""Holds as people read them: the commands that end one, and a notice before it expires."""

from tidegate.domain.control.freeze import Freeze
from tidegate.domain.rollout.next_move import Move
from tidegate.domain.rollout.pauses import Expiry
from tidegate.domain.schedule import HOUR, MINUTE, format_time

NOTICE = HOUR
"""How long before its end a hold announces it, at least, in seconds."""

LATE = MINUTE
"""Seconds by which a check may come late."""

THEN = {"rollback": "the release is rolled back", "promote": "the release continues"}


def how_to_end(release: str, move: Move, freeze: Freeze | None) -> str:
    """Return the commands that end a hold, as a sentence; empty if the reason for the hold contains them."""
    if "tidegate promote" in move.held and not freeze:
        return ""
    decide = f"tidegate promote {release}"
    if freeze:
        thaw = f"tidegate thaw '{freeze.pattern}'"
        only_frozen = move.held == held_by(freeze)
        decide = thaw if only_frozen else f"{thaw}, then {decide}"
    return f"To end the hold: {decide}, or tidegate abort {release} --reason TEXT"


def until(move: Move) -> str:
    """Say when a hold expires, and what happens then; empty if its reason does, or if it does not expire."""
    if move.expires is None or format_time(move.expires.until) in move.held:
        return ""
    return f" ({format_time(move.expires.until)}; then {THEN[move.expires.then]})"


def held_by(freeze: Freeze) -> str:
    return f"held: {freeze}"


def must_tell(expires: Expiry, told: int, following: int) -> bool:
    """Return whether to announce that a hold ends: at the last check that is `NOTICE` or more before its end.

    `told` is the end that was announced last, `following` the next check; seconds since 1970.
    """
    # A later end is another hold; the end of one hold moves by a minute or two from tick to tick.
    return expires.until - following < NOTICE + LATE and expires.until > told + NOTICE


def notice(release: str, expires: Expiry) -> str:
    """Say when a hold ends without a decision, what happens then, and the commands that end it before."""
    return (
        f"without a decision by {format_time(expires.until)}, {THEN[expires.then]}. To decide: tidegate promote "
        f"{release}, or tidegate abort {release} --reason TEXT"
    )
