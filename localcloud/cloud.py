"""LocalCloud: starts, joins and stops the parts."""

from collections import deque
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

from localcloud import cloudwatch, lambda_, stepfunctions
from localcloud.clock import Clock, timestamps, use
from localcloud.deploy.functions import FunctionMaker
from localcloud.faults import faults
from localcloud.front import gate
from localcloud.front.server import Front

REGION = "us-east-1"
KEPT_INVOCATIONS = 500_000
LONGEST_INVOCATION_SECONDS = 900


class LocalCloud:
    """An AWS in this process. There can be one at a time: moto's backends belong to the process.

    Example
    -------
    >>> with LocalCloud(factor=60) as cloud:  # doctest: +SKIP
    ...     cloud.client("lambda").list_functions()
    """

    _running: "LocalCloud | None" = None

    def __init__(self, factor: float = 60.0, port: int = 0) -> None:
        self._factor = factor
        self._port = port
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = Lock()
        self._functions = FunctionMaker(self.client)
        self.faults = faults
        self.calls = gate.calls
        self.metrics = cloudwatch.metrics
        self.invocations: deque[Any] = deque(maxlen=KEPT_INVOCATIONS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        if LocalCloud._running:
            raise RuntimeError("a LocalCloud runs in this process already; stop it first")
        self.front = Front(self._port)
        self.clock = Clock(self._factor)
        use(self.clock)
        timestamps.install()
        if hasattr(lambda_, "install"):
            lambda_.install()
            lambda_.observers.append(self.invocations.append)
            lambda_.observers.append(self.metrics.observe)
        gate.install()
        cloudwatch.install()
        stepfunctions.install(self.endpoint)
        self.front.start()
        LocalCloud._running = self
        return self

    def stop(self) -> None:
        if hasattr(lambda_, "install"):
            lambda_.shutdown()
            lambda_.observers.remove(self.invocations.append)
            lambda_.observers.remove(self.metrics.observe)
        self.faults.clear()
        self.front.stop()
        use(Clock(factor=1.0))
        LocalCloud._running = None

    @property
    def endpoint(self) -> str:
        return self.front.endpoint

    def client(self, service: str, region: str = REGION) -> Any:
        """Give a boto3 client that acts as the account's administrator and never retries."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._new_client(service, region)
            return self._clients[service, region]

    def _new_client(self, service: str, region: str) -> Any:
        config = Config(
            retries={"total_max_attempts": 1},
            read_timeout=LONGEST_INVOCATION_SECONDS,
            max_pool_connections=100,
            s3={"addressing_style": "path"},
        )
        session: Any = boto3.Session("local", "local", region_name=region)
        return session.client(service, endpoint_url=self.endpoint, config=config)

    def create_function(self, name: str, folder: Path, **options: Any) -> None:
        """Create a function from a folder of Python code: see FunctionMaker.create."""
        self._functions.create(name, folder, **options)

    def update_code(self, name: str, folder: Path) -> None:
        """Give `$LATEST` other code and wait until the update has settled."""
        self._functions.update_code(name, folder)
