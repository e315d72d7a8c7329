"""The form that all milestones have: a type, a moment, a release and a sentence."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

from tidegate.domain.schedule import format_time, parse_time


def _seconds(value: Any) -> Any:
    return parse_time(value) if isinstance(value, str) else value


Moment = Annotated[
    int,
    BeforeValidator(_seconds),
    PlainSerializer(format_time, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""Seconds since 1970; written as ISO 8601 in UTC."""

Count = tuple[int, int]
"""Failed calls, and all of them."""


class Model(BaseModel):
    # Built where it is used first: no function uses more than a few kinds, and building all takes its start longer.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Milestone(Model):
    """An event of a release at a moment; `summary` describes it in a sentence."""

    type: str
    at: Moment
    release: str
    summary: str

    @property
    def key(self) -> tuple[Any, ...]:
        """The key that distinguishes it from all others of its release."""
        return (self.type, self.at, getattr(self, "target", None))
