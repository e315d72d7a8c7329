"""Whether the evidence supports a promotion, and the words for a promotion that it does not support."""

from collections.abc import Sequence

from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Verdict
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import IDLE, ReleasePlan
from tidegate.domain.truncation import first_names

NOT_COMPARED, NOT_PROVEN = "not-compared", "not-proven"

WORDS = {NOT_COMPARED: "released, not compared", NOT_PROVEN: "promoted, not proven"}
"""What a promotion is called that the evidence does not support."""


def words_for(outcome: str, proof: str) -> str:
    """Return the words for a release's outcome; one that was rolled back after its promotion keeps its `proof`."""
    return WORDS.get(proof, outcome) if outcome in {"released", "promoted"} else outcome


def is_idle(verdict: TargetVerdict) -> bool:
    """Return whether a target is as idle as Plan expected; unreadable metrics are no evidence of that."""
    return verdict.target.idle and verdict.problem is None and verdict.combined is not None and _calls(verdict) < IDLE


def _calls(verdict: TargetVerdict) -> int:
    metrics = verdict.combined.metrics if verdict.combined else ()
    return next((each.whole.canary_total for each in metrics if each.metric.name == ERRORS), 0)


def may_pass(plan: ReleasePlan, verdict: TargetVerdict) -> bool:
    """Return whether a step may end after its bake: on a pass, or without calls if the request says so."""
    if verdict.verdict is Verdict.PASS:
        return True
    return plan.on_idle == "promote" and verdict.verdict is not Verdict.FAIL and is_idle(verdict)


def on_inconclusive(plan: ReleasePlan, verdicts: Sequence[TargetVerdict]) -> str:
    """Return what happens with inconclusive evidence: `on_idle` overrides it for an idle target."""
    held = plan.on_idle == "hold" and any(is_idle(each) for each in verdicts if each.verdict is not Verdict.PASS)
    return "hold" if held else plan.on_inconclusive


def proof_of(plan: ReleasePlan, verdicts: Sequence[TargetVerdict]) -> str:
    """Return "" if every target passes, otherwise what a promotion on these verdicts lacks."""
    lacking = [each for each in verdicts if each.verdict is not Verdict.PASS]
    if not lacking:
        return ""
    return NOT_COMPARED if all(may_pass(plan, each) for each in lacking) else NOT_PROVEN


def with_wave(
    plan: ReleasePlan, before: tuple[str, tuple[str, ...]], proof: str, lacking: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """Return what the promotion lacks and for which targets, () for all, once one more wave is promoted.

    `before` is the same of the earlier waves, `proof` what this one lacks, for its targets `lacking`.
    """
    worst = NOT_PROVEN if NOT_PROVEN in {before[0], proof} else before[0] or proof
    names = tuple(dict.fromkeys([*before[1], *(lacking if proof else ())]))
    return worst, names if len(names) < len(plan.shifting) else ()


def unproven(verdicts: Sequence[TargetVerdict]) -> tuple[str, ...]:
    """Name the targets that do not pass, if others do."""
    lacking = tuple(each.target.name for each in verdicts if each.verdict is not Verdict.PASS)
    return lacking if len(lacking) < len(verdicts) else ()


def said(proof: str, names: Sequence[str]) -> str:
    """Return the words for an outcome, with the targets if others are proven; empty for a proven one."""
    words = WORDS.get(proof, "")
    return f"{words}: {first_names(names)}" if words and names else words
