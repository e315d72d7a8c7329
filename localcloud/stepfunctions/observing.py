"""What happens in executions, told as it happens."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager

from localcloud.clock import current

log = logging.getLogger(__name__)

TERMINAL = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"}
FAILURES = ("Failed", "TimedOut")
WITHOUT_A_STATE = {"MapIterationFailed"}


@dataclass(frozen=True)
class StateEvent:
    """Something happened to a state.

    `at` is emulated epoch seconds; `detail` the state's input (entered), its output (exited), or
    `{"error", "cause"}` (failed: each try that fails, and the state at which the execution failed).
    """

    execution_name: str
    kind: Literal["entered", "exited", "failed"]
    state: str
    at: float
    detail: Any


observers: list[Callable[[StateEvent], None]] = []


class History(EventManager):  # type: ignore[misc] # moto has no types
    """The history of one execution: ends with its terminal event, and is told to the observers."""

    def __init__(self, execution_name: str) -> None:
        super().__init__()
        self._execution_name = execution_name
        self._over = False

    def continued(self) -> "History":
        """Give a history that goes on from here, for a redrive; threads of before keep the old one."""
        history = History(self._execution_name)
        history._history_event_list.extend(self.get_event_history())
        history._event_id_gen._next_id = self._event_id_gen._next_id
        return history

    def last_type(self, context: Any) -> Any:
        """Give the type of the last event on this path through the machine."""
        number = context.last_published_event_id
        return self._history_event_list[number - 1]["type"] if number else None

    def add_event(self, context: Any, event_type: Any, event_details: Any = None, **named: Any) -> int:
        if self._over:
            return int(context.last_published_event_id)
        name = str(getattr(event_type, "value", event_type))
        self._over = name in TERMINAL
        number = int(super().add_event(context, event_type, event_details, **named))
        event = self._seen(context, name, next(iter((event_details or {}).values()), {}))
        if event:
            tell(event)
        return number

    def _seen(self, context: Any, name: str, details: Any) -> StateEvent | None:
        if name.endswith("StateEntered"):
            context.state_name = details["name"]
            return self._event("entered", context, json.loads(details["input"]))
        if name.endswith("StateExited"):
            return self._event("exited", context, json.loads(details["output"]))
        if name.endswith(FAILURES) and name not in WITHOUT_A_STATE and hasattr(context, "state_name"):
            told = {"error": details.get("error"), "cause": details.get("cause")}
            return self._event("failed", context, told)
        return None

    def _event(self, kind: Literal["entered", "exited", "failed"], context: Any, detail: Any) -> StateEvent:
        return StateEvent(self._execution_name, kind, context.state_name, current().time(), detail)


def tell(event: StateEvent) -> None:
    for observer in tuple(observers):
        try:
            observer(event)
        except Exception:  # whatever it is: an observer is not part of the execution it watches
            log.exception("an observer of state events failed")
