"""Functions, releases and requests as callers write them: understood, or answered before AWS is asked."""

import io
import json
from types import SimpleNamespace
from typing import Any

import boto3
import click
import pytest
from click.testing import CliRunner

from tests.failing import raising
from tests.fakes.stack import EXECUTION, STACK
from tidegate.aws.lambda_ import aliases
from tidegate.aws.ledger import freezes as freezing
from tidegate.aws.ledger import index, items, locks
from tidegate.aws.ledger.index import ListedRelease
from tidegate.domain.alias import AliasState
from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Shared
from tidegate_cli.commands import doctor, freezes
from tidegate_cli.main import main
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.request import read_request, strategy_given, targets_of
from tidegate_cli.targets import FUNCTION, RELEASE, holders, newest, release_meant, target_of

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:shop"
SPELLED = ["shop", "shop:live", ARN, f"{ARN}:live", "123456789012:function:shop:live", "function:shop"]
ELSEWHERE = [ARN.replace("eu-west-1", "us-east-1"), ARN.replace("123456789012", "210987654321")]
TAKE_A_FUNCTION = ["plan", "release", "status", "history", "doctor", "rollback", "watch", "report", "replay"]


def shared() -> Shared:
    found = Shared("tidegate", None, None, json=False, quiet=False, verbose=False)
    found.__dict__["stack"] = STACK
    return found


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every call find the stack, and a release that holds shop:live."""
    lock = SimpleNamespace(target="shop:live", function="shop", alias="live", release="shop-1")
    monkeypatch.setattr(Shared, "connect", lambda _: None)
    monkeypatch.setattr(Shared, "stack", STACK)
    monkeypatch.setattr(locks, "read_all", lambda: [lock])
    monkeypatch.setattr("tidegate.aws.ledger.freezes.read", lambda _: [])
    monkeypatch.setattr(aliases, "read", lambda *_: SimpleNamespace(state=AliasState("3")))
    for check in ("_who", "_executions", "_ledger"):
        monkeypatch.setattr(doctor, check, lambda *_: "")
    monkeypatch.setattr(boto3, "client", raising(AssertionError("it asks AWS")))


@pytest.mark.parametrize("spelled", SPELLED)
def test_a_target_is_the_same_however_it_is_written(spelled: str) -> None:
    assert target_of(shared(), FUNCTION.convert(spelled, None, None)) == ("shop", "live")


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("spelled", SPELLED)
def test_status_finds_the_release_that_runs_however_its_function_is_written(
    spelled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "items", lambda _: [])
    monkeypatch.setattr(index, "newest_by_target", lambda *_: {})
    monkeypatch.setattr(freezing, "read", lambda _: [])
    shown = CliRunner().invoke(main, ["status", spelled])
    line = "shop:live  100 % on version 3  release shop-1"
    assert (shown.exit_code, shown.output.splitlines()[1:]) == (0, [line])


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("command", TAKE_A_FUNCTION)
@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_every_command_says_that_a_function_is_of_another_account_or_region(command: str, elsewhere: str) -> None:
    shown = CliRunner().invoke(main, [command, elsewhere])
    assert shown.exit_code in {Outcome.REFUSED.code, Outcome.FAILED.code}
    assert "shop is a function in" in shown.output
    assert "where the stack 'tidegate' is" in shown.output


@pytest.mark.parametrize("command", [*TAKE_A_FUNCTION, "hold", "promote"])
@pytest.mark.parametrize(
    ("spelled", "said"),
    [
        ("arn:aws:s3:::bucket", 'an ARN of "s3"'),
        ("shop:7", "names version 7"),
        ("shop:$LATEST", "names $LATEST"),
        ("shop:li ve", "qualifier"),
    ],
)
def test_what_is_no_function_is_refused_before_aws_is_asked(
    command: str, spelled: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shared, "connect", raising(AssertionError("it asks AWS")))
    shown = CliRunner().invoke(main, [command, spelled])
    assert shown.exit_code == 2, shown.output
    assert said in shown.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["release", "shop", "shop"], "shop is named twice"),
        (["release", "shop:live", ARN, "--alias", "live"], "shop:live is named twice"),
        (["plan", "shop,cart"], "separate functions by spaces: 'shop cart'"),
        (["release", "shop", "--version", "3,4"], "'3,4' is not a version number"),
        (["release", "shop", "--alias", "live,beta"], "not an alias name"),
        (["rollback", "shop", "--to", "$LATEST"], "not a version number"),
        (["rollback", "shop", "--to", "publish"], "not a version number"),
        (["release", "shop", "--version", "0"], "not a version number"),
        (["release", "shop", "--steps", "5,,25", "--every", "5m"], "are not percentages"),
        (["release", "shop", "--steps", "nan", "--every", "5m"], "are not percentages"),
        (
            ["freeze", f"{ARN}:live", "--reason", "x", "--until", "2h"],
            "with all its aliases; name only the function: shop",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_before_aws_is_asked(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shared, "connect", raising(AssertionError("it asks AWS")))
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 2, shown.output
    assert said in shown.output


def test_percentages_may_say_so() -> None:
    steps = strategy_given(None, "5%, 25 %", "5m")["steps"]
    assert [step["weight"] for step in steps] == [5, 25]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_request_is_read_with_a_byte_order_mark_and_the_schema_that_editors_want(encoding: str) -> None:
    text = '{"$schema": "https://host/request.schema.json", "function": "sh\\u006fp", "labels": {"by": "J\u00fcrgen"}}'
    assert read_request(io.BytesIO(text.encode(encoding))) == {"function": "shop", "labels": {"by": "J\u00fcrgen"}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\xff", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"function": "shop", "function": "cart"}', "'function' appears twice"),
        (b'{"function": "shop", "strategy": {"steps": [{"weight": NaN}]}}', "NaN is not a JSON number"),
        (b'{"targets": []}', '"function"'),
        (b'{"targets": [{"function": "shop"}, {"alias": "live"}]}', '"function"'),
        (b'{"function": 7}', "must be names"),
        (b'{"function": "shop,cart"}', "has a comma"),
        (b'{"function": "shop:live", "alias": "beta"}', "different alias"),
        (b'{"targets": [{"function": "shop"}, {"function": "shop"}]}', "shop is named twice"),
        (b'{"targets": [{"function": "shop:live"}, {"function": "shop", "alias": "live"}]}', "named twice"),
    ],
)
def test_a_request_that_is_none_is_answered_with_a_sentence(content: bytes, said: str) -> None:
    with pytest.raises(click.BadParameter, match=said):
        read_request(io.BytesIO(content))


@pytest.mark.parametrize("spelled", SPELLED)
def test_the_targets_of_a_request_get_plain_names(spelled: str) -> None:
    request: dict[str, Any] = {"function": spelled, "version": 3}
    wanted = {"function": "shop", "alias": "live", "version": 3}
    assert targets_of(shared(), request, None) == [wanted]
    assert targets_of(shared(), {"targets": [request]}, None) == [wanted]


def test_a_target_named_with_and_without_the_alias_of_the_stack_is_one() -> None:
    request = json.loads('{"targets": [{"function": "shop"}, {"function": "shop:live"}]}')
    with pytest.raises(click.BadParameter, match="shop:live is named twice"):
        targets_of(shared(), request, None)


@pytest.mark.parametrize("spelled", [*SPELLED, "shop-1", f"{EXECUTION}:shop-1"])
def test_a_release_is_found_by_its_function_its_name_and_its_execution(spelled: str) -> None:
    held: Any = [SimpleNamespace(target="shop:live", release="shop-1"), SimpleNamespace(target="a:live", release="a-1")]
    assert holders(shared(), held, RELEASE.convert(spelled, None, None)) == ["shop-1"]


def test_what_is_meant_and_is_not_there_is_said() -> None:
    with pytest.raises(Stop, match="No release of shop:beta is running"):
        holders(shared(), [], FunctionName("shop", "beta"))
    other = f"{EXECUTION}:shop-1".replace("tidegate", "other")
    with pytest.raises(Stop, match="is not a release of this stack"):
        release_meant(shared(), RELEASE.convert(other, None, None))


def test_a_freeze_takes_a_pattern_or_the_arn_of_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(Shared, "stack", STACK)

    def ask(*call: Any) -> dict[str, Any]:
        asked.append(call[2])
        return {"summary": "", "freezes": []}

    monkeypatch.setattr(freezes, "ask", ask)
    for pattern in ("shop-*", ARN):
        assert CliRunner().invoke(main, ["thaw", pattern, "--by", "me"]).exit_code == 0
    assert [order["thaw"] for order in asked] == ["shop-*", "shop"]


RUNNING = [SimpleNamespace(target="shop:live", release="shop-1"), SimpleNamespace(target="a:live", release="basket")]
PAST = [ListedRelease("basket-7", ("basket:live",)), ListedRelease("shop", ("a:live",))]


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("basket", "basket"),  # runs, and is the name of a function, too
        ("shop", "shop-1"),  # runs for the function, while the release of that name is over
        (f"{EXECUTION}:shop", "shop"),
        ("shop-1", "shop-1"),
        (f"{EXECUTION}:basket", "basket"),
    ],
)
def test_every_command_means_the_same_release_by_a_name(
    spelled: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: Any = RUNNING
    monkeypatch.setattr(locks, "read_all", lambda: held)
    monkeypatch.setattr(index, "listed", lambda: iter(PAST))
    monkeypatch.setattr(items, "exist", {"shop", "basket"}.__contains__)
    asked = RELEASE.convert(spelled, None, None)
    assert (holders(shared(), held, asked), newest(shared(), asked)) == ([meant], meant)


def test_a_name_that_nothing_runs_by_is_a_past_release_before_it_is_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "read_all", list)
    monkeypatch.setattr(index, "listed", lambda: iter(PAST))
    monkeypatch.setattr(items, "exist", {"shop"}.__contains__)
    asked = [newest(shared(), RELEASE.convert(name, None, None)) for name in ("shop", "basket", "basket:live", "none")]
    assert asked == ["shop", "basket-7", "basket-7", "none"]
