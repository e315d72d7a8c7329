"""Compare versions: judge each target on all minutes since the first shift, say what comes next."""

from typing import Any

from tidegate.aws import gauges
from tidegate.aws.announcements import tell_event
from tidegate.aws.cloudwatch import version_counts
from tidegate.aws.cloudwatch.error_logs import explain, told
from tidegate.aws.cloudwatch.version_counts import Evidence
from tidegate.aws.gauges import judged
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.ledger import analysis_state, items, locks, records
from tidegate.aws.ledger.records import Release
from tidegate.domain.alias import shifted
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.verdict import SERIOUSNESS, TargetVerdict
from tidegate.domain.judge import Verdict
from tidegate.domain.plan import TargetPlan
from tidegate.domain.rollout.next_move import Move, MoveKind, next_move
from tidegate.domain.rollout.pauses import next_look
from tidegate.domain.schedule import format_time
from tidegate.domain.untrusted import shortened
from tidegate.steps.handling import StepEvent, step
from tidegate.steps.tick import record_hold, steer


class CompareEvent(StepEvent):
    step: int


@step(CompareEvent)
def handler(event: CompareEvent) -> dict[str, Any]:
    release = records.read_running(event.release)
    locks.require([target.name for target in release.plan.shifting], event.release)
    _check_aliases(release, event.step)
    kept = analysis_state.kept(release)
    found = version_counts.gather(release, kept, event.now)
    unreadable = kept.unreadable_with(event.now, problem=found.unreadable)
    verdicts = _judge(release, found, event.now)
    tick = steer(
        release,
        event.step,
        event.now,
        lambda paused: next_move(
            paused.plan,
            event.step,
            paused.shifts,
            verdicts,
            now=event.now,
            pauses=paused.pauses,
            unreadable=unreadable,
            red=found.red,
        ),
    )
    answer = _answer(tick.release, event, verdicts, tick.move)
    record_hold(release, event.now, answer["weight"], tick.move)
    _blame(release, answer, event.now)
    analysis_state.write_minutes(release, event.now, kept, found.fresh, unreadable)
    version_counts.keep_complete_hours(release, found, event.now)
    _tell(release, event.now, answer, verdicts)
    return answer


def _blame(release: Release, answer: dict[str, Any], now: int) -> None:
    """Write down why the release fails, if it does; or that it does not, where a first try of this tick said so."""
    if "reason" in answer:
        records.blame(release.name, answer["reason"])
        answer["reason"] = _explained(release, answer["reason"], now)
    elif release.blame:
        records.blame(release.name, None)


def _tell(release: Release, now: int, answer: dict[str, Any], verdicts: list[TargetVerdict]) -> None:
    for each in verdicts:
        gauges.show_target(each.target.name, judged(release.plan, each, answer["weight"]))
    details = {**answer, "verdicts": [each.document() for each in verdicts]}
    tell_event(release.name, now, "judged", release.plan.expires, details)


def _explained(release: Release, reason: dict[str, Any], now: int) -> dict[str, Any]:
    """Add what the failed versions logged; the reason itself is written down before, however long that takes."""
    errors = explain(release, [each for each in release.plan.shifting if each.name in reason["failed"]], now)
    if not errors:
        return reason
    fuller = {**reason, "cause": shortened(reason["cause"] + told(errors), records.LONGEST)}
    records.blame(release.name, fuller)
    items.record_errors(release.name, now, release.plan.expires, errors)
    return fuller


def _check_aliases(release: Release, step_index: int) -> None:
    """Check that nobody else moved an alias during the bake.

    Raises
    ------
    AliasMoved
        With the expected and the found state.
    """
    weight = release.plan.step(step_index).weight

    def check(target: TargetPlan) -> None:
        expected = shifted(*target.versions(), weight)
        found = aliases.read(target.function, target.alias)
        if found is None or found.state != expected:
            raise aliases.moved(target.name, expected, found)

    at_once(check, release.plan.shifting)


def _judge(release: Release, found: Evidence, now: int) -> list[TargetVerdict]:
    return [
        Comparison(
            release.plan, target, found.readings[target.name], found.baselines[target.name], release.shifts, now
        ).judge()
        for target in release.plan.shifting
    ]


def _answer(release: Release, event: CompareEvent, verdicts: list[TargetVerdict], move: Move) -> dict[str, Any]:
    """Give the small result a watcher reads; the worst target speaks for the release."""
    weight = release.plan.step(event.step).weight
    worst = min(verdicts, key=lambda each: SERIOUSNESS.index(each.verdict))
    answer: dict[str, Any] = {
        "next": move.kind.value,
        "step": move.step,
        "weight": weight,
        "verdict": worst.verdict.value,
        "summary": _summary(worst, verdicts, weight, move),
        "tick": format_time(next_look(event.now, release.shifts[0].at, release.pauses, release.plan.quick)),
    }
    if move.kind is MoveKind.ROLL_BACK and move.reason:
        failed = [v.target.name for v in verdicts if v.verdict is Verdict.FAIL]
        if move.reason[0] == "AlarmRaised":  # an alarm does not say which of them it was
            failed = [v.target.name for v in verdicts]
        answer["reason"] = {"error": move.reason[0], "cause": move.reason[1], "failed": failed}
    return answer


def _summary(worst: TargetVerdict, verdicts: list[TargetVerdict], weight: float, move: Move) -> str:
    summary = worst.summary(weight)
    if len(verdicts) > 1:
        passed = sum(v.verdict is Verdict.PASS for v in verdicts)
        summary = f"{worst.target.name}: {summary} ({passed} of {len(verdicts)} pass)"
    if move.held:
        return f"{summary}; {move.held}"
    if move.kind is MoveKind.BAKE and worst.verdict is Verdict.PASS:
        return f"{summary}; its bake is not over"
    return summary
