"""The hooks in a request: functions of the user's that are asked at set moments."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from tidegate.domain.hooks import OVER, PlannedHook
from tidegate.domain.request.fields import Document, PlainName

USUAL_SECONDS = 60
LONGEST_SECONDS = 300
LONGEST_AT_A_STEP = 60
"""Seconds. The alias may be split at a step, and the versions are not compared meanwhile."""


class Hook(Document):
    """One hook. Its name alone is short for it."""

    function: PlainName = Field(
        description="Your function; Tidegate's parameter HookFunctionPattern must allow it.", examples=["release-check"]
    )
    timeout_seconds: Annotated[int, Field(ge=1, le=LONGEST_SECONDS)] = Field(
        default=USUAL_SECONDS,
        description="How long it may take to answer; at most 60 for `before_step` and `after_step`, where the alias "
        "may be split.",
        examples=[60],
    )
    on_failure: Literal["rollback", "continue"] = Field(
        default="rollback",
        description="What to do if it disapproves, fails three times or does not answer in time. After the end of a "
        "release (`after_promotion`, `on_rollback`) this is only reported.",
        examples=["continue"],
    )


def _written_out(value: object) -> object:
    return {"function": value} if isinstance(value, str) else value


HookField = Annotated[Hook, BeforeValidator(_written_out, json_schema_input_type=str | Hook)]


class Hooks(Document):
    """Functions that the release asks."""

    before_traffic: HookField | None = Field(
        default=None, description="Before the first request reaches a new version.", examples=["release-check"]
    )
    before_step: HookField | None = Field(default=None, description="Before each step.", examples=["release-check"])
    after_step: HookField | None = Field(
        default=None, description="After each step, before the next one or the end.", examples=["release-check"]
    )
    after_promotion: HookField | None = Field(
        default=None,
        description="When every request goes to the new versions, after the look back.",
        examples=["release-done"],
    )
    on_rollback: HookField | None = Field(
        default=None,
        description="When the release was rolled back by its execution; not if Recover or another release did it.",
        examples=["release-done"],
    )

    def planned(self) -> tuple[PlannedHook, ...]:
        given: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        return tuple(
            PlannedHook(name, hook.function, hook.timeout_seconds, hook.on_failure == "rollback" and name not in OVER)
            for name, hook in given.items()
            if hook
        )
