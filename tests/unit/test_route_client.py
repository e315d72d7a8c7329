"""What the library changes in calls of a Lambda client, and what it writes about their outcomes."""

import json
import time
from base64 import b64decode, b64encode
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.pages.documents import blocks
from tests.reading import ROOT
from tests.unit.routing_calls import Cloud, context, item, keys, mark, router, written
from tidegate_route import Document, Router, lines, position

(ANA,) = keys("ana")


@pytest.fixture(autouse=True)
def no_warning_was_written() -> None:
    lines._warn.cache_clear()


def qualifier(request: AWSPreparedRequest) -> str | None:
    return parse_qs(urlsplit(request.url).query).get("Qualifier", [None])[0]


def custom(request: AWSPreparedRequest) -> Any:
    sent = request.headers.get("X-Amz-Client-Context")
    return sent and json.loads(b64decode(sent)).get("custom")


def sent(made: Router, user: str | None = "ana", **call: Any) -> AWSPreparedRequest:
    cloud = Cloud()
    client = made.instrument(cloud.client(), "orders")
    with made.serving(user):
        client.invoke(**{"FunctionName": "orders", **call})
    return cloud.requests[0]


def test_a_call_goes_to_the_user_s_alias_and_hands_the_decision_on() -> None:
    found = sent(router())
    told = f"tidegate={ANA};orders=canary;orders.chance={mark(100)}"
    assert (qualifier(found), custom(found)) == ("live-canary", {"baggage": told})
    assert qualifier(sent(router({"orders": item(0)}))) == "live"


@pytest.mark.parametrize(
    "name",
    ["orders", "123456789012:function:orders", "arn:aws:lambda:eu-west-1:123456789012:function:orders"],
)
def test_a_function_is_known_by_name_and_by_arn(name: str) -> None:
    assert qualifier(sent(router(), FunctionName=name)) == "live-canary"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"Qualifier": "7"}, "7"),
        ({"FunctionName": "orders:live"}, None),
        ({"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:orders:live"}, None),
        ({"FunctionName": "another"}, None),
    ],
)
def test_an_explicit_qualifier_and_other_functions_are_left_alone(call: dict[str, Any], expected: str | None) -> None:
    found = sent(router(), **call)
    assert (qualifier(found), custom(found)) == (expected, None)


def test_an_asynchronous_call_has_no_client_context() -> None:
    found = sent(router(), InvocationType="Event")
    assert (qualifier(found), custom(found)) == ("live-canary", None)


def test_the_caller_s_own_client_context_stays() -> None:
    own = b64encode(json.dumps({"client": {"a": 1}, "custom": {"b": "2", "baggage": "c=3"}}).encode()).decode()
    found = sent(router(), ClientContext=own)
    assert json.loads(b64decode(found.headers["X-Amz-Client-Context"])) == {
        "client": {"a": 1},
        "custom": {"b": "2", "baggage": f"tidegate={ANA};orders=canary;orders.chance={mark(100)},c=3"},
    }


@pytest.mark.parametrize(
    "own", ["not base64!", b64encode(json.dumps({"custom": {"a": "b" * 2640}}).encode()).decode()], ids=["bad", "large"]
)
def test_a_client_context_that_cannot_be_extended_stays_and_the_alias_is_still_chosen(own: str) -> None:
    found = sent(router(), ClientContext=own)
    assert (qualifier(found), cast(Any, found.headers["X-Amz-Client-Context"]).decode()) == ("live-canary", own)


def test_a_mistake_in_the_library_does_not_fail_the_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = router()
    monkeypatch.setattr(Document, "place", lambda *_: 1 / 0)
    assert qualifier(sent(made)) == "live"
    assert "ZeroDivisionError" in capsys.readouterr().out


UNSAMPLED = next(f"u-{n}" for n in range(99) if int(keys(f"u-{n}")[0][-2:], 16) % 64)
SAMPLED = next(f"u-{n}" for n in range(9999) if not int(keys(f"u-{n}")[0][-2:], 16) % 64)


def outcomes(capsys: pytest.CaptureFixture[str], cloud: Cloud, *users: str | None) -> list[dict[str, Any]]:
    made = router({"orders": item(50, always=keys("tester"))})
    client = made.instrument(cloud.client(), "orders")
    for user in users:
        with made.serving(user):
            client.invoke(FunctionName="orders")
    return written(capsys)


def test_a_user_s_first_failure_is_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    failing = Cloud(lambda: {"X-Amz-Function-Error": "Unhandled"})
    (found,) = outcomes(capsys, failing, UNSAMPLED, UNSAMPLED, None, "tester")
    channel = "canary" if position("rel-1", keys(UNSAMPLED)[0]) < 5000 else "stable"
    assert found == {
        "release": "rel-1",
        "function": "orders",
        "channel": channel,
        "user": keys(UNSAMPLED)[0],
        "percent": 50.0,
        "failed": True,
        "level": 0,
    }


def test_of_users_without_failures_a_fixed_sample_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    found = outcomes(capsys, Cloud(), UNSAMPLED, SAMPLED, SAMPLED)
    assert [(each["user"], each["failed"]) for each in found] == [(keys(SAMPLED)[0], False)]


@pytest.mark.parametrize("status", [403, 500, 502])
def test_a_call_that_the_alias_does_not_take_has_failed(capsys: pytest.CaptureFixture[str], status: int) -> None:
    """A role that may call `live` only fails for the users of the canary, and no metric of the function shows it."""
    with pytest.raises(ClientError):
        outcomes(capsys, Cloud(status=status), UNSAMPLED)
    assert [each["failed"] for each in written(capsys)] == [True]


