"""Decide: record a person's decision on a running release, which takes effect at the next check.

People invoke it; docs/decisions.md says how. It can write only decisions.
"""

import time
from typing import Any

from tidegate.aws.announcements import announce_items
from tidegate.aws.failures import in_our_words
from tidegate.aws.ledger import decisions, freezes, records
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger
from tidegate.domain.control.decision import Decisions
from tidegate.domain.control.decision_rules import NextLook, Ruling, Standing, answer, rule
from tidegate.domain.control.requests import DecisionRequest, parse_decision
from tidegate.domain.errors import AwsBusy, ReleaseUnknown
from tidegate.domain.rollout.pauses import latest_look
from tidegate.domain.schedule import MINUTE
from tidegate.domain.waves import current, position

TRIES = 5

LOOKS_BACK_WITHIN = 5 * MINUTE
"""Most seconds until the first look back after the shift to 100 %: until one minute can be read."""


def handler(event: Any, _context: Any) -> dict[str, Any]:
    now = int(time.time())
    told = in_our_words(lambda: _decide(parse_decision(event), now))
    logger.info(told["summary"], extra={"release": told["release"], "accepted": told["accepted"]})
    return told


def _decide(order: DecisionRequest, now: int) -> dict[str, Any]:
    """Rule on the current state, and record the decision unless the state has changed."""
    for _ in range(TRIES):
        try:
            release = records.read(order.release)
        except ReleaseUnknown as error:
            return answer(order, Ruling(False, f"{error} Check its name in the Step Functions console."))
        said = decisions.read(release)
        freeze = freezes.covering(release.plan.freezable, now)
        wave, weight = current(release.plan, position(release.plan, release.shifts))
        # The clocks of Lambda and Step Functions are two: nothing is decided before what happened already.
        at = max(now, release.shifts[-1].at if release.shifts else release.started)
        ahead = _ahead(release, said, at)
        ended = release.status, release.ended, release.outcome
        standing = Standing(release.plan, said, ahead, weight, *ended, freeze, wave)
        ruling = rule(order, standing, at)
        if ruling.decision is None:
            return answer(order, ruling)
        told = decisions.add(release, said, ruling.decision, _event(ruling))
        if told:
            announce_items(release.name, [told])
            return answer(order, ruling)
    raise AwsBusy(f"Release {order.release} kept changing while the decision was recorded; decide again.")


def _ahead(release: Release, said: Decisions, now: int) -> NextLook:
    first_shift = release.shifts[0].at if release.shifts else None
    targets = [target.name for target in release.plan.targets]
    if said.looks_back:
        return NextLook(release.execution, targets, max(now, said.looks_back) + LOOKS_BACK_WITHIN)
    if said.finishing:
        return NextLook(release.execution, targets, None, "its hooks have answered")
    wave, _ = current(release.plan, position(release.plan, release.shifts))
    promoted = wave if any(step.promotes and step.wave == wave for step in release.plan.strategy.steps) else None
    look = latest_look(now, first_shift, release.pauses, release.plan.quick)
    return NextLook(release.execution, targets, look, wave=promoted)


def _event(ruling: Ruling) -> dict[str, Any]:
    """Return the milestone in its ledger form."""
    assert ruling.decision is not None
    said = ruling.decision
    return {
        "kind": "decided",
        "at": said.at,
        "decision": said.kind.value,
        "by": said.by,
        "reason": said.reason,
        "via": said.via,
        "to": said.to,
        "summary": ruling.summary,
    }
