"""From functions, options and files to a request: what is asked for, where it came from, what is refused at once."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.builders import NOON, a_plan
from tests.failing import raising
from tests.fakes.stack import STACK
from tests.golden import as_golden
from tests.without_aws import without_aws
from tidegate.domain.planning.outlook import ExpectedTraffic, outlook
from tidegate.domain.strategy import strategy_named
from tidegate_cli import starting
from tidegate_cli.command import Shared
from tidegate_cli.commands import plan as planning
from tidegate_cli.commands.release import release
from tidegate_cli.ending import Ending
from tidegate_cli.hints import as_options
from tidegate_cli.layers import Layer, laid
from tidegate_cli.main import main
from tidegate_cli.option_types import Moment
from tidegate_cli.outcome import Outcome
from tidegate_cli.plan_text import lines

GOLDEN = Path(__file__).parent / "golden/command"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give what calls of `plan` ask for, as a dry run would get it."""
    found: list[Any] = []
    without_aws(monkeypatch, STACK)
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)

    def dry_run(_shared: Shared, wanted: Any, _poll: float) -> tuple[Ending, Any, None]:
        found.append(wanted)
        return Ending(Outcome.DONE, "It would."), wanted, None

    monkeypatch.setattr(planning, "_dry_run", dry_run)
    return found


def call(*arguments: str, content: Any = None) -> Result:
    return CliRunner().invoke(main, arguments, input=None if content is None else json.dumps(content))


def test_plan_takes_what_release_takes() -> None:
    there = {name for each in planning.plan.params for name in (*each.opts, *each.secondary_opts)}
    assert {name for each in release.params for name in (*each.opts, *each.secondary_opts)} == there


def test_users_are_routed_by_an_option(asked: list[Any]) -> None:
    assert call("plan", "shop", "--routing", "users", "--no-wait").exit_code == 0
    assert asked[0].request == {"function": "shop", "alias": "live", "routing": "users"}
    refused = call("plan", "shop", "--routing", "users", "--emergency", "it burns")
    assert "omit --strategy, --steps and --routing" in refused.output


def test_every_option_is_in_the_request(asked: list[Any]) -> None:
    options = ["--version", "7", "--create-alias", "--again", "--on-conflict", "supersede", "--label", "a=b=c"]
    options += ["--on-inconclusive", "hold", "--on-idle", "refuse", "--on-hold-expired", "promote"]
    done = call("plan", "shop:beta", *options, "--emergency", "it burns", "--no-wait")
    assert done.exit_code == 0, done.output
    assert asked[0].request == {
        "function": "shop",
        "alias": "beta",
        "version": "7",
        "create_alias": True,
        "again": True,
        "strategy": "all-at-once",
        "on_conflict": "supersede",
        "analysis": {"on_inconclusive": "hold", "on_idle": "refuse", "on_hold_expired": "promote"},
        "labels": {"a": "b=c", "emergency": "it burns"},
    }


def test_a_request_may_select_its_functions_with_settings_for_all(asked: list[Any], tmp_path: Path) -> None:
    project = tmp_path / "tidegate.yaml"
    project.write_text("defaults: {strategy: canary-10-5m}\nfunctions: {shop-*: {strategy: linear-10-1m}}\n")
    content = {"tag": {"app": "shop"}, "wave_tag": "wave", "alias": "beta"}
    done = call("plan", "--project", str(project), "--label", "a=b", "--json", "--request", "-", content=content)
    assert done.exit_code == 0, done.output
    assert asked[0].request == {**content, "strategy": "canary-10-5m", "labels": {"a": "b"}}
    values = json.loads(done.stdout.splitlines()[-1])["values"]
    assert {"path": "strategy", "value": "canary-10-5m", "source": "tidegate.yaml, defaults"} in values
    assert call("plan", "--request", "-", content={"stack": "shop"}).exit_code == 0
    assert asked[1].request == {"stack": "shop"}


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ({"tag": {"app": "shop"}, "function": "shop"}, [], "tag: selects the functions of the release: omit function"),
        ({"tag": {"app": "shop"}, "strategy": "slow"}, [], "strategy: "),
        ({"tag": "shop"}, [], 'every target needs a "function"'),
        (
            {"stack": "shop"},
            ["--publish-sha", "0" * 64],
            "--publish-sha needs functions by name, but this request selects",
        ),
        ({"stack": "shop"}, ["--wait-for-lock", "5m"], "--wait-for-lock needs functions by name"),
    ],
)
def test_a_request_that_selects_its_functions_wrongly_is_refused_before_aws_is_called(
    asked: list[Any], content: dict[str, Any], options: list[str], said: str
) -> None:
    done = call("plan", "--request", "-", *options, content=content)
    assert (done.exit_code, asked) == (2, [])
    assert said in done.output


