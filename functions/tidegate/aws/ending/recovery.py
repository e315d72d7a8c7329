"""Recording that a release was rolled back from outside: by Recover, or by a release that superseded it."""

from collections.abc import Collection
from dataclasses import dataclass

from tidegate.aws.ledger import history, items, records
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger

RECOVERED = "recovered"
SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Undone:
    """How a release ended: the outcome's word, the reason, and the restored aliases as sentences."""

    outcome: str
    why: str
    summary: str


def close_undone(
    release: Release, sentences: Collection[str], now: int, *, whole: bool = True, insist: bool = True
) -> Undone | None:
    """Record the restored aliases, and the outcome of the release if it is not recorded yet. Safe to repeat.

    It has not ended before it is `whole`: all its aliases are restored. Returns None if there is nothing
    to report: nothing was restored, and everything is recorded. Only versions that a verdict blamed are remembered as
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
    """Return the outcome's word and the reason, as a sentence, of a release that was rolled back from outside."""
    if release.superseded_by:
        return SUPERSEDED, f"Release {release.superseded_by} superseded it."
    why = release.blame["cause"] if release.blame else "Its execution ended before it could finish or roll back."
    return RECOVERED, why
