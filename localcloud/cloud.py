"""LocalCloud: starts, joins and stops the parts."""

from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from moto.core.base_backend import BackendDict
from moto.core.models import DEFAULT_ACCOUNT_ID

from localcloud import cloudwatch, deploy, dynamodb, faults, lambda_, stepfunctions
from localcloud.clients import Clients
from localcloud.clock import Clock, timestamps, use
from localcloud.events import Events
from localcloud.front import gate
from localcloud.front.server import Front
from localcloud.place import Place

REGION = "us-east-1"
KEPT_INVOCATIONS = 500_000


class LocalCloud:
    """An AWS in this process. There can be one at a time: moto's backends belong to the process.

    `factor` is how many times faster than real time its clock runs; without one its time leaps, see Clock. The thread
    that starts a cloud whose time leaps takes part in it: time leaps only while that thread waits by `cloud.clock`.
    Lines of logs can be read `logs_late` emulated seconds after they were written.

    Example
    -------
    >>> with LocalCloud(factor=60) as cloud:  # doctest: +SKIP
    ...     cloud.client("lambda").list_functions()
    """

    _running: "LocalCloud | None" = None

    def __init__(self, factor: float | None = 60.0, port: int = 0, logs_late: float = 0.0) -> None:
        self._factor = factor
        self._logs_late = logs_late
        self._port = port
        self.invocations: deque[lambda_.Invocation] = deque(maxlen=KEPT_INVOCATIONS)
        self.faults = faults.faults
        self.calls = gate.calls
        self.metrics = cloudwatch.metrics

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Serve; raises OSError if the port is taken."""
        if LocalCloud._running:
            raise RuntimeError("a LocalCloud runs in this process already; stop it first")
        self.front = Front(self._port)
        LocalCloud._running = self
        self.clock = Clock(self._factor) if self._factor else Clock(leaping=True)
        use(self.clock)
        self._starter = ExitStack()
        if self.clock.leaping:
            self._starter.enter_context(self.clock.working())
        self._install()
        self._clients = Clients(self.endpoint)
        lambda_.ends.reach_by(self._clients.acting_as)
        self._here = self.at(REGION)
        self._events = Events(self._clients.acting_as)
        self._events.start()
        self.front.start()
        return self

    def _install(self) -> None:
        BackendDict.reset()
        timestamps.install()
        lambda_.use_endpoint(self.endpoint)
        lambda_.install()
        lambda_.observers.append(self.invocations.append)
        cloudwatch.install()
        cloudwatch.logs.appear_after(self._logs_late)
        dynamodb.install()
        gate.install()
        stepfunctions.install(self.endpoint)
        deploy.install()

    def stop(self) -> None:
        """End every function's processes, then everything else."""
        self.faults.clear()
        self._events.stop()
        stepfunctions.shutdown()
        lambda_.shutdown()
        lambda_.observers.remove(self.invocations.append)
        self.front.stop()
        self._starter.close()
        use(Clock(factor=1.0))
        LocalCloud._running = None

    @property
    def endpoint(self) -> str:
        return self.front.endpoint

    def client(self, service: str, region: str = REGION) -> Any:
        """Return a boto3 client that acts as the account's administrator and never retries."""
        return self._clients.acting_as(service, region, None)

    def at(self, region: str, account: str = DEFAULT_ACCOUNT_ID) -> Place:
        """Return another Region of this account, or of another one."""
        return Place(partial(self._clients.acting_as, role_arn=None, account=account), account, region)

    def create_function(self, name: str, folder: Path, **options: Any) -> None:
        """Create a function from a folder of code: see FunctionMaker.create. Limits do not count."""
        self._here.create_function(name, folder, **options)

    def update_code(self, name: str, folder: Path) -> None:
        """Return `$LATEST` other code and wait until the update has settled. Limits do not count."""
        self._here.update_code(name, folder)

    def tell(self, event: Mapping[str, Any]) -> None:
        """Tell the default bus an event of a service that is not in here: a whole one, as its guide shows it."""
        self._events.tell(event)

    def deploy(
        self, template: Path, parameters: Mapping[str, str] | None = None, stack_name: str = "tidegate"
    ) -> deploy.Deployment:
        """Deploy a SAM template with code and definition from beside it; raises TemplateError."""
        return self._here.deploy(template, parameters, stack_name)
