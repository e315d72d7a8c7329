"""What a replay found, in a sentence: when the release would have ended with other settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidegate.domain.amounts import clock
from tidegate.domain.ledger_items import Item, ReleaseItems
from tidegate.domain.rollout.next_move import MoveKind
from tidegate.domain.rollout.replay import Place, Replayed
from tidegate.domain.schedule import minute_of

ONWARD = (MoveKind.SHIFT, MoveKind.FINISH)
NOT_REPLAYED = {"AlarmRaised", "Aborted", "ApprovalExpired"}
"""Reasons of a roll back that a replay does not know."""


@dataclass(frozen=True)
class Past:
    """What the release did: `left` has the tick at which it left each place for the next one or finished.

    `move` and `at` are its last decision; `move` is None if no evidence made it (but an alarm, a person or Recover), or
    if it still runs. `outcome` is the word of the ledger, `error` the reason of a roll back. Times are seconds since
    1970.
    """

    left: Mapping[Place, int]
    move: MoveKind | None
    at: int
    outcome: str
    error: str = ""

    @classmethod
    def of(cls, items: ReleaseItems) -> "Past":
        ticks = items.ticks
        record: Item = items.record or {}
        left = {(tick.get("wave"), tick["weight"]): tick["at"] for tick in ticks if tick["next"] in ONWARD}
        last: Item = ticks[-1] if ticks else {}
        error = (last.get("reason") or record.get("blame") or {}).get("error", "")
        ends = {MoveKind.FINISH, *(() if error in NOT_REPLAYED else (MoveKind.ROLL_BACK,))}
        move = MoveKind(last["next"]) if last.get("next") in ends else None
        return cls(left, move, last.get("at", 0), record.get("ended") or record.get("status", "unknown"), error)

    @property
    def instead(self) -> str:
        """Continue "would have been rolled back at 09:44" by what the release did."""
        if self.move is MoveKind.FINISH:
            return f"the release finished at {clock(self.at)} UTC"
        if self.move is MoveKind.ROLL_BACK:
            return f"the release was rolled back at {clock(self.at)} UTC"
        why = f" ({self.error}, which is not replayed)" if self.error in NOT_REPLAYED else ""
        return f"the release is {self.outcome.replace('-', ' ')}{why}"


def answer(minutes: Sequence[Replayed], past: Past) -> str:
    """Say what would have become of the release; `minutes` are those of the replay.

    The weights of a replay are those of the release. Where it leaves a weight earlier than the release did, each later
    step is assumed to take as long as in the release, so the time saved at all steps is saved at the end. Where it
    leaves one later, or not at all, nothing is known about the time after.
    """
    if not minutes:
        return f"No minute could be judged; {past.instead}."
    last = minutes[-1]
    if last.move.kind is MoveKind.ROLL_BACK:
        return _rolled_back(last, past)
    saved = 0
    for place in dict.fromkeys(each.place for each in minutes):
        onward = next((each.at for each in minutes if each.place == place and each.move.kind in ONWARD), None)
        if onward is None:
            return _stays(place, past)
        if place not in past.left:
            return _goes_on(place[1], onward - saved, past)
        saved += past.left[place] - onward
    return _finished(saved, past)


def _rolled_back(last: Replayed, past: Past) -> str:
    would = f"It would have been rolled back at {clock(last.at)} UTC ({last.weight:g} %)"
    if past.move is not MoveKind.ROLL_BACK:
        return f"{would}; {past.instead}."
    return (
        f"{would}, as it was."
        if minute_of(past.at) == minute_of(last.at)
        else f"{would} instead of {clock(past.at)} UTC."
    )


def _goes_on(weight: float, at: int, past: Past) -> str:
    if past.move is MoveKind.ROLL_BACK:
        would_not = f"It would not have been rolled back at {clock(past.at)} UTC"
        return f"{would_not}, but gone on from {weight:g} % at {clock(at)} UTC."
    return f"It would have gone on from {weight:g} % at {clock(at)} UTC; {past.instead}."


def _stays(place: Place, past: Past) -> str:
    _, weight = place
    if past.move is MoveKind.ROLL_BACK and place not in past.left:
        return f"It would not have been rolled back at {clock(past.at)} UTC, but stayed at {weight:g} %."
    until = f" than until {clock(past.left[place])} UTC" if place in past.left else ""
    return f"It would have stayed longer at {weight:g} %{until}; {past.instead}."


def _finished(saved: int, past: Past) -> str:
    if past.move is not MoveKind.FINISH:
        return f"It would have gone on at each weight, and not been rolled back by a verdict; {past.instead}."
    if minute_of(past.at - saved) == minute_of(past.at):
        return f"It would have finished at {clock(past.at)} UTC, as it did."
    return f"It would have finished at {clock(past.at - saved)} UTC instead of {clock(past.at)} UTC."
