"""Run hooks: ask the user's function that is due at this moment, then continue where the release was going.

Of several that are due, each is asked in its own state, with its own retries.
"""

from typing import Any

from pydantic import BaseModel

from tidegate.aws.announcements import tell_event
from tidegate.aws.lambda_ import hooks
from tidegate.aws.ledger import answers, records
from tidegate.aws.ledger.answers import Told
from tidegate.aws.ledger.records import Release
from tidegate.domain.due_hooks import told
from tidegate.domain.errors import AwsBusy, HookFailed, HookRefused, HookUnanswered, HookWakingUp, TidegateError
from tidegate.domain.foreign_text import undotted
from tidegate.domain.hooks import OVER, TRIES, PlannedHook
from tidegate.steps.handling import StepEvent, step

RETRIES: dict[type[TidegateError], int] = {HookFailed: TRIES - 1, AwsBusy: 7, HookWakingUp: 11}
"""How often the state machine retries each error of a hook; after that, a hook that does not insist is reported."""

FINAL = {kind.__name__: kind for kind in (HookRefused, HookUnanswered)}
"""Errors after which a hook is not asked again."""


class DueHook(BaseModel):
    moment: str
    step: int | None


class HooksEvent(StepEvent):
    """`answer` is that of the state before, with `hooks` and where to continue; `retries` of this state."""

    answer: dict[str, Any]
    retries: int


@step(HooksEvent)
def handler(event: HooksEvent) -> dict[str, Any]:
    first, *rest = event.answer["hooks"]
    due = DueHook.model_validate(first)
    over = due.moment in OVER
    release = records.read(event.release) if over else records.read_running(event.release)
    said, recorded = _run(event, release, due)
    ran = [*event.answer.get("ran", []), {"moment": due.moment, "said": said}]
    if rest:
        return {**event.answer, "hooks": rest, "ran": ran}
    summary = "; ".join(each["said"] for each in ran)
    details = {"hooks": [each["moment"] for each in ran], "summary": summary}
    # A retry for the sake of this event must not ask the hook again, nor delay what is over.
    tell_event(event.release, event.now, "hooks-ran", release.plan.expires, details, insist=recorded and not over)
    answer = {name: value for name, value in event.answer.items() if name not in {"hooks", "ran", "then"}}
    return {**answer, "next": event.answer["then"], "hooked": summary}


def _run(event: HooksEvent, release: Release, due: DueHook) -> tuple[str, bool]:
    """Ask one function, unless it has answered; return the result as a sentence, and whether it is recorded.

    Raises
    ------
    HookRefused, HookUnanswered
        When the release must not continue without its approval.
    HookFailed, HookWakingUp, AwsBusy
        Likewise, and to be retried.
    """
    hook = next(hook for hook in release.plan.hooks if hook.moment == due.moment)
    asked = told(hook, due.step, release.plan, release=release.name, execution=release.execution, answer=event.answer)
    earlier = answers.read(release, asked["token"])
    answer = earlier or _asked(hook, asked, event.retries)
    recorded = earlier is not None or answers.record(release, asked["token"], answer, event.now)
    if not answer.error:
        return answer.sentence, recorded
    if hook.insists:
        raise FINAL.get(answer.error, HookFailed)(answer.sentence)
    return _continues(hook, answer.sentence), recorded


def _asked(hook: PlannedHook, event: dict[str, Any], retries: int) -> Told:
    try:
        answer = hooks.ask(hook.function, event, seconds=hook.seconds)
    except HookUnanswered as error:
        return Told(str(error), type(error).__name__)
    except (HookFailed, HookWakingUp, AwsBusy) as error:
        if hook.insists or retries < RETRIES[type(error)]:
            raise
        failed = f"{hook.function} failed {TRIES} times"
        return Told(_continues(hook, failed if isinstance(error, HookFailed) else str(error)))
    if answer.ok:
        return Told(f"{hook.moment}: {hook.function} approves")
    refused = f"{hook.function}, the hook {hook.moment}, disapproves: {undotted(answer.reason)}."
    return Told(refused, HookRefused.__name__)


def _continues(hook: PlannedHook, sentence: str) -> str:
    return f"{hook.moment}: {undotted(sentence)}, and the release continues"