def test_an_option_has_priority_over_the_file(asked: list[Any]) -> None:
    content = {
        "targets": [{"function": "shop", "probe": {"payload": 1}}, {"function": "cart:beta", "wave": 2}],
        "strategy": "guarded",
        "labels": {"a": "1", "b": "2"},
        "analysis": {"alpha": 0.1},
    }
    options = ["--strategy", "canary-10-5m", "--label", "b=3", "--on-inconclusive", "hold"]
    done = call("plan", "--request", "-", *options, content=content)
    assert done.exit_code == 0, done.output
    assert asked[0].request == {
        "targets": [
            {"function": "shop", "alias": "live", "probe": {"payload": 1}},
            {"function": "cart", "alias": "beta", "wave": 2},
        ],
        "strategy": "canary-10-5m",
        "labels": {"a": "1", "b": "3"},
        "analysis": {"alpha": 0.1, "on_inconclusive": "hold"},
    }
    assert asked[0].origin == {
        "strategy": "option",
        "labels.a": "request",
        "labels.b": "option",
        "cart:beta.wave": "request",
        "analysis.alpha": "request",
        "analysis.on_inconclusive": "option",
        "shop:live.probe": "request",
    }


def test_a_later_layer_wins_and_analysis_and_labels_are_merged() -> None:
    found = laid([Layer("low", {"labels": {"a": 1, "b": 1}, "probe": {"x": 1}}), Layer("high", {"labels": {"b": 2}})])
    assert found.values == {"labels": {"a": 1, "b": 2}, "probe": {"x": 1}}
    assert found.origin == {"labels.a": "low", "labels.b": "high", "probe": "low"}


@pytest.mark.parametrize(
    ("arguments", "content", "said"),
    [
        (["shop", "--strategy", "guardd"], None, 'did you mean "guarded"?'),
        (["shop", "--steps", "50,5", "--every", "5m"], None, "weights must rise"),
        (["shop", "--steps", "5", "--every", "90s"], None, "is not a whole number of minutes"),
        (["shop", "--label", f"a={'x' * 300}"], None, "is longer than 256"),
        (["--request", "-"], {"function": "shop", "stratgy": "guarded"}, 'did you mean "strategy"?'),
        (
            *(["--request", "-"], {"targets": [{"function": "shop", "strategy": "guarded"}, {"function": "cart"}]}),
            "targets[0].strategy: is not a field",
        ),
        (["--request", "-"], {"function": "shop", "probe": {"max_init_seconds": 0}}, "must be more than 0"),
        (["shop", "--request", "-"], {"function": "shop"}, "give a FUNCTION or a --request; example: tidegate plan"),
        ([], None, "give a FUNCTION or a --request"),
    ],
)
def test_a_mistake_in_a_request_is_found_before_aws_is_asked(
    arguments: list[str], content: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shared, "connect", raising(AssertionError("it asks AWS")))
    for command in ("plan", "release"):
        done = call(command, *arguments, content=content)
        assert done.exit_code == 2, done.output
        assert said.replace("tidegate plan", f"tidegate {command}") in done.stderr


def test_approvals_at_steps_of_the_stacks_own_strategy_are_left_to_plan(asked: list[Any]) -> None:
    assert call("plan", "--request", "-", content={"function": "shop", "approvals": [33]}).exit_code == 0
    assert asked[0].request["approvals"] == [33]
    wrong = {"function": "shop", "approvals": [33], "strategy": "guarded"}
    assert call("plan", "--request", "-", content=wrong).exit_code == 2


@pytest.mark.parametrize(
    ("written", "reworded"),
    [
        ('there is none; example: "create_alias": true', "there is none; example: --create-alias"),
        ('example: "version": "42"', "example: --version 42"),
        ('example: "on_conflict": "supersede"', "example: --on-conflict supersede"),
        ('example: "function": "checkout"', "example: checkout"),
        ('example: "probe": {"payload": 1}', 'example: "probe": {"payload": 1}'),
        ('example: "analysis": {"on_idle": "promote"}', "example: --on-idle promote"),
        ('example: "analysis": {"alpha": 0.1}', 'example: "analysis": {"alpha": 0.1}'),
        ('example: "keep": 5', 'example: "keep": 5'),
        ('example: "labels": {"commit": "4f2c9e1", "actor": "ci"}', "example: --label commit=4f2c9e1"),
        ('or {"steps": [{"weight": 5, "bake": "3m"}, {"weight": 50, "bake": "5m"}]}', "or --steps 5,25,50 --every 5m"),
        ('"metrics": [{"name": "errors"}, {"name": "latency"}]', "--gate errors --gate latency:800"),
        ('"dimensions": {"version": "{version}"}', '"dimensions": {"version": "{version}"}'),
    ],
)
def test_who_used_options_gets_options_as_hints(written: str, reworded: str) -> None:
    assert as_options(planning.plan.params)(written) == reworded


