"""Fault injection for tests: API calls, Tasks and events."""

from localcloud.faults.fault import Effect, EventFault, Fault, Injected, TaskFault
from localcloud.faults.registry import Faults

faults = Faults()
"""Those of this process; one process holds one cloud."""

task_timeout = faults.task_timeout
event_deliveries = faults.event_deliveries

__all__ = [
    "Effect",
    "EventFault",
    "Fault",
    "Faults",
    "Injected",
    "TaskFault",
    "event_deliveries",
    "faults",
    "task_timeout",
]
