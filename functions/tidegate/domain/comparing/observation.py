"""What CloudWatch shows of both versions of a target, whether it was judged or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Series = Mapping[int, float]
"""A value by the start of each minute (seconds since 1970). A minute without calls has none: never a zero."""

CALLS, ERRORS = "calls", "errors"
PERCENTILES = ("p50", "p95", "p99")
"""Of Duration, in milliseconds."""


@dataclass(frozen=True)
class Observation:
    """Series of each version by name: calls, errors, p50, p95, p99."""

    stable: Mapping[str, Series] = field(default_factory=dict)
    canary: Mapping[str, Series] = field(default_factory=dict)
