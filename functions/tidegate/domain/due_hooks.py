"""The hooks that are due after a state, and what each is told."""

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.domain.hooks import PlannedHook
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.waves import in_wave

Moment = tuple[str, int | None]
"""A moment, and the number of the step that it belongs to, from 0."""


def with_hooks(answer: dict[str, Any], plan: ReleasePlan, moments: Sequence[Moment], *, then: str) -> dict[str, Any]:
    """Return a state's answer, to which the state machine runs the hooks of these moments before it continues.

    `then` is where it continues: the `next` of the answer, or how the release ends.
    """
    planned = {hook.moment for hook in plan.hooks}
    due = [{"moment": moment, "step": step} for moment, step in moments if moment in planned]
    return {**answer, "next": "hook", "then": then, "hooks": due} if due else answer


def told(
    hook: PlannedHook,
    step: int | None,
    plan: ReleasePlan,
    *,
    release: str,
    execution: str,
    answer: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the event of a hook; `answer` is that of the state before.

    Its `token` is the same in all retries, and after a redrive.
    """
    weight, wave = (None, None) if step is None else (plan.step(step).weight, plan.step(step).wave)
    why = {name: answer[name] for name in ("error", "cause") if answer.get(name)}
    return {
        "tidegate": hook.moment,
        "release": release,
        "step": step,
        "weight": weight,
        **in_wave(wave),
        "targets": [
            {
                "function": target.function,
                "alias": target.alias,
                "stable": target.stable,
                "version": target.canary,
                "arn": _arn(execution, target.function, target.canary),
            }
            for target in plan.targets
        ],
        "token": "/".join([release, hook.moment, *([] if step is None else [str(step)])]),
        **why,
    }


def _arn(execution: str, function: str, version: str | None) -> str | None:
    """Return the ARN of a version, in the account and Region of an execution; None before it is published."""
    _, partition, _, region, account = execution.split(":")[:5]
    return f"arn:{partition}:lambda:{region}:{account}:function:{function}:{version}" if version else None
