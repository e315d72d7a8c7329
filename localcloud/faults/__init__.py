"""API calls and Tasks that are made to go wrong, from a test."""

from localcloud.faults.fault import Effect, Fault, Injected, TaskFault
from localcloud.faults.registry import Faults

faults = Faults()
"""Those of this process; one process holds one cloud."""

task_timeout = faults.task_timeout

__all__ = ["Effect", "Fault", "Faults", "Injected", "TaskFault", "faults", "task_timeout"]
