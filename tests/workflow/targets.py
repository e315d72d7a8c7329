"""A function of a test: its alias, what was written to it, its requests, and evidence made up for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud import LocalCloud, cloudwatch
from localcloud.clock import current
from localcloud.cloud import REGION

MINUTE = 60


@dataclass(frozen=True)
class AliasWrite:
    """An UpdateAlias or CreateAlias that Lambda carried out; `at` is emulated seconds."""

    region: str
    function: str
    alias: str
    version: str
    weights: Mapping[str, float]
    at: float

    @property
    def state(self) -> tuple[str, dict[str, float]]:
        return self.version, dict(self.weights)


@dataclass
class Target:
    """A function whose alias serves version 1."""

    cloud: LocalCloud
    name: str
    alias: str
    written: list[AliasWrite] = field(repr=False)

    @property
    def full_name(self) -> str:
        return f"{self.name}:{self.alias}"

    @property
    def _lambda(self) -> Any:
        return self.cloud.client("lambda")

    @property
    def state(self) -> tuple[str, dict[str, float]]:
        """The alias as it is: its version, and the weights of another."""
        found = self._lambda.get_alias(FunctionName=self.name, Name=self.alias)
        return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    @property
    def revision(self) -> str:
        return str(self._lambda.get_alias(FunctionName=self.name, Name=self.alias)["RevisionId"])

    @property
    def latest(self) -> dict[str, Any]:
        found: dict[str, Any] = self._lambda.get_function(FunctionName=self.name)["Configuration"]
        return found

    def settled(self) -> None:
        """Wait until an update has settled."""
        while self.latest["LastUpdateStatus"] == "InProgress":
            self.cloud.clock.sleep(1.0)

    @property
    def versions(self) -> list[str]:
        """The published ones."""
        pages = self._lambda.get_paginator("list_versions_by_function").paginate(FunctionName=self.name)
        return [version["Version"] for page in pages for version in page["Versions"]][1:]

    @property
    def writes(self) -> list[tuple[str, dict[str, float]]]:
        """What its alias was set to since it was created, in order."""
        return [write.state for write in self._writes]

    @property
    def written_at(self) -> list[float]:
        """When its alias was set to those `writes`, in emulated seconds."""
        return [write.at for write in self._writes]

    @property
    def _writes(self) -> list[AliasWrite]:
        written = list(self.written)
        mine = (REGION, self.name, self.alias)
        return [write for write in written if (write.region, write.function, write.alias) == mine][1:]

    def move(self, version: str, weights: Mapping[str, float] | None = None) -> None:
        """Set the alias as somebody else would, whatever it was."""
        routing = {"AdditionalVersionWeights": dict(weights or {})}
        self._lambda.update_alias(
            FunctionName=self.name, Name=self.alias, FunctionVersion=version, RoutingConfig=routing
        )

    def publish(self) -> str:
        return str(self._lambda.publish_version(FunctionName=self.name)["Version"])

    def requests(self, version: str) -> int:
        """How many requests of the alias a version got."""
        return sum(
            (call.function_name, call.alias, call.executed_version) == (self.name, self.alias, version)
            for call in list(self.cloud.invocations)
        )

    def evidence(
        self,
        *,
        canary_failing: float = 0.0,
        stable_failing: float = 0.0,
        canary: str = "2",
        canary_slow: float = 0.0,
        canary_calls: int = 1000,
        minutes: range = range(40),
        late: float = 0.0,
        canary_alias: str = "",
    ) -> "Target":
        """Make up busy minutes, counted from now: 1000 requests each to both versions, such shares of them failing.

        Slow ones take two seconds, the others 50 ms; all of them take 50 ms in a minute that is over by now. What
        happened in a minute can be seen at once, or so many seconds after it began.
        """
        made = (
            (self.alias, "1", 1000, stable_failing, 0.0),
            (canary_alias or self.alias, canary, canary_calls, canary_failing, canary_slow),
        )
        for alias, version, calls, failing, slow in made:
            put_minutes(self.cloud.metrics, (self.name, alias, version), calls, failing, slow, minutes, late)
        return self


def put_minutes(
    metrics: cloudwatch.Metrics,
    version: tuple[str, str, str],
    calls: int,
    failing: float,
    slow: float = 0.0,
    minutes: range = range(40),
    late: float = 0.0,
) -> None:
    """Make up minutes of a version, which its function and alias are named with: see `Target.evidence`."""
    now = current().time()
    for minute in minutes:
        begins = now + minute * MINUTE
        metrics.put_invocations(
            *version,
            begins,
            invocations=calls,
            errors=round(calls * failing),
            durations={2000.0: round(calls * slow), 50.0: calls - round(calls * slow)},
            visible_at=begins + late if late else 0.0,
        )
