"""Decisions on a running release, and its approval requests."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from tidegate.domain.alias import percent
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import MINUTE, format_time, is_time


class Kind(StrEnum):
    HOLD = "hold"
    PROMOTE = "promote"
    ABORT = "abort"


PAST = {Kind.HOLD: "held", Kind.PROMOTE: "promoted", Kind.ABORT: "aborted"}


@dataclass(frozen=True)
class Decision:
    """A decision at a time in seconds since 1970.

    `by` (name) and `via` (source) are stated by the caller and not verified. `to` is the weight
    (percent) to promote to, 100 to finish. `taken` is the tick at which it took effect.
    """

    kind: Kind
    by: str
    reason: str
    via: str
    at: int
    to: float | None = None
    taken: int | None = None

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Decision":
        """Read a decision; raises KeyError, TypeError or ValueError where it is none."""
        known = {name: document[name] for name in cls.__dataclass_fields__ if name in document}
        decision = cls(**{**known, "kind": Kind(document["kind"])})
        if not all(isinstance(text, str) for text in (decision.by, decision.reason, decision.via)):
            raise TypeError(f"{decision!r:.200} has a value of another type")
        if not is_time(decision.at) or not (decision.taken is None or is_time(decision.taken)):
            raise TypeError(f"{decision!r:.200} has a time that is not a number")
        return decision

    def __str__(self) -> str:
        """Format it as `promoted to 50 % by ana (looks good)`."""
        goal = "" if self.to is None else f" to {percent(self.to / 100)}"
        return f"{PAST[self.kind]}{goal} by {self.by}" + (f" ({self.reason})" if self.reason else "")

    def same_as(self, other: "Decision") -> bool:
        return (self.kind, self.to) == (other.kind, other.to)


@dataclass(frozen=True)
class Question:
    """An approval request: the approvals of `gate`, since `asked` and until `until` at most."""

    gate: str
    asked: int
    until: int
    text: str

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Question":
        """Read a question; raises KeyError or TypeError where it is none."""
        question = cls(**{name: document[name] for name in cls.__dataclass_fields__})
        if not is_time(question.asked) or not is_time(question.until):
            raise TypeError(f"{question!r:.200} has a time that is not a number")
        return question


@dataclass(frozen=True)
class Decisions:
    """The decisions on a release, from the ledger.

    `number` counts the decisions; `closed` is when no more were taken (seconds since 1970). `finishing` is when the
    release was about to finish, once its hooks have answered, and `looks_back` when every request went to the new
    version, which may still be rolled back: from then on it can only be aborted.
    `malformed`: the item of the last decision cannot be read.
    """

    number: int = 0
    decision: Decision | None = None
    question: Question | None = None
    closed: int | None = None
    finishing: int | None = None
    looks_back: int | None = None
    malformed: bool = False

    @property
    def pending(self) -> Decision | None:
        """The decision that has not taken effect yet."""
        return self.decision if self.decision and self.decision.taken is None else None

    def fresh(self, now: int) -> Decision | None:
        """Return the decision that the tick at `now` must apply, or has applied if this is a retry."""
        return self.decision if self.decision and self.decision.taken in {None, now} else None

    def hold(self, seconds: int, now: int) -> tuple[Decision, int] | None:
        """Return the active hold, and its end, `seconds` after it took effect."""
        if self.decision is None or self.decision.kind is not Kind.HOLD:
            return None
        return self.decision, (now if self.decision.taken is None else self.decision.taken) + seconds


def aborted(decision: Decision) -> tuple[str, str]:
    """Return the error and the sentence of a release that somebody aborted."""
    why = f": {decision.reason.rstrip('.')}" if decision.reason else ""
    return "Aborted", f"{decision.by} aborted it at {format_time(decision.at)}{why}."


BEFORE_TRAFFIC = "before_traffic"
BEFORE_FINISH = "before_finish"


def gate_at(plan: ReleasePlan, step: int, *, finishing: bool) -> str | None:
    """Name the approvals that are required before a release leaves a step; -1 is the time before any traffic.

    Several approvals that are due at the same time are one gate and need one answer.
    """
    if step < 0:
        return BEFORE_TRAFFIC if BEFORE_TRAFFIC in plan.approvals and not _all_live(plan) else None
    weight, wave = plan.step(step).weight, plan.step(step).wave
    due = [
        f"{approval:g}{_in(wave)}"
        for approval in plan.approvals
        if approval == weight and not isinstance(approval, str)
    ]
    if finishing and BEFORE_FINISH in plan.approvals:
        due.append(BEFORE_FINISH)
    return ", ".join(due) or None


def _in(wave: int | None) -> str:
    return "" if wave is None else f" in wave {wave}"


def _all_live(plan: ReleasePlan) -> bool:
    return all(target.live for target in plan.targets)


def ask(plan: ReleasePlan, release: str, step: int, gate: str, now: int) -> Question:
    """Build the approval request of a gate, with how to answer and what happens without an answer."""
    until = now + plan.approval_minutes * MINUTE
    what = "may it receive traffic"
    if step >= 0:
        what = f"may it continue from {percent(plan.step(step).weight / 100)}{_in(plan.step(step).wave)}"
    otherwise = "it is rolled back" if plan.on_approval_timeout == "rollback" else "it continues"
    text = (
        f"{what}? Answer with tidegate promote {release}, or abort; "
        f"without an answer by {format_time(until)} {otherwise}"
    )
    return Question(gate, now, until, text)
