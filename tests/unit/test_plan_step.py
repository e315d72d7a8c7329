"""What Plan says of an alias that is held, also after it has superseded a release."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import NOON, SETTINGS, a_plan, a_request
from tests.fakes.small_aws import small_aws, take_on
from tidegate.aws import clients, preflight, sources
from tidegate.aws.cloudwatch import alarms
from tidegate.aws.ending import supersession
from tidegate.aws.ledger import locks, records
from tidegate.aws.ledger.records import RUNNING, Release
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import InvalidRequest, LockHeld, NotConfigured
from tidegate.domain.finding import Finding
from tidegate.domain.planning.outlook import Outlook
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.schedule import format_time
from tidegate.steps import plan
from tidegate.steps.plan import Look, PlanEvent, _take_over, handler

ARN = "arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:"
FIRST = Release("first", f"{ARN}first", RUNNING, NOON, {}, a_plan(), ())


def _hold(name: str) -> None:
    take_on(name, ARN + name, a_plan())


@pytest.mark.parametrize(
    ("holder", "advice"),
    [
        ("first", "another process is still rolling it back: Recover, or a release that supersedes it too."),
        ("third", "It locked the alias while this release superseded an earlier one"),
    ],
)
def test_a_release_that_has_superseded_another_is_not_told_to_supersede_it(
    holder: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supersession, "supersede", lambda _found, _by, _now: "superseded release first")
    now, request = format_time(NOON), a_request(on_conflict="supersede")
    raw = {"release": "second", "now": now, "execution": ARN + "second", "request": {"function": "checkout"}}
    event = PlanEvent.model_validate({**raw, "settings": SETTINGS, "attempt": 0})
    with small_aws():
        _hold(holder)
        with pytest.raises(LockHeld) as raised:
            _take_over(event, request, [FIRST], Look(a_plan(), Outlook(), {}))
    told = str(raised.value)
    assert told.startswith(f"checkout:live has been locked by release {holder} since {now}. ")
    assert advice in told
    assert "on_conflict" not in told
    assert told.endswith("Before that: superseded release first.")


@pytest.mark.parametrize(
    ("stack", "name", "said"),
    [
        (
            "releases-of-the-shop-in-europe",
            "releases-of-the-shop-in-europe-PlanFunction-0aB1c2D3e4F5",
            "has 30 characters",
        ),
        ("tidegate", "tide-PlanFunction-0aB1c2D3e4F5", "Deploy the stack with a shorter name"),
    ],
)
def test_nothing_is_released_where_our_own_functions_have_names_cut_short(
    stack: str, name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither Plan nor the Deny of template.yaml would then know them, and a pattern like `*` has them too.

    Plan's own name may be whole then, while that of BeforeTraffic, which is longer, is not.
    """
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", name)
    settings = {**SETTINGS, "own_prefix": f"{stack}-", "function_pattern": "*"}
    raw = {"release": "second", "now": format_time(NOON), "execution": ARN + "second"}
    event = {**raw, "request": {"function": "checkout"}, "settings": settings, "attempt": 0}
    with small_aws(), pytest.raises(NotConfigured, match=said):
        handler(event, None)


def test_a_release_that_has_not_is_told_that_it_may() -> None:
    with small_aws():
        _hold("first")
        held = locks.holders(["checkout:live"], "second")
    with pytest.raises(LockHeld, match='"on_conflict": "supersede" to stop that release'):
        locks.refuse(held)


def test_a_release_that_supersedes_another_looks_once_for_what_its_request_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[str] = []
    found = Inspected(configuration={}, alias=AliasState("42"), timeouts=(3, 3))

    def looking(at: str, answer: Any) -> Callable[..., Any]:
        def look(*_: Any, **__: Any) -> Any:
            looks.append(at)
            return answer

        return look

    monkeypatch.setattr(plan, "inspect", looking("function", found))
    monkeypatch.setattr(sources, "absent", looking("sources", []))
    monkeypatch.setattr(alarms, "missing", looking("alarms", []))
    monkeypatch.setattr(plan, "look_ahead", lambda *_: Outlook())
    monkeypatch.setattr(clients, "refuse_older_sdk", lambda: None)
    asked = {"function": "checkout", "on_conflict": "supersede"}
    event = {"release": "second", "now": format_time(NOON), "execution": ARN + "second", "request": asked}
    with small_aws() as aws:
        aws.moved("checkout", "42")
        _hold("first")
        answer = handler({**event, "settings": SETTINGS, "attempt": 0}, None)
        (lock,) = locks.read(["checkout:live"])
    assert (answer["next"], lock.release) == ("prepare", "second")
    assert looks == ["function", "sources", "alarms", "function"]


@pytest.mark.parametrize("urgent", [True, False])
def test_what_we_find_refuses_a_release_but_none_in_an_emergency(urgent: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Inspected(configuration={}, alias=AliasState("42"), timeouts=(3, 3))
    finding = Finding("unqualified-callers", "error", "checkout:live", "a queue calls it", "it matters", "mend it")
    monkeypatch.setattr(plan, "inspect", lambda *_, **__: found)
    monkeypatch.setattr(preflight, "look", lambda *_, **__: ([finding], {}, {}))
    monkeypatch.setattr(sources, "absent", lambda *_, **__: [])
    monkeypatch.setattr(alarms, "missing", lambda names: names)
    monkeypatch.setattr(plan, "look_ahead", lambda *_: Outlook())
    monkeypatch.setattr(clients, "refuse_older_sdk", lambda: None)
    labels = {"labels": {"emergency": "orders fail"}} if urgent else {}
    asked = {"function": "checkout", "analysis": {"alarms": ["gone"]}, **labels}
    event = {"release": "second", "now": format_time(NOON), "execution": ARN + "second", "request": asked}
    with small_aws() as aws:
        aws.moved("checkout", "42")
        if urgent:
            answer = handler({**event, "settings": SETTINGS, "attempt": 0}, None)
            assert records.read("second").plan.findings == (replace(finding, severity="warning"),)
            assert "unqualified-callers: checkout:live: a queue calls it" in answer["summary"]
            return
        with pytest.raises(InvalidRequest) as refused:
            handler({**event, "settings": SETTINGS, "attempt": 0}, None)
    assert {problem.split(":")[0] for problem in refused.value.problems} == {
        "unqualified-callers",
        "analysis.alarms[0]",
    }
