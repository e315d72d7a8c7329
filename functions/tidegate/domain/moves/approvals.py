"""Approvals: where a release asks before it goes on."""

from tidegate.domain.alias import percent
from tidegate.domain.people.decision import Question
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import MINUTE, format_time

BEFORE_TRAFFIC = "before_traffic"
BEFORE_FINISH = "before_finish"


def gate_at(plan: ReleasePlan, step: int, *, finishing: bool) -> str | None:
    """Name what has to be approved before a release leaves a step, -1 being the time before any traffic.

    Of several approvals that are due at once, one answer is enough: they are one gate.
    """
    if step < 0:
        return BEFORE_TRAFFIC if BEFORE_TRAFFIC in plan.approvals and not _all_live(plan) else None
    weight = plan.step(step).weight
    due = [f"{approval:g}" for approval in plan.approvals if approval == weight and not isinstance(approval, str)]
    if finishing and BEFORE_FINISH in plan.approvals:
        due.append(BEFORE_FINISH)
    return ", ".join(due) or None


def _all_live(plan: ReleasePlan) -> bool:
    return all(target.live for target in plan.targets)


def ask(plan: ReleasePlan, release: str, step: int, gate: str, now: int) -> Question:
    """Put the question of a gate, with how to answer and what happens when nobody does."""
    until = now + plan.approval_minutes * MINUTE
    what = "shall it get traffic" if step < 0 else f"shall it go on from {percent(plan.step(step).weight / 100)}"
    otherwise = "it is rolled back" if plan.on_approval_timeout == "rollback" else "it goes on"
    text = (
        f"{what}? Answer with tidegate promote {release}, or abort; "
        f"without an answer by {format_time(until)} {otherwise}"
    )
    return Question(gate, now, until, text)
