"""A target as the readers of the preflight need it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tidegate.domain.analysis.guards import MetricId
from tidegate.domain.request.code import Contract

KEPT = 10
"""How many versions pruning is assumed to keep where neither stack nor request says it."""


class Aim(NamedTuple):
    """`arn` is that of the unqualified function.

    `layers` are those of what is released, `version` is the version to release, empty for $LATEST; `code` is where its
    code lies, as GetFunction shows it or as the request brings it. `keep` is how many of the newest versions pruning
    would keep. `stack` is the CloudFormation stack of the function, empty if it has none. `stable`
    is the version that serves, empty without a runtime of Lambda's. `metrics` are those of the release's alarms, at
    its first target. `carrier` is the alias that carries the canary of routed users, empty if calls are routed.
    `contract` names the schemas of messages, `serves` is the version that serves, empty without one.
    """

    function: str
    alias: str
    arn: str
    layers: tuple[str, ...] = ()
    version: str = ""
    code: Mapping[str, Any] = MappingProxyType({})
    keep: int = KEPT
    stack: str = ""
    stable: str = ""
    metrics: frozenset[MetricId] = frozenset()
    carrier: str = ""
    contract: Contract | None = None
    serves: str = ""
