"""What AWS' own events start, and what not."""

import json
from typing import Any

import pytest

from tests.builders import some_settings
from tests.reading import ROOT
from tidegate.domain.errors import EventNotUnderstood, InvalidRequest
from tidegate.domain.triggers import (
    Image,
    Tagged,
    Update,
    may_be_ours,
    order_of_push,
    order_of_update,
    pushed,
    read_envelope,
    updated,
)

EVENTS = ROOT / "tests/events"
PUSH = json.loads((EVENTS / "ecr-push.json").read_text())
UPDATE = json.loads((EVENTS / "cloudtrail-update-code.json").read_text())
DIGEST = "sha256:" + "4f" * 32


def a_push(**detail: Any) -> Any:
    return read_envelope({**PUSH, "detail": {**PUSH["detail"], **detail}})


def an_update(**detail: Any) -> Any:
    return read_envelope({**UPDATE, "detail": {**UPDATE["detail"], **detail}})


def test_a_push_is_an_image_by_its_digest_under_a_tag() -> None:
    push = pushed(a_push())
    assert push
    assert push.image == Image("shop/cart", "released", DIGEST)
    assert push.wanted == ("shop/cart", "shop/cart:released")
    assert push.uri == f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/cart@{DIGEST}"


def test_in_china_registries_have_another_domain() -> None:
    push = pushed(read_envelope({**PUSH, "region": "cn-north-1"}))
    assert push
    assert push.uri.startswith("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/shop/cart@")


@pytest.mark.parametrize(
    "detail", [{"result": "FAILURE"}, {"action-type": "DELETE"}, {"image-tag": ""}, {"image-tag": None}]
)
def test_what_is_no_push_of_a_tag_starts_nothing(detail: dict[str, Any]) -> None:
    assert pushed(a_push(**detail)) is None


@pytest.mark.parametrize(
    "detail",
    [
        {"image-digest": "sha256:4f"},
        {"repository-name": 3},
        {"repository-name": "Shop"},
        {"image-tag": "-"},
        {"result": None},
    ],
)
def test_a_push_that_ecr_would_not_send_is_refused(detail: dict[str, Any]) -> None:
    with pytest.raises(EventNotUnderstood, match=r"^ECR Image Action: detail\."):
        pushed(a_push(**detail))


def test_a_value_that_no_tag_can_have_is_not_looked_for() -> None:
    push = pushed(a_push(**{"repository-name": "s" * 250}))
    assert push
    assert push.wanted == ("s" * 250,)


def test_all_functions_of_an_image_are_one_release_without_those_that_may_not_be_released() -> None:
    allowed = some_settings(image_repository_pattern="shop/*")
    found = [Tagged(name, {}) for name in ("shop-pay", "other-team", "tidegate-Start")]
    found.append(Tagged("shop-cart", {"tidegate:alias": "beta"}))
    found.append(Tagged("shop-tidegate-Start", {"tidegate:stack": "shop-tidegate"}))
    event = a_push()
    push = pushed(event)
    assert push
    order = order_of_push(event, push, found, allowed)
    assert order
    code = {"image_uri": push.uri}
    assert order.request["targets"] == [
        {"function": "shop-cart", "alias": "beta", "code": code},
        {"function": "shop-pay", "code": code},
    ]
    assert (order.name[:-12], order.sole, order.brought) == ("shop-cart-released-", False, (push.image,))
    assert order_of_push(event, push, found[1:3], allowed) is None


def test_an_image_of_a_repository_that_no_parameter_names_is_refused() -> None:
    event = a_push()
    push = pushed(event)
    assert push
    with pytest.raises(InvalidRequest, match="repositories"):
        order_of_push(event, push, [Tagged("shop-cart", {})], some_settings(image_repository_pattern="other/*"))


@pytest.mark.parametrize(
    "written",
    [
        "shop-cart",
        "123456789012:function:shop-cart",
        "arn:aws:lambda:eu-west-1:123456789012:function:shop-cart",
        "arn:aws:lambda:eu-west-1:123456789012:function:shop-cart:$LATEST",
    ],
)
def test_an_update_names_its_function_in_any_way(written: str) -> None:
    assert updated(an_update(requestParameters={"functionName": written})) == Update(
        "shop-cart", "arn:aws:sts::123456789012:assumed-role/deployer/ana"
    )


@pytest.mark.parametrize(
    "written",
    [
        "210987654321:function:shop-cart",
        "arn:aws:lambda:eu-west-1:210987654321:function:shop-cart",
        "arn:aws:lambda:us-east-1:123456789012:function:shop-cart",
    ],
)
def test_a_function_of_another_account_or_region_is_not_the_one_of_the_same_name_here(written: str) -> None:
    assert updated(an_update(requestParameters={"functionName": written})) is None


@pytest.mark.parametrize("sender", [{"source": "shop.builds"}, {"account": "210987654321"}, {"region": ""}])
@pytest.mark.parametrize("told", [PUSH, UPDATE], ids=["push", "update"])
def test_only_aws_itself_here_tells_of_pushes_and_updates(told: dict[str, Any], sender: dict[str, Any]) -> None:
    here = (told["source"], "123456789012", "eu-west-1")
    read_envelope(told).check_sender(*here)
    with pytest.raises(
        EventNotUnderstood, match=f"only if it comes from {told['source']} in 123456789012 in eu-west-1"
    ):
        read_envelope({**told, **sender}).check_sender(*here)


@pytest.mark.parametrize(
    "detail",
    [
        {"eventName": "UpdateAlias20150331"},
        {"eventName": None},
        {"errorCode": "ResourceConflictException"},
        {"requestParameters": {"functionName": "shop-cart", "dryRun": True}},
    ],
)
def test_what_changed_no_function_starts_nothing(detail: dict[str, Any]) -> None:
    assert updated(an_update(**detail)) is None


@pytest.mark.parametrize("parameters", [None, {}, {"functionName": 3}, {"functionName": "a b"}, [1]])
def test_an_update_of_no_function_is_refused(parameters: Any) -> None:
    with pytest.raises(EventNotUnderstood, match="functionName"):
        updated(an_update(requestParameters=parameters))


def test_a_function_is_released_on_an_update_only_if_it_is_tagged_so() -> None:
    event, update = an_update(), Update("shop-cart", "ana")
    tags = {"tidegate:on-update": "release", "tidegate:alias": "beta"}
    order = order_of_update(event, update, Tagged("shop-cart", tags), some_settings())
    assert order
    assert order.request == {
        "targets": [{"function": "shop-cart", "alias": "beta"}],
        "on_conflict": "supersede",
        "labels": {"started_by": "update by ana"},
    }
    for others in ({"tidegate:on-update": "no"}, {**tags, "tidegate:stack": "shop-tidegate"}):
        assert order_of_update(event, update, Tagged("shop-cart", others), some_settings()) is None


def test_functions_that_may_not_be_released_are_somebody_elses() -> None:
    named = ("shop-cart", "other", "tidegate-Start")
    assert [may_be_ours(Update(name, ""), some_settings(function_pattern="*")) for name in named] == [True, True, False]
    assert not may_be_ours(Update("other", ""), some_settings())
