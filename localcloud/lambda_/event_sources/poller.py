"""What pollers of queues and streams share: they read while the mapping is enabled, in the function's role."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.core.exceptions import JsonRESTError, ServiceException

from localcloud.clock import Thread, current
from localcloud.lambda_.event_end import ends
from localcloud.lambda_.event_sources import bells
from localcloud.lambda_.event_sources.deliveries import Invoke
from localcloud.lambda_.event_sources.mapping import SETTLING_SECONDS, EventSource

log = logging.getLogger(__name__)

REFUSED_SECONDS = 30.0
"""How long a poller waits after a read that was refused."""

STARTING_SECONDS = SETTLING_SECONDS / 2
"""How long a poller waits before its first read: a mapping that says it is enabled is being read."""

REFUSED = (ClientError, BotoCoreError, JsonRESTError, ServiceException)

_running: set["Poller"] = set()


class Poller(ABC):
    """Reads one source for one mapping. `role` gives the ARN of the function's role as it is now."""

    def __init__(self, mapping: EventSource, invoke: Invoke, role: Callable[[], str]) -> None:
        self.mapping, self.invoke, self.role = mapping, invoke, role
        self.arn: str = mapping.event_source_arn
        self.stopped = False
        self.bell = bells.hang(self.arn)
        _running.add(self)

    def start(self) -> None:
        Thread(target=self._run, name=f"event source {self.mapping.uuid}", daemon=True).start()

    def _run(self) -> None:
        self.pause(STARTING_SECONDS)
        while not self.stopped:
            self.bell.clear()
            try:
                seconds = self.poll() if self.mapping.enabled else None
            except REFUSED as error:
                if self.stopped:
                    break
                self.mapping.result = f"PROBLEM: {error}"
                log.warning("the event source mapping of %s cannot read: %s", self.arn, error)
                seconds = REFUSED_SECONDS
            current().wait(self.bell, seconds)
        bells.take_down(self.arn, self.bell)
        _running.discard(self)

    @abstractmethod
    def poll(self) -> float | None:
        """Read and deliver what is there; return after how many seconds there may be more, None if it will ring."""

    def stop(self) -> None:
        self.stopped = True
        self.bell.set()

    def pause(self, seconds: float) -> None:
        """Wait whatever rings, unless it is over."""
        deadline = current().time() + seconds
        while not self.stopped and (left := deadline - current().time()) > 0:
            self.bell.clear()
            current().wait(self.bell, left)

    def client(self, service: str) -> Any:
        return ends.client(service, self.arn.split(":")[3], self.role())


def stop_all() -> None:
    for poller in list(_running):
        poller.stop()
