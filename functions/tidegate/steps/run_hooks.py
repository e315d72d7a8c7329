"""Run hooks: ask the user's functions that are due at this moment, then continue where the release was going."""

from typing import Any

from pydantic import BaseModel

from tidegate.aws.announcements import tell_event
from tidegate.aws.lambda_ import hooks
from tidegate.aws.ledger import records
from tidegate.aws.ledger.records import Release
from tidegate.domain.due_hooks import told
from tidegate.domain.errors import HookFailed, HookRefused, HookUnanswered
from tidegate.domain.foreign_text import undotted
from tidegate.domain.hooks import OVER, PlannedHook
from tidegate.steps.handling import StepEvent, step

RETRIES = 2
"""How often the state machine retries a hook that failed."""


class DueHook(BaseModel):
    moment: str
    step: int | None


class HooksEvent(StepEvent):
    """`answer` is that of the state before, with `hooks` and where to continue; `retries` of this state."""

    answer: dict[str, Any]
    retries: int


@step(HooksEvent)
def handler(event: HooksEvent) -> dict[str, Any]:
    due = [DueHook.model_validate(each) for each in event.answer["hooks"]]
    over = all(each.moment in OVER for each in due)
    release = records.read(event.release) if over else records.read_running(event.release)
    said = [_run(event, release, each) for each in due]
    summary = "; ".join(said)
    details = {"hooks": [each.moment for each in due], "summary": summary}
    tell_event(event.release, event.now, "hooks-ran", release.plan.expires, details, insist=not over)
    answer = {name: value for name, value in event.answer.items() if name not in {"hooks", "then"}}
    return {**answer, "next": event.answer["then"], "hooked": summary}


def _run(event: HooksEvent, release: Release, due: DueHook) -> str:
    """Ask one function, and return the result as a sentence.

    Raises
    ------
    HookRefused, HookUnanswered, HookFailed
        When the release must not continue without its approval; the last one also to be retried.
    """
    hook = next(hook for hook in release.plan.hooks if hook.moment == due.moment)
    asked = told(hook, due.step, release.plan, release=release.name, execution=release.execution, answer=event.answer)
    try:
        return _asked(hook, asked)
    except HookFailed:
        if hook.insists or event.retries < RETRIES:
            raise
        return f"{hook.moment}: {hook.function} failed {RETRIES + 1} times, and the release continues"
    except (HookRefused, HookUnanswered) as error:
        if hook.insists:
            raise
        return f"{hook.moment}: {undotted(error)}, and the release continues"


def _asked(hook: PlannedHook, event: dict[str, Any]) -> str:
    answer = hooks.ask(hook.function, event, seconds=hook.seconds)
    if answer.ok:
        return f"{hook.moment}: {hook.function} approves"
    raise HookRefused(f"{hook.function}, the hook {hook.moment}, disapproves: {undotted(answer.reason)}.")
