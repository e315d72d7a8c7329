"""Writing down that a release was undone from outside: by recover, or by a release that superseded it."""

from collections.abc import Collection
from dataclasses import dataclass

from tidegate.aws.ledger import history, items, records
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger

RECOVERED = "recovered"
SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Undone:
    """How a release ended: the outcome's word, and as sentences why, and what was restored."""

    outcome: str
    why: str
    summary: str


def close_undone(
    release: Release, sentences: Collection[str], now: int, *, whole: bool = True, insist: bool = True
) -> Undone | None:
    """Write down what was restored, and how the release ended if nobody got that far yet. Safe to repeat.

    It has not ended before it is `whole`: before each of its aliases is restored. Gives None where there is nothing to
    tell: nothing was restored, and all is written down already. Only versions that a verdict blamed are remembered as
    rolled back. With `insist`, see `optional.put`.
    """
    if release.ended is not None and not sentences:
        return None
    outcome, why = how_it_ended(release)
    undone = Undone(release.ended or outcome, why, "; ".join(sentences) or "Its aliases were restored")
    logger.warning("%s: %s", undone.outcome, undone.summary)
    details = {"summary": undone.summary, "why": why}
    items.record_event(release.name, now, outcome, release.plan.expires, details, insist=insist)
    if release.ended is None and whole:
        if release.blame:
            history.record_failed(release, release.blame["failed"], now, release.blame["cause"], insist=insist)
        records.close(release.name, outcome, f"{why} {undone.summary}.", now)
    return undone


def how_it_ended(release: Release) -> tuple[str, str]:
    """Give the outcome's word and, as a sentence, why a release was undone that did not roll itself back."""
    if release.superseded_by:
        return SUPERSEDED, f"Release {release.superseded_by} superseded it."
    why = release.blame["cause"] if release.blame else "Its execution ended before it could finish or roll back."
    return RECOVERED, why
