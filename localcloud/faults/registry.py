"""The faults that are in place in this process."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock

from localcloud.faults.fault import SERVICE_NAMES, EventFault, Fault, Injected, TaskFault


class Faults:
    """What has been made to go wrong, in the order it was asked for; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: list[tuple[Fault, Injected]] = []
        self._tasks: list[tuple[TaskFault, Injected]] = []
        self._events: list[tuple[EventFault, Injected]] = []

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

    def add_event(self, fault: EventFault) -> Injected:
        injected = Injected(fault)
        with self._lock:
            self._events.append((fault, injected))
        return injected

    def remove(self, injected: Injected) -> None:
        """Remove one fault and continue the calls that it holds."""
        self._keep(lambda each: each is not injected)

    def clear(self) -> None:
        """Remove every fault and continue held calls."""
        self._keep(lambda _: False)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Remove at the end what was added within, so that it strikes nothing of whoever comes after."""
        before = self._all()
        try:
            yield
        finally:
            self._keep(before.__contains__)

    def _all(self) -> set[Injected]:
        with self._lock:
            return {injected for _, injected in (*self._calls, *self._tasks, *self._events)}

    def _keep(self, stays: Callable[[Injected], bool]) -> None:
        removed = [injected for injected in self._all() if not stays(injected)]
        with self._lock:
            self._calls = [(fault, i) for fault, i in self._calls if i not in removed]
            self._tasks = [(fault, i) for fault, i in self._tasks if i not in removed]
            self._events = [(fault, i) for fault, i in self._events if i not in removed]
        for injected in removed:
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
        """Return whether this try of the Task is to time out while its function runs on."""
        with self._lock:
            matching = [
                injected
                for fault, injected in self._tasks
                if fault.state == state and (fault.execution is None or fault.execution in execution)
            ]
            return any(injected.strike() for injected in matching)

    def event_deliveries(self, execution: str, status: str) -> tuple[float, ...]:
        """Tell after how many emulated seconds each copy of a status event is delivered."""
        with self._lock:
            for fault, injected in self._events:
                if fault.execution in execution and fault.status in {None, status} and injected.strike():
                    return fault.deliveries
        return (0.0,)


def _matches(fault: Fault, service: str, action: str, role: str | None, resources: list[str]) -> bool:
    return (
        _service(fault.service) in {"*", _service(service)}
        and fault.action in {"*", action}
        and (fault.role is None or (role is not None and fault.role in role))
        and (fault.resource is None or any(fault.resource in resource for resource in resources))
    )


def _service(name: str) -> str:
    return SERVICE_NAMES.get(name, name)
