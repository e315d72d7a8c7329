"""Rules of decisions: whether a decision is accepted, its effect, and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.alias import percent
from tidegate.domain.control.decision import Decision, Decisions, Kind
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.control.requests import SMALLEST_DECISION, DecisionRequest, refusal
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.request.problems import Problem
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.domain.strategy import HIGHEST_WEIGHT, LOWEST_WEIGHT, MOST_STEPS, WHOLE

SOON = 3 * MINUTE
"""Seconds that are acceptable to wait after an abort; the first check comes two and a half minutes after a
shift."""

NAMED = 3
"""For more targets, the advice for a roll back is given once for all."""


@dataclass(frozen=True)
class NextLook:
    """The next check of a release: at `look` at the latest (seconds since 1970).

    None: as soon as `waits`, without a time. A promotion to 100 % promotes only `wave`, if it is given.
    """

    execution: str
    targets: Sequence[str]
    look: int | None
    waits: str = "every version is ready"
    wave: int | None = None

    @property
    def when(self) -> str:
        return f"as soon as {self.waits}" if self.look is None else f"at the next check, by {format_time(self.look)}"

    def of(self, decision: Decision) -> str:
        """Describe the effect of a decision."""
        if decision.kind is Kind.HOLD:
            return f"It stops shifting {self.when}, and is still judged."
        if decision.kind is Kind.ABORT:
            return f"It is rolled back {self.when}."
        goal = f"continues to {percent((decision.to or 0) / 100)}"
        if decision.to == WHOLE:
            goal = "finishes" if self.wave is None else f"promotes wave {self.wave}, then continues with the next one"
        return f"It {goal} {self.when}, unless a version fails by then."

    def at_once(self, now: int) -> str:
        """Describe how to roll a release back at once; empty if its next check is soon."""
        return "" if self.look is not None and self.look - now <= SOON else f" {self._stop}"

    def instead(self, first: Decision, second: Decision) -> str:
        """Describe what the caller of a second, conflicting decision can do."""
        if first.kind is Kind.ABORT:
            return " You can release its version again after that."
        if second.kind is not Kind.ABORT:
            return " Decide again after that."
        way = (
            f"After it has finished, go back with: {self._back}." if first.to == WHOLE else "Abort it again after that."
        )
        return f" {way} {self._stop}"

    @property
    def _stop(self) -> str:
        return (
            "To roll it back at once, stop its execution; Recover then restores its aliases: "
            f"aws stepfunctions stop-execution --execution-arn {self.execution}"
        )

    @property
    def _back(self) -> str:
        if len(self.targets) > NAMED:
            return f"tidegate rollback FUNCTION:ALIAS for each of its {len(self.targets)} targets"
        return ", ".join(f"tidegate rollback {target}" for target in self.targets)


@dataclass(frozen=True)
class Standing:
    """The status of a release: `weight` is that of its current `wave` (percent), 0 before the first shift.

    `status` and `ended` are the ledger's words, `outcome` its sentence about how it ended.
    """

    plan: ReleasePlan
    said: Decisions
    ahead: NextLook
    weight: float
    status: str
    ended: str | None = None
    outcome: str = ""
    freeze: Freeze | None = None
    wave: int | None = None

    @property
    def weights(self) -> list[float]:
        """The weights of the wave's steps."""
        return [step.weight for step in self.plan.strategy.of_wave(self.wave).steps]


@dataclass(frozen=True)
class Ruling:
    """The answer: `decision` is to be recorded, or None; `advice` is only for the caller."""

    accepted: bool
    summary: str
    decision: Decision | None = None
    advice: str = ""


def rule(order: DecisionRequest, standing: Standing, now: int) -> Ruling:
    """Accept a decision, or explain why not; a repeated decision is accepted without effect.

    Raises
    ------
    InvalidRequest
        For a promotion to a weight that is not a step of the release.
    """
    wrong = _too_late(order, standing) or _of_regions(order, standing)
    if wrong:
        return Ruling(False, wrong)
    to = _goal(order, standing) if order.decision == "promote" else None
    decision = order.decided(now, to)
    unneeded = _already(decision, standing) or _in_the_way(decision, standing)
    return unneeded or _accepted(order.release, decision, standing.ahead)


