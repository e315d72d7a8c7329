"""From an event to a release: what is read, how it is named, what is refused."""

import re
from typing import Any

import pytest

from tests.builders import some_settings
from tests.failing import refused
from tidegate.aws import machine
from tidegate.domain.errors import AwsBusy, EventNotUnderstood, InvalidRequest
from tidegate.domain.execution import LONGEST_NAME
from tidegate.domain.request.limits import Settings
from tidegate.domain.triggers import Image, Order, StoredObject, named, overtaken, read_envelope, requested
from tidegate.domain.triggers.order import name_of_rejected
from tidegate.entry import start

ID = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"


def event(detail: Any, **changes: Any) -> dict[str, Any]:
    usual = {"version": "0", "id": ID, "source": "shop.builds", "account": "123456789012", "region": "eu-west-1"}
    return {**usual, "detail-type": "Release Requested", "detail": detail, **changes}


def order(detail: Any, *, allowed: Settings | None = None, **changes: Any) -> Order:
    return requested(read_envelope(event(detail, **changes)), allowed or some_settings())


def test_an_event_is_named_by_its_function_and_its_id() -> None:
    found = order({"function": "shop-cart"})
    assert found == Order("shop-cart-ab5d5fa1bb36", {"function": "shop-cart"}, ("shop-cart",))


def test_a_key_takes_the_place_of_the_id_and_is_no_part_of_the_request() -> None:
    detail = {"function": "shop-cart", "alias": "beta", "key": "build-4711"}
    found = order(detail)
    assert found == Order(
        "shop-cart-beta-build-4711", {"function": "shop-cart", "alias": "beta"}, ("shop-cart",), sole=True
    )
    assert order(detail, id="another") == found


def test_the_same_event_has_the_same_name_whatever_the_parameters_are_by_then() -> None:
    later = order({"function": "shop-cart"}, allowed=some_settings(default_alias="beta"))
    assert later == order({"function": "shop-cart"})


def test_several_functions_are_named_by_the_first_of_them() -> None:
    targets = [{"function": "shop-cart", "alias": "live"}, {"function": "shop-pay"}]
    assert order({"targets": targets, "key": "7"}).name == "shop-cart-live-and-1-7"


def test_a_name_has_only_what_the_executions_log_can_be_named_by_and_keys_stay_different() -> None:
    keys = ("1.2.3", "1-2-3", "1.2-3")
    names = [order({"function": "shop-cart", "key": key}).name for key in keys]
    assert names == ["shop-cart-1-2-3-c47f5b", "shop-cart-1-2-3", "shop-cart-1-2-3-72a92e"]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names)


def test_names_that_are_too_long_stay_different() -> None:
    names = {order({"function": f"shop-{'x' * 58}{end}", "key": "k" * 40}).name for end in "ab"}
    assert len(names) == 2
    assert {len(name) for name in names} == {LONGEST_NAME}


@pytest.mark.parametrize("what", ["code", "configuration"])
def test_changes_come_by_event_only_where_that_is_allowed(what: str) -> None:
    carried = {"code": {"s3_bucket": "builds", "s3_key": "a.zip"}, "configuration": {"memory_size": 512}}
    detail = {"function": "shop-cart", what: carried[what]}
    with pytest.raises(InvalidRequest, match=rf"^{what}: events must not contain {what}: .*AllowChangesByEvent"):
        order(detail)
    assert order(detail, allowed=some_settings(allow_changes_by_event=True)).request == detail


def test_an_object_that_s3_tells_of_has_to_be_the_newest_and_one_that_somebody_names_need_not_be() -> None:
    code = {"s3_bucket": "builds", "s3_key": "a.zip", "s3_object_version": "v1"}
    detail = {"function": "shop-cart", "code": code}
    allowed = some_settings(allow_changes_by_event=True)
    assert order(detail, allowed=allowed, source="aws.s3").brought == (StoredObject("builds", "a.zip", "v1"),)
    assert order(detail, allowed=allowed).brought == ()


@pytest.mark.parametrize(("newest", "now"), [("sha256:2", "is sha256:2 now"), (None, "has been deleted")])
def test_what_was_overtaken_is_named_with_what_took_its_place(newest: str | None, now: str) -> None:
    image = Image("shop/cart", "released", "sha256:1")
    assert overtaken(image, "sha256:1") is None
    assert f"shop/cart:released {now}, but the event is about sha256:1:" in (overtaken(image, newest) or "")
    assert "s3://builds/a.zip" in (overtaken(StoredObject("builds", "a.zip", "v1"), newest) or "")


