"""Mistakes in options: found before AWS is called, and worded for a person who used options."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from tests.builders import NOON
from tests.failing import raising
from tidegate.aws.lambda_ import functions
from tidegate.domain.events.milestone import Started, StartedTarget
from tidegate.domain.finding import Finding
from tidegate_cli import builds
from tidegate_cli.command import Shared
from tidegate_cli.commands import plan as planning
from tidegate_cli.follow import Follower, Wish
from tidegate_cli.hints import as_options
from tidegate_cli.main import main
from tidegate_cli.outcome import Stop
from tidegate_cli.views.view import Silent

REWORD = as_options(planning.plan.params)
IDLE = 'choose what happens without; example: "analysis": {"on_idle": "hold"}'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["release", "shop", "--emergency", " "], 'it needs a reason; example: --emergency "orders fail"'),
        (["rollback", "shop", "--emergency", ""], 'it needs a reason; example: --emergency "orders fail"'),
        (["plan", "shop", "--steps", "5,25", "--every", "5"], 'Invalid value for --every: "5" is not a duration'),
        (["release", "shop", "--publish-sha", "4f2c"], "'4f2c' is not a SHA-256 digest"),
        (["release", "shop", "--name", "a b"], "'a b' cannot name a release"),
        (["plan", "shop", "--name", "a b"], "'a b' cannot name a release"),
        (["retry", "shop", "--name", "a b"], "'a b' cannot name a release"),
        (["plan", "shop", "--gate", "latncy"], "there is no metric 'latncy', did you mean latency?"),
        (["plan", "shop", "--gate", "declined"], "a metric of your own needs --metric"),
        (
            ["plan", "shop", "--metric", "declined"],
            "your own metric needs --metric declined,namespace=Shop,bad=Declined",
        ),
        (["plan", "shop", "--strategy", "guardd"], "LambdaCanary10Percent5Minutes, or --steps 5,25,50 --every 5m;"),
        (["plan", "shop", "--label", f"a={'x' * 300}"], "example: --label commit=4f2c9e1"),
        (["replay", "shop", "--alpha", "3"], "analysis.alpha: must be 0.5 or less, not 3.0; example: --alpha 0.05"),
        (["replay", "shop", "--analysis", '{"alhpa": 1}'], 'did you mean "alpha"?; example: "alpha": 0.05'),
        (["freeze", "shop", "--reason", "x", "--until", "2020-01-01"], "2020-01-01 is in the past"),
        (["check"], "example: tidegate check release.json"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_a_mistake_in_an_option_is_found_before_aws_is_asked(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Shared, "connect", raising(AssertionError("it asks AWS")))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, arguments)
    assert (done.exit_code, said in done.stderr) == (2, True), done.output


def test_an_empty_variable_is_no_emergency(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of an input that a CI job leaves empty."""
    monkeypatch.setattr(Shared, "connect", raising(AssertionError("it asks AWS")))
    done = CliRunner().invoke(main, ["release", "shop", "--steps", "5"], env={"TIDEGATE_RELEASE_EMERGENCY": ""})
    assert "--steps needs --every" in done.stderr


def test_a_group_without_a_command_shows_its_help() -> None:
    done = CliRunner().invoke(main, ["route"])
    assert (done.exit_code, done.output.splitlines()[0]) == (2, "Usage: main route [OPTIONS] COMMAND [ARGS]...")
    assert "Error" not in done.output


def test_a_version_of_a_function_that_does_not_exist_is_no_missing_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "read", lambda *_: None)
    with pytest.raises(Stop, match="there is no function 'shp' in this account and Region"):
        builds.look([{"function": "shp", "alias": "live", "version": "7"}])


@pytest.mark.parametrize("digest", ["0aF" + "0" * 61, "+/" + "a" * 41 + "="])
def test_a_digest_may_be_hex_or_base64(digest: str) -> None:
    done = CliRunner().invoke(main, ["plan", "shop", "--steps", "5", "--publish-sha", digest])
    assert "--steps needs --every" in done.stderr


def test_the_findings_of_a_dry_run_name_options() -> None:
    found = {"findings": [IDLE], "targets": [{"target": "shop:live", "findings": ['example: "again": true']}]}
    asked: Any = SimpleNamespace(reword=REWORD)
    reworded = planning._reworded(found, asked)
    assert reworded["findings"] == ["choose what happens without; example: --on-idle hold"]
    assert reworded["targets"] == [{"target": "shop:live", "findings": ["example: --again"]}]
    assert planning._reworded(None, asked) is None


def test_the_warnings_of_a_release_name_options() -> None:
    finding = Finding("no-traffic", "warning", "shop:live", "it is idle", "", IDLE)
    shop = StartedTarget(function="shop", alias="live", stable="1")
    started = Started(
        at=NOON, release="r", summary="", targets=(shop,), strategy="guarded", steps=(), findings=(finding,)
    )
    eye: Any = SimpleNamespace(release="r")
    follower = Follower(eye, Silent(), Wish(reword=REWORD), resume="", link="")
    follower._show([started], compress=False)
    (shown,) = follower.told
    assert isinstance(shown, Started)
    assert shown.findings[0].fix == "choose what happens without; example: --on-idle hold"


@pytest.mark.parametrize(
    ("command", "variable", "said"),
    [
        ("plan", "TIDEGATE_PLAN_LABEL", "'wrong' is not NAME=TEXT"),
        ("release", "TIDEGATE_RELEASE_GATE", "there is no metric 'wrong'"),
        ("release", "TIDEGATE_RELEASE_ON_IDLE", "'wrong' is not one of"),
        ("rollback", "TIDEGATE_ROLLBACK_TO", "'wrong' is not a version number"),
    ],
)
def test_the_variable_of_an_option_has_its_name(command: str, variable: str, said: str) -> None:
    done = CliRunner().invoke(main, [command, "shop"], env={variable: "wrong"})
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
