"""Writing down that a release was undone from outside: by recover, or by a release that superseded it."""

from collections.abc import Sequence

from tidegate.aws.ledger import history, records
from tidegate.aws.ledger.records import Release
from tidegate.aws.log import logger

RECOVERED = "recovered"
SUPERSEDED = "superseded"


def close_undone(release: Release, sentences: Sequence[str], now: int) -> None:
    """Write down what was restored, and how the release ended if nobody got that far yet. Safe to repeat.

    Only versions that a verdict blamed are remembered as rolled back.
    """
    outcome, why = how_it_ended(release)
    summary = "; ".join(sentences) or "Its aliases were restored"
    if sentences or release.ended is None:
        logger.warning("%s: %s", outcome, summary)
        details = {"summary": summary, "why": why}
        records.record_event(release.name, now, outcome, release.plan.expires, details)
    if release.ended is not None:
        return
    if release.blame:
        history.record_failed(release, release.blame["failed"], now, release.blame["cause"])
    records.close(release.name, outcome, f"{why} {summary}.", now)


def how_it_ended(release: Release) -> tuple[str, str]:
    """Give the outcome's word and, as a sentence, why a release was undone that did not roll itself back."""
    if release.superseded_by:
        return SUPERSEDED, f"Release {release.superseded_by} superseded it."
    why = release.blame["cause"] if release.blame else "Its execution ended before it could finish or roll back."
    return RECOVERED, why
