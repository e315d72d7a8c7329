"""A target as the readers of the preflight need it."""

from typing import NamedTuple

from tidegate.domain.analysis.guards import MetricId


class Aim(NamedTuple):
    """`arn` is that of the unqualified function.

    `layers` are those of what is released, `version` is the version to release, empty for $LATEST; `changes_code` is
    whether the request brings code. `stack` is the CloudFormation stack of the function, empty if it has none. `stable`
    is the version that serves, empty without a runtime of Lambda's. `metrics` are those of the release's alarms, at
    its first target.
    """

    function: str
    alias: str
    arn: str
    layers: tuple[str, ...] = ()
    version: str = ""
    changes_code: bool = False
    stack: str = ""
    stable: str = ""
    metrics: frozenset[MetricId] = frozenset()
