"""Compares two versions by their counts per minute; keeps no state and needs the standard library alone.

References: Howard, Ramdas et al. 2021 (time-uniform mixtures); Lindon and Malek, NeurIPS 2022
(anytime-valid inference for counts); Lindon, Sanden and Shirikian, KDD 2022 (rapid regression detection).
"""

from tidegate.domain.judge.combined import judge_metrics
from tidegate.domain.judge.failing_counts import failing_from
from tidegate.domain.judge.information import latency_mde, step_mde
from tidegate.domain.judge.metrics import Combined, Metric, MetricJudgement, default_weights
from tidegate.domain.judge.minutes import RETRIED_EVENTS_FLOOR, Calls, Minute, dispersion
from tidegate.domain.judge.ratio import Ratio
from tidegate.domain.judge.rule import Judgement, Verdict, judge
from tidegate.domain.judge.traffic import Split, SplitCheck, check_traffic
from tidegate.domain.judge.versus_before import Environment, Promoted, compare_environment, judge_promoted

__all__ = [
    "RETRIED_EVENTS_FLOOR",
    "Calls",
    "Combined",
    "Environment",
    "Judgement",
    "Metric",
    "MetricJudgement",
    "Minute",
    "Promoted",
    "Ratio",
    "Split",
    "SplitCheck",
    "Verdict",
    "check_traffic",
    "compare_environment",
    "default_weights",
    "dispersion",
    "failing_from",
    "judge",
    "judge_metrics",
    "judge_promoted",
    "latency_mde",
    "step_mde",
]
