"""All execution environments: a pool per version, grown on demand, reaped when idle."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from localcloud.lambda_ import errors
from localcloud.lambda_.runtime.environment import Environment, Event, NotDeliveredError
from localcloud.lambda_.runtime.executable import Executable
from localcloud.lambda_.runtime.forking import Forking
from localcloud.lambda_.runtime.outcome import Outcome

CONCURRENCY_LIMIT = 32  # of one function without reserved concurrency; this machine is no data centre
STARTING_LIMIT = 1  # of one version at a time; who waits mostly gets an environment that came free instead
IDLE_SECONDS = 120.0  # real time
TOTAL_LIMIT = 96

Initialised = TypeVar("Initialised")


class TooManyConcurrentError(Exception):
    """The function runs as many invocations at a time as it may."""


class Pool:
    """The environments of one version."""

    def __init__(self, executable: Executable) -> None:
        self.executable = executable
        self.retired = False
        self.idle: list[Environment] = []
        self.starting = 0

    def take(self) -> Environment:
        """Take an idle environment out, a provisioned one first (Lambda guide, "Understanding function scaling")."""
        chosen = next((it for it in self.idle if it.provisioned), self.idle[-1])
        self.idle.remove(chosen)
        return chosen


class Fleet:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pools: dict[tuple[str, str, str], Pool] = {}
        self._running: Counter[str] = Counter()  # by function ARN
        self._environments: set[Environment] = set()
        self._reaper: threading.Thread | None = None
        self._ended = threading.Event()
        self._forking = Forking()

    def run(self, executable: Executable, event: Event, limit: int | None) -> Outcome:
        """Run an event in an environment of that version. Raises TooManyConcurrentError."""
        function = executable.function_arn
        with self._changed:
            if self._running[function] >= (CONCURRENCY_LIMIT if limit is None else limit):
                raise TooManyConcurrentError
            self._running[function] += 1
        try:
            return self._run(executable, event)
        finally:
            with self._changed:
                self._running[function] -= 1

    def _run(self, executable: Executable, event: Event) -> Outcome:
        while True:
            pool, environment = self._warm(executable)
            if environment is None:
                return self._run_cold(pool, event)
            try:
                return environment.invoke(event)
            except NotDeliveredError:
                continue
            finally:
                self._release(pool, environment)

    def _run_cold(self, pool: Pool, event: Event) -> Outcome:
        environment, failure = self._start(pool, lambda started: started.init(event))
        try:
            return failure or environment.invoke(event)
        finally:
            self._release(pool, environment)

    def _start(
        self, pool: Pool, init: Callable[[Environment], Initialised], *, provisioned: bool = False
    ) -> tuple[Environment, Initialised]:
        """Start an environment and wait for its init; the pool's `starting` has been raised for it."""
        try:
            environment = Environment(pool.executable, self._forking, provisioned=provisioned)
            with self._changed:
                self._environments.add(environment)
                if self._ended.is_set():
                    environment.kill()
            return environment, init(environment)
        finally:
            with self._changed:
                pool.starting -= 1
                self._changed.notify_all()

    def warm_up(self, executable: Executable) -> bool:
        """Start one more environment ahead of any invocation. False when its init fails."""
        with self._changed:
            pool = self._pool(executable)
            pool.starting += 1
        environment, succeeded = self._start(pool, Environment.init_ahead, provisioned=True)
        self._release(pool, environment)
        return succeeded

    def provisioned(self, executable: Executable) -> int:
        """Count the environments of a version that were started ahead of any invocation."""
        with self._changed:
            of_version = [it for it in self._environments if it.executable.key == executable.key]
        return sum(it.provisioned and it.usable for it in of_version)

    def end_provisioned(self, executable: Executable) -> None:
        """End the idle environments that were started ahead; those at work go on as others do."""
        with self._changed:
            for environment in [it for it in self._environments if it.executable.key == executable.key]:
                environment.provisioned = False
            pool = self._pool(executable)
            while pool.idle:
                self._drop(pool.idle.pop())

    def _warm(self, executable: Executable) -> tuple[Pool, Environment | None]:
        """Give an idle environment, or the right to start one (None), whichever comes first."""
        with self._changed:
            self._start_reaper()
            pool = self._pool(executable)
            while not self._ended.is_set():
                while pool.idle:
                    environment = pool.take()
                    if environment.usable:
                        return pool, environment
                    self._drop(environment)
                if pool.starting < STARTING_LIMIT:
                    pool.starting += 1
                    return pool, None
                self._changed.wait()
        raise errors.stopping()

    def _pool(self, executable: Executable) -> Pool:
        pool = self._pools.get(executable.key)
        if pool is None or pool.executable.definition.number != executable.definition.number:
            if pool:
                self._retire(pool)
            pool = self._pools[executable.key] = Pool(executable)
        return pool

    def _release(self, pool: Pool, environment: Environment) -> None:
        environment.idle_since = time.monotonic()
        with self._changed:
            keep = environment.usable and not pool.retired
            if keep:
                pool.idle.append(environment)
            else:
                self._environments.discard(environment)
            self._changed.notify_all()
        if not keep:
            environment.close()

    def _drop(self, environment: Environment) -> None:
        self._environments.discard(environment)
        environment.close()

    def _retire(self, pool: Pool) -> None:
        pool.retired = True
        while pool.idle:
            self._drop(pool.idle.pop())

    def retire(self, function_arn: str, version: str | None = None) -> None:
        """End the environments of a function, or of one version; those at work end after it."""
        with self._changed:
            for key in [key for key in self._pools if key[0] == function_arn and version in (None, key[1])]:
                self._retire(self._pools.pop(key))

    def kill(self, access_key_id: str) -> bool:
        """Kill the process that was given these credentials. False if there is none."""
        with self._changed:
            found = [it for it in self._environments if it.access_key_id == access_key_id]
        for environment in found:
            environment.kill()
        return bool(found)

    def shutdown(self) -> None:
        """End all processes, also those at work."""
        self._ended.set()
        with self._changed:
            pools, self._pools = list(self._pools.values()), {}
            for pool in pools:
                self._retire(pool)
            for environment in self._environments:
                environment.kill()  # who waits for it closes it
            self._changed.notify_all()
        self._forking.close()

    def _start_reaper(self) -> None:
        if self._reaper is None:
            self._reaper = threading.Thread(target=self._reap, name="lambda-reaper", daemon=True)
            self._reaper.start()

    def _reap(self) -> None:
        while not self._ended.wait(5.0):
            with self._changed:
                idle = sorted(
                    (
                        (it.idle_since, pool, it)
                        for pool in self._pools.values()
                        for it in pool.idle
                        if not (it.provisioned and it.usable)
                    ),
                    key=lambda entry: entry[0],
                )
                surplus = len(self._environments) - TOTAL_LIMIT
                for index, (since, pool, environment) in enumerate(idle):
                    if index < surplus or since < time.monotonic() - IDLE_SECONDS or not environment.usable:
                        pool.idle.remove(environment)
                        self._drop(environment)