def test_a_refused_call_is_no_outcome_of_the_function(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ClientError):
        outcomes(capsys, Cloud(status=429), SAMPLED)
    assert written(capsys) == []


def test_a_call_that_times_out_has_failed(capsys: pytest.CaptureFixture[str]) -> None:
    def unanswered() -> Any:
        raise ReadTimeoutError(endpoint_url="https://lambda")

    with pytest.raises(ReadTimeoutError):
        outcomes(capsys, Cloud(unanswered), UNSAMPLED)
    assert [each["failed"] for each in written(capsys)] == [True]


FIELDS = {"release": "rel-1", "function": "orders", "percent": 10.0}


def test_lines_are_bounded_by_the_minute(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 60.0)
    known = lines.Outcomes()
    for user in keys(*(f"u-{number}" for number in range(3200))):
        known.record({**FIELDS, "user": user}, failed=True)
    found = written(capsys)
    levels = [each["level"] for each in found]
    assert (levels[0], levels[lines.LINES_A_MINUTE]) == (0, 1)
    assert levels == sorted(levels)
    assert len(found) < 8 * lines.LINES_A_MINUTE
    assert all(int(each["user"], 16) >> (65 - each["level"]) == 0 for each in found if each["level"]), "by the user"


def test_a_user_with_more_than_five_percent_of_the_calls_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    known = lines.Outcomes()
    for number in range(lines.WINDOW):
        user = ANA if number % 10 == 0 else f"{number:016x}"
        known.record({**FIELDS, "user": user}, failed=False)
    assert f"the user {ANA} makes 100 of 1000 calls" in capsys.readouterr().out
    for number in range(lines.WINDOW):
        known.record({**FIELDS, "user": f"{number % 25:016x}"}, failed=False)
    assert "calls" not in capsys.readouterr().out


def test_a_decorated_handler_serves_its_user_and_writes_how_the_call_ends(capsys: pytest.CaptureFixture[str]) -> None:
    made = router()

    @made.handler(key=lambda event, context: event["user"])
    def handle(event: Any, context: Any) -> str:
        if event.get("fails"):
            raise LookupError("as planned")
        return made.qualifier("billing")

    assert handle({"user": "ana"}, context()) == "live-canary"
    assert written(capsys) == []
    with pytest.raises(LookupError, match="as planned"):
        handle({"fails": True}, context(baggage=f"tidegate={ANA};orders=canary;orders.chance={mark(25)}"))
    assert written(capsys) == [
        {
            "release": "rel-1",
            "function": "orders",
            "channel": "canary",
            "user": ANA,
            "percent": 25.0,
            "failed": True,
            "level": 0,
        }
    ]


def test_a_key_that_cannot_be_found_means_stable(capsys: pytest.CaptureFixture[str]) -> None:
    made = router()
    handle = made.handler(key=lambda event, context: event["missing"])(lambda event, context: made.qualifier("orders"))
    assert handle({}, context()) == "live"
    assert "KeyError: 'missing'" in capsys.readouterr().out


class Nameless:
    """Has neither a text nor, when called, a result."""

    def __str__(self) -> str:
        raise LookupError("no text")

    def __call__(self, event: Any, context: Any) -> str:
        raise LookupError("no key")


def test_a_user_without_a_text_means_stable(capsys: pytest.CaptureFixture[str]) -> None:
    made = router()
    with made.serving(cast(Any, Nameless())):
        assert made.qualifier("orders") == "live"
    assert made.handler(key=Nameless())(lambda event, context: made.qualifier("orders"))({}, context()) == "live"
    assert "no key" in capsys.readouterr().out


def test_a_handler_adopts_what_its_caller_decided() -> None:
    made = router({"billing": item(0)})
    handle = made.handler(key=lambda event, context: "ana")(lambda event, context: made.qualifier("billing"))
    assert handle({}, context(baggage="tidegate=0123456789abcdef;billing=canary")) == "live-canary"
    assert handle({"headers": {"baggage": "tidegate=0123456789abcdef;billing=canary"}}, context()) == "live"


PAGE = ROOT / "docs/routing.md"


def test_the_examples_of_the_page_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With the document of the page in the table, and clients that answer without a network."""
    document = next(json.loads(each.content) for each in blocks("json") if each.page == PAGE and "salt" in each.content)
    written = {name: TypeSerializer().serialize(value) for name, value in document.items()}
    cloud = Cloud(body=lambda url: {"Item": written} if "dynamodb" in url else {})
    monkeypatch.setattr(boto3, "client", lambda service, **_: cloud.client(service))
    monkeypatch.setenv("TIDEGATE_TABLE", "tidegate-ledger")
    examples = [block for block in blocks("python") if block.page == PAGE and block.comment == "runs"]
    first, second, third = (block.content for block in examples)
    place: dict[str, Any] = {}
    exec(first, place)
    claims = {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "user-1"}}}}}
    assert place["handler"](claims, context())["headers"] == {"tidegate-channel": "orders=canary; in always"}
    exec(second, place)
    assert place["handler"]({"user": "user-2"}, context()) == 200
    called = [request for request in cloud.requests if "lambda" in request.url]
    assert [qualifier(request) for request in called] == ["live-canary", "live"]
    exec(third, place)
    assert capsys.readouterr().out.strip() == third.rpartition("# ")[2].strip()
