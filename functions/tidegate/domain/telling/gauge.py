"""What is shown of releases as numbers over time, on dashboards and to alarms: docs/dashboard.md."""

from math import log

from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Verdict
from tidegate.domain.plan import ReleasePlan

WEIGHT = "Weight"
VERDICT = "Verdict"
EVIDENCE = "Evidence"
LOCKS_LEFT = "LocksLeft"

UNITS = {WEIGHT: "Percent", VERDICT: "None", EVIDENCE: "Percent", LOCKS_LEFT: "Count"}

NUMBERS = {Verdict.PASS: 1.0, Verdict.INCONCLUSIVE: 0.0, Verdict.FAIL: -1.0}
"""Verdicts as numbers; no data is no number."""


def judged(plan: ReleasePlan, verdict: TargetVerdict, weight: float) -> dict[str, float]:
    """Give a target's gauges after a tick: weight and evidence in percent, the latter of what rolls back."""
    gauges = {WEIGHT: weight}
    if verdict.verdict in NUMBERS:
        gauges[VERDICT] = NUMBERS[verdict.verdict]
    if verdict.combined:
        limit = log(max(1, len(plan.shifting)) / plan.alpha)
        gauges[EVIDENCE] = round(100 * max(0.0, verdict.combined.log_e_value) / limit, 2)
    return gauges
