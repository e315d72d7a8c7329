"""Metrics of releases: weight, verdict and evidence, in the embedded metric format."""

import json
import sys
from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics

from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Verdict
from tidegate.domain.plan import ReleasePlan, TargetPlan

WEIGHT = "Weight"
VERDICT = "Verdict"
EVIDENCE = "Evidence"
LOCKS_LEFT = "LocksLeft"
SKEW = "Skew"
"""Between the first and the last alias of a wave at one shift; none if an earlier try shifted some of them."""

UNITS = {WEIGHT: "Percent", VERDICT: "None", EVIDENCE: "Percent", LOCKS_LEFT: "Count", SKEW: "Seconds"}

NUMBERS = {Verdict.PASS: 1.0, Verdict.INCONCLUSIVE: 0.0, Verdict.FAIL: -1.0}
"""Verdicts as numbers; without data there is no point."""


def judged(plan: ReleasePlan, verdict: TargetVerdict, weight: float) -> dict[str, float]:
    """Return a target's gauges after a tick: the weight, and the evidence as a percentage of the limit."""
    gauges = {WEIGHT: weight}
    if verdict.verdict in NUMBERS:
        gauges[VERDICT] = NUMBERS[verdict.verdict]
    if verdict.combined:
        gauges[EVIDENCE] = round(100 * max(0.0, verdict.log_e_value) / plan.limit, 2)
    return gauges


NAMESPACE = "Tidegate"


def show(gauges: Mapping[str, float], **dimensions: str) -> None:
    """Write one line of the embedded metric format; the stack's name is the dimension `service`."""
    metrics = EphemeralMetrics(namespace=NAMESPACE)
    for dimension, named in dimensions.items():
        metrics.add_dimension(dimension, named)
    for name, value in gauges.items():
        metrics.add_metric(name, UNITS[name], value)
    # In one call: what print writes in two can be torn by another thread's line.
    sys.stdout.write(f"{json.dumps(metrics.serialize_metric_set(), separators=(',', ':'))}\n")


def show_target(target: str, gauges: Mapping[str, float]) -> None:
    """Write the gauges of `function:alias`."""
    function, _, alias = target.rpartition(":")
    show(gauges, FunctionName=function, Alias=alias)


def show_weight(targets: tuple[TargetPlan, ...], weight: float) -> None:
    """Write that these targets' canaries have a weight (percent)."""
    for target in targets:
        show_target(target.name, {WEIGHT: weight})
