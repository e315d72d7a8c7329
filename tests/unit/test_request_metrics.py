"""What a request says of metrics, alarms and the look back: what is refused, and what becomes of the rest."""

from typing import Any

import pytest

from tests.builders import a_request
from tests.unit.refusing import of_checkout, the_problem
from tidegate.domain.analysis.measure import measures
from tidegate.domain.metric import LOG, USERS, metrics_of
from tidegate.domain.request.metrics import OURS

DECLINED = {
    "name": "declined",
    "namespace": "Shop",
    "bad": "Declined",
    "total": "Orders",
    "dimensions": {"version": "{version}"},
}


def compared_by(*metrics: Any) -> dict[str, Any]:
    return of_checkout(analysis={"metrics": list(metrics)})


REFUSED: list[tuple[object, str]] = [
    (of_checkout(analysis={"after": {"bake": "72h"}}), "strategy: may take up to 97h"),
    (of_checkout(analysis={"after": {"on_worse": "cry"}}), "analysis.after.on_worse: must be one of"),
    (of_checkout(analysis={"alarms": ["stopped", "stopped"]}), 'analysis.alarms[1]: "stopped" is already listed'),
    (of_checkout(analysis={"alarms": [""]}), "analysis.alarms[0]: is shorter than 1"),
    (of_checkout(analysis={"mde": 0}), "analysis.mde: must be 1e-06 or more, not 0"),
    # metrics
    (compared_by(), "analysis.metrics: has 0 entries; at least 1 are required"),
    (compared_by({"name": "errors"}, {"name": "errors"}), 'analysis.metrics[1].name: "errors" is already listed'),
    (compared_by({"name": "5xx"}), "analysis.metrics[0].name: must match"),
    (compared_by({"name": "latencies"}), 'analysis.metrics[0]: there is no metric "latencies"; there are errors, '),
    (compared_by({"name": "declined", "bad": "Declined"}), "metrics[0]: is your own metric and lacks namespace, "),
    (compared_by({**DECLINED, "name": "users"}), 'metrics[0]: is named "users", which Tidegate uses itself: choose'),
    (compared_by({**DECLINED, "name": "log"}), 'metrics[0]: is named "log", which Tidegate uses itself: choose'),
    (compared_by({**DECLINED, "dimensions": {"version": "42"}}), 'metrics[0]: has no "{version}" in its dimensions'),
    (compared_by({**DECLINED, "dimensions": {}}), 'metrics[0]: has no "{version}" in its dimensions'),
    (compared_by({**DECLINED, "name": "errors"}), 'metrics[0]: "errors" is a metric of Lambda: omit namespace, '),
    (compared_by({"name": "latency", "over_ms": 0}), "analysis.metrics[0].over_ms: must be 0.001 or more, not 0"),
    (compared_by({"name": "errors", "over_ms": 800}), 'metrics[0]: has "over_ms", which is for latency and init_'),
    (compared_by({"name": "errors", "weight": 1.5}), "analysis.metrics[0].weight: must be 1 or less, not 1.5"),
    (
        compared_by({"name": "errors"}, {"name": "latency", "mode": "report", "weight": 0.5}),
        'analysis.metrics[1]: is only reported, so it has no "weight"',
    ),
    (
        compared_by({"name": "errors"}, {"name": "init_duration", "mode": "gate"}),
        'analysis.metrics[1]: needs "over_ms" to gate',
    ),
    (
        compared_by({"name": "errors"}, {"name": "init_duration", "min_effect": 0.1}),
        'analysis.metrics[1]: is not a rate: omit "weight" and "min_effect"',
    ),
    (compared_by({"name": "errors", "mode": "report"}), "analysis: needs at least one metric that gates"),
    (
        compared_by({"name": "init_duration", "mode": "gate", "over_ms": 500}),
        "analysis: needs at least one metric that gates",
    ),
]


@pytest.mark.parametrize(("raw", "said"), REFUSED)
def test_what_cannot_be_is_refused_with_the_way_out(raw: object, said: str) -> None:
    assert said in the_problem(raw)


