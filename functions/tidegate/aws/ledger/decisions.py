"""Decisions on a release, in a separate partition: the only one that Decide may write to.

Decide and the state machine write the same item, each on the condition that it is unchanged: so one of two
decisions is the first, and no decision is accepted that the state machine would miss.
"""

from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.failures import code_of
from tidegate.aws.ledger import reading, table
from tidegate.aws.ledger.records import RUNNING, Release
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.domain.control.decision import Decision, Decisions, Kind, Question, aborted
from tidegate.domain.errors import Aborted, AwsBusy
from tidegate.domain.ledger_items import (
    CURRENT,
    QUESTION,
    RECORD,
    decided_key,
    decisions_partition,
    release_partition,
)
from tidegate.domain.rollout.next_move import MoveKind
from tidegate.domain.rollout.overrides import Steered

TRIES = 3
"""How often a write is retried because somebody decided at the same moment."""


def read(release: Release) -> Decisions:
    """Return the decisions on a release; decisions on an earlier release with the same name do not count.

    A malformed item counts as no decision: the release continues as judged, and the next decision replaces the item.
    A malformed question is asked again.
    """
    keys = [(decisions_partition(release.name), sk) for sk in (CURRENT, QUESTION)]
    skipped = list[reading.Item]()
    parts = dict(reading.each(table.get_all(keys), lambda item: (item["sk"], _part(item, release)), skipped))
    question = parts.get(QUESTION)
    said = parts.get(CURRENT) or Decisions(malformed=any(item["sk"] == CURRENT for item in skipped))
    return replace(said, question=question) if isinstance(question, Question) else said


def _part(item: reading.Item, release: Release) -> Any:
    """Read one of the items; None if it belongs to an earlier release."""
    if reading.typed(item, "started", int) != release.started:
        return None
    if item["sk"] == QUESTION:
        return Question.of(item)
    return Decisions(
        number=reading.typed(item, "number", int),
        decision=Decision.of(item["decision"]) if item["decision"] else None,
        closed=reading.typed(item, "closed", int) or None,
        finishing=item.get("finishing") or None,
        looks_back=item.get("looks_back") or None,
    )


def add(release: Release, seen: Decisions, decision: Decision, event: dict[str, Any]) -> table.Item | None:
    """Write a decision and its event; return the event.

    None if something has changed since `seen` was read.
    """
    number = seen.number + 1
    key = decided_key(decision.at, number)
    told = {"pk": decisions_partition(release.name), "sk": key, "ttl": release.plan.expires, **event}
    running = table.check_request(
        release_partition(release.name),
        RECORD,
        condition="#status = :running AND #started = :started AND attribute_not_exists(#ended)",
        running=RUNNING,
        started=release.started,
    )
    try:
        after = replace(seen, number=number, decision=decision)
        table.transact_put([table.put_request(**_current(release, seen, after)), table.put_request(told)], [running])
    except ClientError as error:
        if code_of(error) != "TransactionCanceledException":
            raise
        return None
    return told


def carry_out(release: Release, seen: Decisions, steered: Steered, now: int) -> bool:
    """Write the effect of a tick on the decisions; False if there is a new decision in the meantime."""
    if steered.asks:
        question = {**steered.asks.document(), "started": release.started, "ttl": release.plan.expires}
        table.put({"pk": decisions_partition(release.name), "sk": QUESTION, **question})
    after = seen
    decision = seen.pending if steered.taken else seen.decision if steered.renewed else None
    if decision:
        after = replace(after, decision=replace(decision, taken=now))
    # Open again where a first try of this tick was about to end the release, and this one is not.
    ends = (seen.closed or now) if steered.closes else None
    if ends and release.plan.hooks and steered.move.kind is MoveKind.FINISH:
        after = replace(after, closed=None, finishing=seen.finishing or now)  # hooks take minutes; Finish closes
    else:
        after = replace(after, closed=ends, finishing=None)
    return after == seen or _write(release, seen, after)


def look_back(release: Release, whole: int) -> None:
    """Accept aborts again: by `whole` every request goes to the new version, and nothing is promoted yet.

    Safe to repeat.

    Raises
    ------
    AwsBusy
        When people decide faster than this can be written.
    """
    for _ in range(TRIES):
        said = read(release)
        if (said.looks_back or 0) >= whole or _write(release, said, replace(said, closed=None, looks_back=whole)):
            return
    raise busy(release)


def abort_in(said: Decisions, now: int) -> Decision | None:
    """Return the abort that the check at `now` must apply."""
    fresh = said.fresh(now)
    return fresh if fresh and fresh.kind is Kind.ABORT else None


def close(release: Release, now: int) -> Decision | None:
    """Accept no more decisions, and return an earlier abort, if there is one; raises like `look_back`."""
    for _ in range(TRIES):
        said = read(release)
        abort = abort_in(said, now)
        decision = replace(abort, taken=now) if abort else said.decision
        after = replace(said, decision=decision, closed=said.closed or now)
        if after == said or _write(release, said, after):
            return abort
    raise busy(release)


def close_unless_aborted(release: Release, now: int) -> None:
    """Accept no more decisions, because the aliases move now; during a look back aborts stay possible.

    Raises
    ------
    Aborted
        While the hooks of the release ran; with who did, and why.
    AwsBusy
        Like `look_back`.
    """
    abort = None if read(release).looks_back else close(release, now)
    if abort:
        raise Aborted(aborted(abort)[1])


def busy(release: Release) -> AwsBusy:
    """Report that decisions arrive faster than they can be recorded."""
    return AwsBusy(f"Decisions on release {release.name} kept arriving while they were being recorded.")


def _write(release: Release, seen: Decisions, after: Decisions) -> bool:
    try:
        table.put(**_current(release, seen, after))
    except ConditionUnmet:
        return False
    return True


def _current(release: Release, seen: Decisions, after: Decisions) -> dict[str, Any]:
    """Return the item of the last decision, and the condition that it is unchanged."""
    item = {
        "pk": decisions_partition(release.name),
        "sk": CURRENT,
        "started": release.started,
        "number": after.number,
        "decision": after.decision.document() if after.decision else None,
        "closed": after.closed or 0,
        "finishing": after.finishing or 0,
        "looks_back": after.looks_back or 0,
        "ttl": release.plan.expires,
    }
    if seen.malformed:
        return {"item": item}
    unchanged = "#started = :started AND #number = :seen AND #closed = :closed"
    return {
        "item": item,
        "condition": f"attribute_not_exists(#pk) OR #started <> :started OR ({unchanged})",
        "started": release.started,
        "seen": seen.number,
        "closed": seen.closed or 0,
    }


def refuse_aborted(release: Release) -> None:
    """Check that nobody has aborted a release that is about to receive traffic, or more traffic.

    Raises
    ------
    Aborted
        With who did, and why.
    """
    decision = read(release).decision
    if decision and decision.kind is Kind.ABORT:
        raise Aborted(aborted(decision)[1])
