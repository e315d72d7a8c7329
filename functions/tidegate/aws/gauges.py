"""Metrics of our own, written as lines of the log that CloudWatch turns into points: no call, and no permission.

Their dimensions are functions and aliases, never versions or releases: each combination is one more metric to pay for.
"""

import json
import sys
from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics

from tidegate.domain.plan import TargetPlan
from tidegate.domain.telling.gauge import UNITS, WEIGHT

NAMESPACE = "Tidegate"


def show(gauges: Mapping[str, float], **dimensions: str) -> None:
    """Write one line of the embedded metric format; the stack's name goes along as the dimension `service`."""
    metrics = EphemeralMetrics(namespace=NAMESPACE)
    for dimension, named in dimensions.items():
        metrics.add_dimension(dimension, named)
    for name, value in gauges.items():
        metrics.add_metric(name, UNITS[name], value)
    # In one call: what print writes in two can be torn by another thread's line.
    sys.stdout.write(f"{json.dumps(metrics.serialize_metric_set(), separators=(',', ':'))}\n")


def show_target(target: str, gauges: Mapping[str, float]) -> None:
    """Write what there is to see of `function:alias`."""
    function, _, alias = target.rpartition(":")
    show(gauges, FunctionName=function, Alias=alias)


def show_weight(targets: tuple[TargetPlan, ...], weight: float) -> None:
    """Write that these targets' canaries have a weight (percent)."""
    for target in targets:
        show_target(target.name, {WEIGHT: weight})
