"""The faults that are in place in this process."""

from collections.abc import Iterable
from threading import Lock

from localcloud.faults.fault import SERVICE_NAMES, Fault, Injected, TaskFault


class Faults:
    """What has been made to go wrong, in the order it was asked for; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: list[tuple[Fault, Injected]] = []
        self._tasks: list[tuple[TaskFault, Injected]] = []

    def add(self, fault: Fault) -> Injected:
        injected = Injected(fault)
        with self._lock:
            self._calls.append((fault, injected))
        return injected

    def add_task(self, fault: TaskFault) -> Injected:
        injected = Injected(fault)
        with self._lock:
            self._tasks.append((fault, injected))
        return injected

    def clear(self) -> None:
        """Take every fault away and let held calls go."""
        with self._lock:
            held = [injected for _, injected in self._calls]
            self._calls, self._tasks = [], []
        for injected in held:
            injected.release()

    def strike(
        self, service: str, action: str, role: str | None, resources: Iterable[str], body: object = None
    ) -> Injected | None:
        """Tell which fault hits this call; every matching fault counts it, the first one due strikes."""
        if not self._calls:
            return None
        named = list(resources)
        with self._lock:
            near = [(fault, i) for fault, i in self._calls if _matches(fault, service, action, role, named)]
            matching = [i for fault, i in near if fault.body is None or fault.body in str(body)]
            return next((injected for injected in matching if injected.strike()), None)

    def task_timeout(self, state: str, execution: str) -> bool:
        """Tell whether this try of the Task is to time out while its function runs on."""
        with self._lock:
            matching = [
                injected
                for fault, injected in self._tasks
                if fault.state == state and (fault.execution is None or fault.execution in execution)
            ]
            return any(injected.strike() for injected in matching)


def _matches(fault: Fault, service: str, action: str, role: str | None, resources: list[str]) -> bool:
    return (
        SERVICE_NAMES.get(fault.service, fault.service) == SERVICE_NAMES.get(service, service)
        and fault.action in {"*", action}
        and (fault.role is None or (role is not None and fault.role in role))
        and (fault.resource is None or any(fault.resource in resource for resource in resources))
    )
