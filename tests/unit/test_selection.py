"""Functions that a request selects by tags or by a stack: what changed is released, in the waves of its tags."""

from typing import Any

import pytest

from tests.builders import ANYTHING, some_settings
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.planning.selected import changed
from tidegate.domain.request.parse import parse_request, read_request
from tidegate.domain.request.selection import selection_of
from tidegate.domain.version import Content

BY_TAG = {"tag": {"app": "shop"}, "alias": "beta", "strategy": "canary-10-5m", "wave_tag": "wave"}
SETTINGS = some_settings()


def content(code: str, **settings: Any) -> Content:
    return Content(code, settings)


def found(latest: Content, stable: Content | None, **tags: str) -> Inspected:
    alias = AliasState("4") if stable else None
    return Inspected(configuration={}, alias=alias, latest=latest, stable=stable, tags=tags)


NEW, OLD = content("new"), content("old")


def test_a_selection_is_expanded_to_targets_with_the_same_fields() -> None:
    request = parse_request(BY_TAG, limits=ANYTHING, functions=["shop-web", "shop-mail"])
    assert [(each.function, each.alias) for each in request.targets] == [("shop-web", "beta"), ("shop-mail", "beta")]
    assert (request.tag, request.strategy.name) == ({"app": "shop"}, "canary-10-5m")


def test_each_step_reads_a_selection_with_its_own_function() -> None:
    request = read_request({"stack": "shop", "probe": {"payload": {"ping": True}}}, SETTINGS, ["shop-web"])
    (target,) = request.targets
    assert (target.function, target.probe.payload) == ("shop-web", {"ping": True})


def test_what_has_not_changed_is_skipped_and_waves_come_from_a_tag() -> None:
    names = ["shop-web", "shop-mail", "shop-orders", "shop-new", "shop-tuned"]
    request = parse_request(BY_TAG, limits=ANYTHING, functions=names)
    states = [
        found(NEW, OLD),
        found(OLD, OLD),
        found(NEW, OLD, wave="2"),
        found(NEW, None),
        found(content("old", Timeout=5), content("old", Timeout=3)),
    ]
    kept, kept_states, skipped = changed(BY_TAG, request, states)
    assert [(each.function, each.wave) for each in kept.targets] == [
        ("shop-web", 1),
        ("shop-orders", 2),
        ("shop-tuned", 1),
    ]
    assert kept_states == [states[0], states[2], states[4]]
    assert skipped == ("shop-mail (unchanged)", "shop-new (no alias beta)")


def test_a_request_that_names_its_functions_stays_as_it_is() -> None:
    raw = {"function": "shop-web"}
    request, states = parse_request(raw, limits=ANYTHING), [found(OLD, OLD)]
    assert changed(raw, request, states) == (request, states, ())


def test_nothing_to_release_is_refused_with_what_was_found() -> None:
    request = parse_request(BY_TAG, limits=ANYTHING, functions=["shop-web"])
    with pytest.raises(InvalidRequest, match=r"tag: tag app=shop has nothing to release: shop-web \(unchanged\)"):
        changed(BY_TAG, request, [found(OLD, OLD)])


@pytest.mark.parametrize("wave", ["0", "x", "101", "", "²"])
def test_a_tag_that_is_no_wave_is_refused(wave: str) -> None:
    request = parse_request(BY_TAG, limits=ANYTHING, functions=["shop-web"])
    with pytest.raises(InvalidRequest, match="wave_tag: the tag wave of shop-web is "):
        changed(BY_TAG, request, [found(NEW, OLD, wave=wave)])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"tag": {"app": "shop"}, "function": "x"}, "tag: selects the functions of the release: omit function"),
        ({"stack": "shop", "targets": []}, "stack: selects the functions of the release: omit targets"),
        ({"tag": {"app": "shop"}, "stack": "shop"}, "tag: selects the functions of the release: omit stack"),
        ({"function": "shop-x", "wave_tag": "wave"}, "wave_tag: is for functions that tag or stack select"),
        ({"tag": {"app": "shop"}}, "tag: only an execution can find the functions"),
    ],
)
def test_a_selection_that_contradicts_itself_is_refused(raw: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        read_request(raw, SETTINGS)


@pytest.mark.parametrize("raw", [{"tag": {}}, {"tag": "app"}, {"stack": ""}, {"stack": 7}, {"tag": {"a": 1}}, [], None])
def test_what_is_no_selection_is_validated_like_any_request(raw: Any) -> None:
    assert selection_of(raw) is None
    with pytest.raises(InvalidRequest):
        read_request(raw, SETTINGS)
