"""A pool of threads that take part in the emulated clock: concurrent.futures' own wait where it does not see them."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeVar

from localcloud.clock.threads import Event, Thread

Result = TypeVar("Result")


class Outcome(Future[Result]):
    """A Future whose result is waited for by the clock."""

    def __init__(self) -> None:
        super().__init__()
        self._over = Event()
        self.add_done_callback(lambda _: self._over.set())

    def result(self, timeout: float | None = None) -> Result:
        self._over.wait(timeout)
        return super().result(0)


class Pool:
    """Calls functions in so many threads at most; leaving it waits for all of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._waiting: deque[tuple[Outcome[Any], Callable[[], Any]]] = deque()
        self._busy = 0
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for thread in self._threads:
            thread.join()

    def submit(self, action: Callable[..., Result], *arguments: Any) -> Outcome[Result]:
        outcome: Outcome[Result] = Outcome()
        with self._lock:
            self._waiting.append((outcome, lambda: action(*arguments)))
            if self._busy >= self._size:
                return outcome
            self._busy += 1
            thread = Thread(target=self._work, name="pool", daemon=True)
            self._threads.append(thread)
        thread.start()
        return outcome

    def map(self, action: Callable[[Any], Result], items: Iterable[Any]) -> list[Result]:
        """Return the results in the order of the items; raises the first error of them."""
        return [outcome.result() for outcome in [self.submit(action, item) for item in items]]

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy -= 1
                    return
                outcome, action = self._waiting.popleft()
            try:
                outcome.set_result(action())
            except BaseException as error:  # whatever it is, it is for whoever asks for the result
                outcome.set_exception(error)
