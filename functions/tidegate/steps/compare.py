"""Compare versions: judge each target on all minutes since the first shift, and decide the next move."""

from typing import Any

from tidegate.aws import gauges
from tidegate.aws.announcements import tell_event
from tidegate.aws.cloudwatch import user_evidence, version_counts
from tidegate.aws.cloudwatch.user_evidence import FoundUsers
from tidegate.aws.cloudwatch.version_counts import Evidence
from tidegate.aws.ending.reason import write_reason
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.ledger import analysis_state, decisions, locks, records
from tidegate.aws.ledger.records import Release
from tidegate.domain.alias import percent
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.fleet import judge_all
from tidegate.domain.analysis.looks import has_looks
from tidegate.domain.analysis.verdict import TargetVerdict, summary_of, worst_of
from tidegate.domain.due_hooks import Moment, with_hooks
from tidegate.domain.execution import COMPARE
from tidegate.domain.hooks import AFTER_STEP, BEFORE_STEP
from tidegate.domain.judge import Verdict
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.next_move import Move, MoveKind, next_move
from tidegate.domain.rollout.overrides import steered
from tidegate.domain.rollout.pauses import next_look
from tidegate.domain.rollout.proof import proof_of
from tidegate.domain.schedule import format_time
from tidegate.domain.waves import has_split, in_wave, left, moving
from tidegate.steps.handling import StepEvent, step
from tidegate.steps.tick import Tick, carry_out, control, record_hold, record_promotion


class CompareEvent(StepEvent):
    step: int


@step(CompareEvent)
def handler(event: CompareEvent) -> dict[str, Any]:
    release = records.read_running(event.release)
    ours = [alias for target in release.plan.shifting for alias in target.aliases]
    locks.require([alias.name for alias in ours], event.release)
    at_once(lambda each: aliases.require(each.function, each.alias, left(each, release.shifts)), ours)
    kept = analysis_state.kept(release)
    found = version_counts.gather(release, kept, event.now)
    users = user_evidence.gather(release, event.now)
    unreadable = kept.unreadable_with(event.now, problem=found.unreadable or users.unreadable)
    verdicts = _judge(release, event.step, found, users, event.now)
    tick = _decide(release, event, verdicts, found, unreadable)
    answer = _answer(tick.release, event, verdicts, tick.move)
    record_hold(tick, event.now, answer["weight"], _next_look(tick.release, event.now))
    record_promotion(release, event.step, tick.move, verdicts)
    reason = write_reason(release, answer.get("reason"), event.now)
    if reason:
        answer["reason"] = reason
    analysis_state.write_minutes(release, event.now, kept, found.fresh, unreadable)
    version_counts.keep_complete_hours(release, found, event.now)
    user_evidence.keep(release, event.now, users)
    _tell(release, event.now, answer, verdicts)
    moments: dict[MoveKind, list[Moment]] = {
        MoveKind.SHIFT: [(AFTER_STEP, event.step), (BEFORE_STEP, tick.move.step)],
        MoveKind.FINISH: [(AFTER_STEP, event.step)],
    }
    if tick.move.kind is MoveKind.BAKE and has_looks(release.plan, release.shifts, event.now):
        answer["next"] = "look"
    return with_hooks(answer, release.plan, moments.get(tick.move.kind, []), then=answer["next"])


def _judge(release: Release, step_index: int, found: Evidence, users: FoundUsers, now: int) -> list[TargetVerdict]:
    """Judge the targets that the step moves; those of a wave that a person promoted at once were never compared."""
    plan, shifts = release.plan, release.shifts
    targets = [target for target in moving(plan, step_index) if has_split(target, shifts)]
    comparisons = [
        Comparison(plan, each, found.readings[name], found.baselines[name], shifts, now, users.evidence.get(name))
        for each in targets
        for name in [each.name]
    ]
    return judge_all(plan, comparisons)


def _decide(
    release: Release, event: CompareEvent, verdicts: list[TargetVerdict], found: Evidence, unreadable: int
) -> Tick:
    """Propose a move from the paused release, then apply decisions; retry if there are new decisions in the meantime.

    Raises
    ------
    AwsBusy
        When decisions arrive faster than they can be recorded.
    """
    for _ in range(decisions.TRIES):
        by = control(release, event.step, event.now)
        plan, pauses, moment = release.plan, by.paused.pauses, event.now
        proposed = next_move(
            plan, event.step, release.shifts, verdicts, now=moment, pauses=pauses, unreadable=unreadable, red=found.red
        )
        outcome = steered(plan, release.name, event.step, by.decisions, proposed, now=moment, frozen=by.frozen)
        tick = carry_out(by, outcome, event.step, moment)
        if tick:
            return tick
    raise decisions.busy(release)


def _tell(release: Release, now: int, answer: dict[str, Any], verdicts: list[TargetVerdict]) -> None:
    for each in verdicts:
        gauges.show_target(each.target.name, gauges.judged(release.plan, each, answer["weight"]))
    details = {**answer, "verdicts": [each.document() for each in verdicts]}
    tell_event(release.name, now, "judged", release.plan.expires, details)


def _next_look(release: Release, now: int) -> int:
    return next_look(now, release.shifts[0].at, release.pauses, release.plan.quick)


def _answer(release: Release, event: CompareEvent, verdicts: list[TargetVerdict], move: Move) -> dict[str, Any]:
    """Return the small result for people; the worst target represents the release."""
    weight = release.plan.step(event.step).weight
    answer: dict[str, Any] = {
        "next": move.kind.value,
        "step": move.step,
        "weight": weight,
        **in_wave(release.plan.step(event.step).wave),
        "verdict": worst_of(verdicts).verdict.value if verdicts else Verdict.NO_DATA.value,
        "summary": _summary(release.plan, verdicts, weight, move),
        "tick": format_time(_next_look(release, event.now)),
    }
    if move.kind is MoveKind.ROLL_BACK and move.reason:
        failed = [v.target.name for v in verdicts if v.verdict is Verdict.FAIL]
        if move.reason[0] == "AlarmRaised":  # an alarm does not say which of them it was
            failed = [v.target.name for v in verdicts]
        answer["reason"] = {"error": move.reason[0], "cause": move.reason[1], "state": COMPARE, "failed": failed}
    return answer


def _summary(plan: ReleasePlan, verdicts: list[TargetVerdict], weight: float, move: Move) -> str:
    summary = summary_of(verdicts, weight) if verdicts else f"{percent(weight / 100)}, promoted without a comparison"
    if move.held:
        return f"{summary}; {move.held}"
    if move.kind is MoveKind.BAKE and verdicts and worst_of(verdicts).verdict is Verdict.PASS:
        return f"{summary}; its bake is not over"
    if move.kind in {MoveKind.SHIFT, MoveKind.FINISH} and (lacks := proof_of(plan, verdicts)):
        return f"{summary}; continues, {lacks.replace('-', ' ')}"
    return summary
