"""Common parts of all steps: typed events, log lines, errors, and the time of earlier tries."""

import math
import time
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

from tidegate.aws.failures import in_our_words
from tidegate.aws.logger import logger
from tidegate.domain.schedule import parse_time

Moment = Annotated[int, BeforeValidator(parse_time)]
"""A timestamp of Step Functions (ISO 8601) as seconds since 1970."""


class StepEvent(BaseModel):
    """The event of every step: the release and the time at which its state was entered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    release: str
    now: Moment


Event = TypeVar("Event", bound=StepEvent)
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def step(model: type[Event]) -> Callable[[Callable[[Event], dict[str, Any]]], Handler]:
    """Make a Lambda handler of a function from a typed event to a plain result; see `in_our_words` for errors."""

    def decorate(run: Callable[[Event], dict[str, Any]]) -> Handler:
        @wraps(run)
        def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
            logger.append_keys(release=event.get("release"))
            result = in_our_words(lambda: run(model.model_validate(event)))
            logger.info(result.get("summary", "done"))
            return result

        return handler

    return decorate


class TriedEvent(StepEvent):
    """The event of a step that needs the current time; `tried` is when Step Functions began this try."""

    tried: Moment


def done_by(event: TriedEvent, began: float) -> int:
    """Return it in seconds since 1970, of a try that `began` then by the monotonic clock."""
    return event.tried + math.ceil(time.monotonic() - began)
