"""Metrics of our own: what they say of a tick, and the line that carries them."""

import json
from dataclasses import replace
from math import log

import pytest

from localcloud.cloudwatch import embedded
from localcloud.cloudwatch.store import Key
from tests.builders import a_plan, a_target, a_verdict
from tidegate.aws import gauges
from tidegate.aws.gauges import UNITS, judged
from tidegate.domain.judge import FLEET_SHARE, Verdict


@pytest.mark.parametrize(("verdict", "number"), [(Verdict.PASS, 1), (Verdict.INCONCLUSIVE, 0), (Verdict.FAIL, -1)])
def test_a_verdict_is_a_number(verdict: Verdict, number: float) -> None:
    assert judged(a_plan(), a_verdict(verdict), 25)["Verdict"] == number


def test_no_data_is_no_number_and_what_could_not_be_read_is_no_evidence() -> None:
    assert judged(a_plan(), a_verdict(Verdict.NO_DATA), 25) == {"Weight": 25, "Evidence": 0}
    assert judged(a_plan(), a_verdict(Verdict.NO_DATA, problem="internal error"), 25) == {"Weight": 25}


def with_evidence(log_e_value: float) -> float:
    verdict = a_verdict(Verdict.INCONCLUSIVE)
    assert verdict.combined is not None
    told = replace(verdict, combined=replace(verdict.combined, log_e_value=log_e_value))
    targets = [a_target(name) for name in ("checkout", "cart")]
    return judged(a_plan(*targets, alpha=0.1), told, 25)["Evidence"]


def test_evidence_is_percent_of_what_rolls_back() -> None:
    limit = log(2 / (0.1 * (1 - FLEET_SHARE)))
    assert with_evidence(limit) == 100
    assert with_evidence(limit / 4) == 25
    assert with_evidence(-3.0) == 0


def test_a_line_of_the_log_carries_them(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "tidegate-blue")
    gauges.show_target("checkout:live", {"Weight": 10.0, "Verdict": 1.0})
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    (directive,) = json.loads(line)["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Tidegate"
    assert directive["Metrics"] == [{"Name": name, "Unit": UNITS[name]} for name in ("Weight", "Verdict")]
    named = frozenset({("service", "tidegate-blue"), ("FunctionName", "checkout"), ("Alias", "live")})
    found = {point.key: point.value for point in embedded.points(line, at=0)}
    assert found == {Key("Tidegate", "Weight", named): 10, Key("Tidegate", "Verdict", named): 1}


@pytest.mark.parametrize("line", ["", "{}", '{"_aws": 1}', '{"_aws": {"CloudWatchMetrics": [{}]}}', 'said "_aws"'])
def test_any_other_line_carries_none(line: str) -> None:
    assert list(embedded.points(line, at=0)) == []