def test_changes_of_every_target_are_named_by_their_place() -> None:
    targets = [{"function": "shop-cart"}, {"function": "shop-pay", "configuration": {"memory_size": 512}}]
    with pytest.raises(InvalidRequest, match=r"^targets\[1\]\.configuration: "):
        order({"targets": targets})


class Forgetful:
    """Step Functions that has an execution of this name, and does not tell of it yet."""

    def start_execution(self, **_: Any) -> None:
        raise refused("ExecutionAlreadyExists", 400)

    def describe_execution(self, **_: Any) -> None:
        raise refused("ExecutionDoesNotExist", 400)


def test_a_key_is_not_called_used_while_nobody_can_say_for_what(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_MACHINE_ARN", "arn:aws:states:eu-west-1:123456789012:stateMachine:tidegate-release")
    for module in ("machine", "executions"):
        monkeypatch.setattr(f"tidegate.aws.{module}.stepfunctions_client", Forgetful)
    with pytest.raises(AwsBusy, match="shop-cart-7, but Step Functions does not show its request yet"):
        machine.start(order({"function": "shop-cart", "key": "7"}))


class Running:
    """Step Functions in which an execution runs: it answers a second start with the same input as the first."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def start_execution(self, name: str, **_: Any) -> None:
        self.started.append(name)

    def describe_execution(self, executionArn: str) -> dict[str, str]:
        if executionArn.rpartition(":")[2] not in self.started:
            raise refused("ExecutionDoesNotExist", 400)
        return {"status": "RUNNING"}


def test_an_event_that_comes_again_while_its_release_runs_does_not_say_that_it_started_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running = Running()
    monkeypatch.setenv("STATE_MACHINE_ARN", "arn:aws:states:eu-west-1:123456789012:stateMachine:tidegate-release")
    monkeypatch.setattr(machine, "read_settings", some_settings)
    for module in ("machine", "executions"):
        monkeypatch.setattr(f"tidegate.aws.{module}.stepfunctions_client", lambda: running)
    told = [start.handler(event({"function": "shop-cart"}), None)["summary"] for _ in range(2)]
    name = "shop-cart-ab5d5fa1bb36"
    assert told == [f"release {name} started", f"release {name} already exists"]


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 41, "a/b", 7, True, ["a"], "ü"])
def test_a_key_has_to_fit_into_a_name(key: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"^key: cannot name a release"):
        order({"function": "shop-cart", "key": key})


@pytest.mark.parametrize("key_in_the_way", [{"id": ""}, {"id": None}, {"id": 7}])
def test_an_event_without_an_id_could_not_be_told_from_one_that_comes_twice(key_in_the_way: dict[str, Any]) -> None:
    with pytest.raises(EventNotUnderstood, match="has no id"):
        order({"function": "shop-cart"}, **key_in_the_way)
    assert order({"function": "shop-cart", "key": "7"}, **key_in_the_way).name == "shop-cart-7"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (None, "object, but is missing"),
        ([], "object, but is a list"),
        ("x", 'object, but is "x"'),
        ({}, "detail-type, but it is missing"),
        (event("{}"), 'the detail must be an object, but is "{}"'),
        (event(None), "the detail must be an object, but is missing"),
        ({**event({}), "detail-type": ""}, "detail-type, but it is empty"),
        ({**event({}), "detail-type": 3}, "detail-type, but it is a number"),
    ],
)
def test_what_is_no_event_is_refused_with_what_is_wrong(raw: Any, why: str) -> None:
    with pytest.raises(EventNotUnderstood) as refused:
        read_envelope(raw)
    assert why in str(refused.value)


def test_a_request_that_no_execution_could_be_given_is_refused() -> None:
    with pytest.raises(EventNotUnderstood, match="exceeds the 262144 bytes"):
        order({"function": "shop-cart", "probe": {"payload": "x" * 262_144}})


def test_of_any_event_it_can_be_told_which_it_was() -> None:
    assert named(event({})) == {"id": ID, "source": "shop.builds", "detail_type": "Release Requested"}
    assert named([1]) == {"id": "", "source": "", "detail_type": ""}
    assert named({"id": "\ud800" + "x" * 999})["id"] == "?" + "x" * 255
    assert name_of_rejected(named(event({}))) == "event-ab5d5fa1bb36"
    assert name_of_rejected(named(None)) == "event"