def weights(*metrics: dict[str, Any]) -> dict[str, float]:
    planned = metrics_of(a_request(analysis={"metrics": list(metrics)}).analysis)
    return {metric.name: round(metric.weight, 4) for metric in planned}


def test_errors_decide_and_gross_slowness_unless_the_request_says_otherwise() -> None:
    found = [(m.name, m.gates, round(m.weight, 4), m.min_effect) for m in metrics_of(a_request().analysis)]
    assert found == [("errors", True, 0.9091, 0.001), ("latency", True, 0.0909, 0.2)]


def test_other_settings_of_the_analysis_leave_the_usual_metrics_as_they_are() -> None:
    assert metrics_of(a_request(analysis={"alpha": 0.2}).analysis) == metrics_of(a_request().analysis)


def test_latency_that_a_request_names_decides_from_one_point_on() -> None:
    named = metrics_of(a_request(analysis={"metrics": [{"name": "errors"}, {"name": "latency"}]}).analysis)
    assert [(m.name, round(m.weight, 4), m.min_effect, m.only_gross) for m in named] == [
        ("errors", 0.6667, 0.001, False),
        ("latency", 0.3333, 0.01, False),
    ]


def test_a_pass_does_not_wait_for_latency_that_only_stops_gross_slowness() -> None:
    """A quiet function would be held longer for it than for its errors."""

    def waiting(*metrics: dict[str, Any]) -> list[str]:
        analysis = a_request(**({"analysis": {"metrics": list(metrics)}} if metrics else {})).analysis
        return [each.name for each in measures(metrics_of(analysis), {"p95": 3.0}) if each.waits]

    assert waiting() == ["errors"]
    assert waiting({"name": "errors"}, {"name": "latency"}) == ["errors", "latency-p95"]
    assert waiting({"name": "errors"}, {"name": "latency", "min_effect": 0.2}) == ["errors"]


def test_the_weights_of_what_decides_add_up() -> None:
    assert weights({"name": "errors"}, {"name": "latency"}) == {"errors": 0.6667, "latency": 0.3333}
    assert weights({"name": "errors"}, {"name": "throttles"}, DECLINED) == {
        "errors": 0.6667,
        "throttles": 0.1667,
        "declined": 0.1667,
    }
    assert weights({"name": "errors", "weight": 0.1}, {"name": "latency", "weight": 0.3}) == {
        "errors": 0.25,
        "latency": 0.75,
    }


def test_slow_is_worth_a_roll_back_from_one_point_on_and_an_error_from_a_tenth() -> None:
    planned = metrics_of(a_request(analysis={"metrics": [{"name": "errors"}, {"name": "latency"}]}).analysis)
    assert [metric.min_effect for metric in planned] == [0.001, 0.01]


def test_errors_are_counted_even_where_they_do_not_decide() -> None:
    planned = metrics_of(a_request(analysis={"metrics": [DECLINED]}).analysis)
    assert [(each.name, each.metric.gates) for each in measures(planned, {})] == [("declined", True), ("errors", False)]


def test_where_both_percentiles_are_one_latency_is_tested_once() -> None:
    planned = metrics_of(a_request(analysis={"metrics": [{"name": "errors"}, {"name": "latency"}]}).analysis)
    found = measures(planned, {"p95": 3.0, "p99": 3.0})
    assert [(each.name, each.over_ms, each.part) for each in found] == [
        ("errors", None, 1.0),
        ("latency-p95", 3.0, 1.0),
    ]


@pytest.mark.parametrize(
    ("strategy", "after"),
    [("guarded", ("alert", 2)), ("canary-10-5m", ("ignore", 2)), ("CodeDeployDefault.LambdaAllAtOnce", ("ignore", 2))],
)
def test_who_bakes_for_evidence_looks_back_and_who_keeps_a_schedule_does_not(
    strategy: str, after: tuple[str, int]
) -> None:
    found = a_request(strategy=strategy).analysis.after
    assert found is not None
    assert (found.on_worse, found.bake_minutes) == after


def test_the_reserved_names_are_those_of_tidegates_own_counts() -> None:
    assert OURS == (LOG, USERS)
