"""`--gate` and `--metric`: what becomes of them in a request, and how mistakes are said."""

from typing import Any

import click
import pytest
from click.testing import CliRunner

from tests.builders import a_request
from tidegate.domain.metric import metrics_of
from tidegate_cli.metric_options import judging, metrics_given

USUAL = [{"name": "errors"}, {"name": "latency", "min_effect": 0.2, "weight": 0.05}]
DECLINED = "declined,namespace=Shop,bad=Declined,total=Orders,dimension.version={version},dimension.stage=prod"


def options(*arguments: str) -> dict[str, Any]:
    @click.command()
    @judging
    def command(**options: Any) -> dict[str, Any]:
        return options

    found: dict[str, Any] = command.main(arguments, standalone_mode=False)
    return found


def given(*arguments: str, analysis: Any = None) -> Any:
    return metrics_given(options(*arguments), analysis).get("metrics")


def test_without_them_a_request_stays_as_it_is() -> None:
    assert metrics_given(options(), {"metrics": [{"name": "errors"}]}) == {}


def test_a_gate_replaces_the_metric_of_its_name() -> None:
    assert given("--gate", "latency") == [USUAL[0], {"name": "latency", "mode": "gate"}]
    assert given("--gate", "latency:800") == [USUAL[0], {"name": "latency", "mode": "gate", "over_ms": 800.0}]
    assert given("--gate", "latency:800ms") == given("--gate", "latency:800")


def test_what_no_option_names_stays() -> None:
    assert given("--gate", "throttles") == [*USUAL, {"name": "throttles", "mode": "gate"}]
    other = {"metrics": [{"name": "errors", "min_effect": 0.02}]}
    assert given("--gate", "latency", analysis=other) == [*other["metrics"], {"name": "latency", "mode": "gate"}]


def test_a_metric_has_the_fields_of_a_request() -> None:
    assert given("--metric", DECLINED)[2] == {
        "name": "declined",
        "namespace": "Shop",
        "bad": "Declined",
        "total": "Orders",
        "dimensions": {"version": "{version}", "stage": "prod"},
    }
    assert given("--metric", "latency,mode=report,over_ms=24")[1] == {
        "name": "latency",
        "mode": "report",
        "over_ms": 24.0,
    }


def test_plan_reads_them_as_it_reads_a_request_without_metrics() -> None:
    """The usual metrics, written out, are those that a request has which names none."""
    planned = metrics_of(a_request(analysis={"metrics": USUAL}).analysis)
    assert planned == metrics_of(a_request().analysis)
    named = a_request(analysis={"metrics": given("--metric", DECLINED, "--gate", "init_duration:500")})
    assert [each.name for each in named.analysis.metrics] == ["errors", "latency", "init_duration", "declined"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--gate", "latency:"], "'latency:' is not METRIC or METRIC:MS; example: latency:800"),
        (["--gate", "latency:fast"], "MS must be a number, not 'fast'"),
        (["--metric", "name=latency"], "'name=latency' does not begin with a name"),
        (["--metric", "latency,over=8"], "'over' is not a field of a metric; there are mode, namespace,"),
        (["--metric", "latency,report"], "'report' of latency is not FIELD=VALUE"),
        (["--metric", "latency,mode=gate,mode=report"], "'mode=report' of latency appears twice"),
        (["--metric", "latency,weight=half"], "weight must be a number, not 'half'"),
    ],
)
def test_mistakes_are_said_before_aws_is_called(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(judging(click.Command("any", callback=lambda **_: None)), arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_one_metric_by_two_options_is_refused() -> None:
    with pytest.raises(click.UsageError, match="two options name the metric latency"):
        given("--gate", "latency:800", "--metric", "latency,mode=report")