def test_who_wrote_a_request_gets_json_as_hints(asked: list[Any]) -> None:
    call("plan", "shop")
    call("plan", "--request", "-", content={"function": "shop"})
    hint = 'example: "again": true'
    assert [each.reword(hint) for each in asked] == ["example: --again", hint]


def test_plan_says_already_live_where_a_release_would(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    live = Ending(Outcome.ALREADY_LIVE, "shop:live: version 3 is already live. Nothing was started.")
    monkeypatch.setattr(starting, "already_live", lambda _: live)
    done = call("plan", "shop")
    assert (done.exit_code, done.stdout, asked) == (0, f"{live.sentence}\n", [])


def test_plan_names_the_running_release_of_the_same_code(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "holder_of_same", lambda *_: "shop-1")
    ignored: list[str] = []
    monkeypatch.setattr("tidegate_cli.unapplied.unapplied", lambda *_: ignored)
    done = call("plan", "shop")
    told = "Release shop-1 is releasing the same code. A release would follow it: tidegate watch shop-1"
    assert (done.exit_code, done.stdout, asked) == (0, f"{told}\n", [])
    ignored.append("strategy all-at-once (it has guarded)")
    assert " ".join(call("plan", "shop").stdout.split()) == f"{told}. Not applied: {ignored[0]}"
    assert call("plan", "shop", "--emergency", "orders fail").exit_code == Outcome.REFUSED.code
    assert asked == []
    call("plan", "shop", "--on-conflict", "supersede")
    assert len(asked) == 1


def test_plan_shows_a_table_then_values_then_findings_then_the_decision(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = dict.fromkeys(range(NOON - 3600, NOON, 60), 40)
    ahead = outlook(
        a_plan(strategy=strategy_named("guarded"), max_bake_minutes=15), {"checkout:live": ExpectedTraffic(calls)}, NOON
    )
    shown = ahead.shown("release checkout:live by guarded (5 % → 10 % → 25 % → 50 %)")

    def dry_run(_shared: Shared, wanted: Any, _poll: float) -> Any:
        return Ending(Outcome.DONE, "It would."), wanted, shown

    monkeypatch.setattr(planning, "_dry_run", dry_run)
    done = call("plan", "checkout", "--label", "commit=4f2c9e1")
    assert done.exit_code == 0, done.output
    assert done.stdout == as_golden(done.stdout, GOLDEN / "plan.txt")
    places = [done.stdout.index(word) for word in ("STEP", "VALUE", "\n- ", "A release would")]
    assert places == sorted(places)
    document = json.loads(call("plan", "checkout", "--json").stdout.splitlines()[-1])
    assert document["plan"]["targets"][0]["steps"][0]["weight"] == 5
    assert document["values"][-1] == {"path": "strategy", "value": "guarded", "source": "stack (DefaultStrategy)"}


def test_a_dry_run_by_an_older_tidegate_is_shown_as_its_sentence() -> None:
    assert list(lines("Dry run: nothing was changed.", None, [], quiet=False)) == ["Dry run: nothing was changed."]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2h", NOON + 7200),
        ("1h30m", NOON + 5400),
        ("3d", NOON + 3 * 86_400),
        ("18:00", NOON + 6 * 3600),
        ("9:00", NOON + 21 * 3600),
        ("2027-01-15T18:00:00Z", NOON + 6 * 3600),
        ("2027-01-15T18:00:00+02:00", NOON + 4 * 3600),
        ("2027-01-15T18:00", NOON + 6 * 3600),
        ("2027-01-16", NOON + 12 * 3600),
    ],
)
def test_a_moment_is_a_duration_a_time_of_day_or_a_date(
    text: str, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert Moment(text).seconds(NOON) == seconds


def test_a_time_of_day_is_in_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Etc/GMT-2")
    time.tzset()
    assert Moment("18:00").seconds(NOON) == NOON + 4 * 3600
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2 h", "2027-13-01", "0h", "h"])
def test_what_is_no_moment_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="examples: 2h, 3d, 18:00"):
        Moment(text)
