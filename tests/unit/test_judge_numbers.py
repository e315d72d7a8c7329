"""Every number of recorded releases, from the counts that the ledger keeps to the verdict: a rewrite changes none."""

import json
from typing import Any

import pytest

from tests.builders import a_plan, a_target
from tests.reading import ROOT
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.readings import Reading, Shift
from tidegate.domain.judge import FLEET_SHARE, MetricJudgement, Minute
from tidegate.domain.metric import PlannedMetric

RELEASES = json.loads((ROOT / "tests/unit/golden/judge/releases.json").read_text())
"""Rows are those of the ledger: start of the minute, calls and bad calls of the canary, then of stable."""

ROUNDING = 1e-9
"""Logarithms of another C library differ in their last bits."""


@pytest.mark.parametrize("release", RELEASES, ids=[release["case"] for release in RELEASES])
def test_a_recorded_release_is_judged_by_the_same_numbers(release: dict[str, Any]) -> None:
    found, expected = judged(release), release["found"]
    assert [found[name] for name in WORDS] == [expected[name] for name in WORDS]
    assert [found[name] for name in NUMBERS] == pytest.approx([expected[name] for name in NUMBERS], rel=ROUNDING)
    assert found["ratio"] == (expected["ratio"] and pytest.approx(expected["ratio"], rel=ROUNDING))
    assert found["metrics"].keys() == expected["metrics"].keys()
    for name, numbers in found["metrics"].items():
        assert numbers == pytest.approx(expected["metrics"][name], rel=ROUNDING), name


WORDS = ("verdict", "judge", "leading", "since", "explanation")
NUMBERS = ("log_e_value", "excess", "traffic")


def judged(release: dict[str, Any]) -> dict[str, Any]:
    target = a_target(timeout_seconds=release["timeout_seconds"])
    others = [a_target(f"other-{number}") for number in range(1, release["targets"])]
    metrics = tuple(PlannedMetric.of(metric) for metric in release["metrics"])
    # Recorded when the targets had all of alpha: now they have so much of a larger one.
    alpha = release["alpha"] / (1 - FLEET_SHARE if others else 1)
    plan = a_plan(target, *others, alpha=alpha, metrics=metrics)
    counts = {name: {start: Minute(*row) for start, *row in rows} for name, rows in release["rows"].items()}
    reading, baseline = Reading(counts, counted=frozenset(release["counted"])), Baseline.of(release["baseline"])
    shifts = [Shift(*shift) for shift in release["shifts"]]
    verdict = Comparison(plan, target, reading, baseline, shifts, release["now"]).judge()
    combined, traffic = verdict.combined, verdict.traffic
    assert combined
    assert traffic
    return {
        "verdict": verdict.verdict.value,
        "judge": combined.verdict.value,
        "leading": combined.leading,
        "log_e_value": combined.log_e_value,
        "excess": combined.excess,
        "since": combined.since,
        "ratio": combined.ratio and [combined.ratio.low, combined.ratio.high],
        "metrics": {each.metric.name: numbers(each) for each in combined.metrics},
        "traffic": traffic.log_e_value,
        "explanation": verdict.explanation(),
    }


def numbers(each: MetricJudgement) -> list[float]:
    return [each.share, each.needed, each.log_e_value, each.excess, each.information, *each.whole.counts]
