"""Threads and events of moto's interpreter, by the emulated clock: what waits for a thread of it holds nothing up."""

import threading
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from localcloud.clock import Event, Thread, current

STATES = "moto.stepfunctions.parser.asl.component.state"
WITH_THREADS = (
    "moto.stepfunctions.parser.asl.component.program.program",
    f"{STATES}.exec.execute_state",
    f"{STATES}.exec.state_map.iteration.inline_iteration_component",
    f"{STATES}.exec.state_map.iteration.job",
    f"{STATES}.exec.state_parallel.branch_worker",
    f"{STATES}.exec.state_parallel.branches_decl",
    f"{STATES}.exec.state_task.service.state_task_service_callback",
)
LOOKS_AGAIN = f"{STATES}.exec.state_task.service.state_task_service_callback"
"""Where an integration looks now and then whether what it started is over."""


class Over(Event):
    """Set when an environment is over. moto clears it at once: a thread that does not wait just then would miss it."""

    def clear(self) -> None:
        """Stay set: an environment that is over does not go on."""


def install() -> None:
    for name in WITH_THREADS:
        _replace(name, Event)
    _replace("moto.stepfunctions.parser.asl.eval.environment", Over)
    vars(import_module("moto.stepfunctions.parser.asl.eval.callback.callback"))["Event"] = Event
    vars(import_module(LOOKS_AGAIN))["time"] = SimpleNamespace(sleep=lambda seconds: current().sleep(seconds))


def _replace(name: str, event: type[Event]) -> None:
    namespace: dict[str, Any] = vars(import_module(name))
    if "Thread" in namespace:
        namespace["Thread"] = Thread
    if "threading" in namespace:
        namespace["threading"] = SimpleNamespace(
            Event=event, Thread=Thread, Lock=threading.Lock, RLock=threading.RLock, Condition=threading.Condition
        )