def _too_late(order: DecisionRequest, standing: Standing) -> str | None:
    if standing.ended:
        return f"Too late: release {order.release} is over ({standing.ended}). {standing.outcome}".rstrip()
    if standing.status == "undoing":
        return f"Too late: release {order.release} is being rolled back."
    if standing.status == "promoted" or standing.said.closed is not None:
        return f"Too late: release {order.release} is about to end; it accepts no more decisions."
    if standing.said.finishing and not standing.said.looks_back and order.decision != "abort":
        return (
            f"Too late: release {order.release} sends every request to the new version as soon as its hooks have "
            "answered. It can only be aborted now."
        )
    if standing.said.looks_back and order.decision != "abort":
        return (
            f"Too late: release {order.release} has sent every request to the new version and is in its look back, "
            "which compares it with the hour before. It can only be aborted now."
        )
    return None


def _of_regions(order: DecisionRequest, standing: Standing) -> str | None:
    if not standing.plan.regions or order.decision == "abort":
        return None
    return (
        f"Release {order.release} is one of several Regions and can only be aborted: hold or promote the release of a "
        "Region, by Tidegate there. tidegate report names it."
    )


def _goal(order: DecisionRequest, standing: Standing) -> float:
    """Return the weight to promote to: the given one or the next step's, 100 to finish."""
    weights = standing.weights
    if order.to is None:
        return next_weight(weights, standing.weight)
    if order.to not in {*weights, WHOLE} and not _between(order.to, weights, standing.weight):
        example = f'"to": {next_weight(weights, standing.weight):g}'
        raise refusal([Problem(("to",), _no_step(order.to, weights, standing.weight), example)], SMALLEST_DECISION)
    return order.to


def _between(to: float, weights: Sequence[float], weight: float) -> bool:
    """Return whether a release at `weight` may stop there before its next step; each such stop is one more step."""
    if not weights or len(weights) >= MOST_STEPS:
        return False
    return weight < to < next_weight(weights, weight) and LOWEST_WEIGHT <= to <= HIGHEST_WEIGHT


def _no_step(to: float, weights: Sequence[float], weight: float) -> str:
    if not weights:
        return "must be 100 here"
    known = ", ".join(f"{each:g}" for each in weights)
    following = min(next_weight(weights, weight), HIGHEST_WEIGHT)
    near = f", or any weight between {weight:g} and {following:g}" if len(weights) < MOST_STEPS else ""
    return f"there is no step at {to:g} %; the weights are {known} and 100{near}"


def next_weight(weights: Iterable[float], weight: float) -> float:
    """Return the step after the one at `weight`, 100 after the last."""
    return next((each for each in weights if each > weight), WHOLE)


def _already(decision: Decision, standing: Standing) -> Ruling | None:
    made = standing.said.pending
    if made and made.same_as(decision):
        return Ruling(True, f"Already {made} at {format_time(made.at)}. {standing.ahead.of(made)}")
    hold = standing.said.hold(standing.plan.max_hold_minutes * MINUTE, decision.at)
    if decision.kind is Kind.HOLD and hold and decision.at < hold[1]:
        return Ruling(True, f"Already {hold[0]}, until {format_time(hold[1])} at most.")
    if decision.to is not None and decision.to <= standing.weight:
        return Ruling(True, f"Already at {percent(standing.weight / 100)}.")
    return None


def _in_the_way(decision: Decision, standing: Standing) -> Ruling | None:
    made = standing.said.pending
    if made and not _ends(decision, made):
        first = f"The release was {made} at {format_time(made.at)}, which takes precedence"
        return Ruling(False, f"{first}. {standing.ahead.of(made)}", advice=standing.ahead.instead(made, decision))
    if decision.kind is Kind.PROMOTE and standing.freeze:
        how = f"tidegate thaw '{standing.freeze.pattern}'"
        return Ruling(
            False, f"It cannot continue: {standing.freeze}. Decide again after that, or remove the freeze: {how}"
        )
    return None


def _ends(decision: Decision, made: Decision) -> bool:
    """Return whether a decision ends a pending one instead of contradicting it.

    An abort ends a hold.
    """
    return decision.kind is Kind.ABORT and made.kind is Kind.HOLD


def _accepted(release: str, decision: Decision, ahead: NextLook) -> Ruling:
    advice = ahead.at_once(decision.at) if decision.kind is Kind.ABORT else ""
    return Ruling(True, f"{release} is {decision}. {ahead.of(decision)}", decision, advice)


def _number(weight: float) -> float:
    """Write a whole number without a decimal point: 100 next to 30."""
    return int(weight) if weight == int(weight) else weight


def answer(order: DecisionRequest, ruling: Ruling) -> dict[str, Any]:
    """Return the answer for the caller."""
    told = ruling.decision
    return {
        "summary": f"{ruling.summary}{ruling.advice}",
        "accepted": ruling.accepted,
        "already": ruling.accepted and told is None,
        "release": order.release,
        "decision": order.decision,
        **({"to": _number(told.to)} if told and told.to is not None else {}),
    }
