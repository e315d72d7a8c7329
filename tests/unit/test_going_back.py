"""A release back to an earlier version runs under a freeze; nothing else does."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import ANYTHING, NOON, a_plan, a_request, a_target
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tidegate.aws import going_back
from tidegate.aws.ledger import freezes
from tidegate.aws.ledger.index import enlist
from tidegate.domain.alias import AliasState
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.errors import Frozen
from tidegate.domain.events.timeline import begun
from tidegate.domain.finding import Finding, softened
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.request.parse import parse_request

FREEZE = Freeze("checkout", "Black Friday", NOON + 3600, "ana", NOON)
EMERGENCY = {"emergency": "version 43 loses orders"}


@pytest.fixture
def aws() -> Iterator[SmallAws]:
    """A ledger with a release of checkout from version 41 to 43, which is live; checkout is frozen."""
    with small_aws() as aws:
        take_on("first", "arn:first", a_plan(a_target(snapshot=AliasState("41"))))
        enlist("first", NOON, ["checkout:live"], NOON + 86_400)
        del aws.items["locks", "checkout:live"]
        aws.moved("checkout", "43")
        aws.moved("basket", "43")
        freezes.put(FREEZE)
        yield aws


def refused(*, allowed: bool = True, **request: Any) -> bool:
    try:
        going_back.refuse_frozen(a_request(**request), NOON, allowed=allowed)
    except Frozen:
        return True
    return False


def noted(*, allowed: bool = True, **request: Any) -> ReleasePlan:
    plan = a_plan(a_target(snapshot=AliasState("43"), canary="41"))
    back = going_back.going_back(a_request(**request)) if allowed else frozenset[str]()
    return going_back.noted(plan, back, NOON)


@pytest.mark.usefixtures("aws")
def test_a_version_that_was_live_before_is_released_under_a_freeze_with_every_strategy() -> None:
    assert not refused(version="41")
    assert not refused(version="41", strategy="guarded")
    plan = noted(version="41")
    assert plan.targets[0].goes_back
    assert plan.freezable == ()
    assert freezes.covering(plan.freezable, NOON) is None, "no step is blocked or held"


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    "request_",
    [{}, {"version": "40"}, {"version": "44"}, {"labels": EMERGENCY}, {"version": "44", "labels": EMERGENCY}],
)
def test_nothing_else_is(request_: dict[str, Any]) -> None:
    assert refused(**request_)


@pytest.mark.usefixtures("aws")
def test_in_an_emergency_an_older_version_is_that_no_release_knows() -> None:
    assert not refused(version="40", labels=EMERGENCY)


@pytest.mark.usefixtures("aws")
def test_a_parameter_of_the_stack_forbids_it_and_the_refusal_says_so() -> None:
    assert refused(version="41", allowed=False)
    assert not noted(version="41", allowed=False).targets[0].goes_back
    with pytest.raises(Frozen, match="RollBackUnderFreeze is false"):
        going_back.refuse_frozen(a_request(), NOON, allowed=False)
    with pytest.raises(Frozen, match="tidegate rollback FUNCTION"):
        going_back.refuse_frozen(a_request(), NOON, allowed=True)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("other", "blocked"), [("basket", False), ("checkout-2", True)])
def test_a_frozen_target_that_does_not_go_back_blocks_the_one_that_does(other: str, blocked: bool) -> None:
    freezes.put(replace(FREEZE, pattern="checkout-*"))
    both = {"targets": [{"function": "checkout", "version": "41"}, {"function": other}]}
    request = parse_request(both, limits=ANYTHING)
    found = None
    try:
        going_back.refuse_frozen(request, NOON, allowed=True)
    except Frozen as error:
        found = str(error)
    assert (found is not None) is blocked
    assert found is None or found.startswith(f"{other} may not be released")


@pytest.mark.usefixtures("aws")
def test_the_freeze_is_recorded_and_announced() -> None:
    plan = noted(version="41")
    assert plan.despite_freeze == (
        "runs in spite of the freeze of 'checkout' until 2027-01-15T13:00:00Z (Black Friday; by ana), because it goes "
        "back to an earlier version"
    )
    assert ReleasePlan.of(plan.document()) == plan
    started = begun("r-1", {"started": NOON, "labels": {}, "plan": plan.document()})
    assert started.despite_freeze == plan.despite_freeze
    assert plan.despite_freeze in started.summary


@pytest.mark.usefixtures("aws")
def test_without_a_freeze_nothing_is_announced_but_a_later_freeze_does_not_block_it() -> None:
    freezes.remove("checkout")
    plan = noted(version="41")
    assert (plan.despite_freeze, plan.freezable) == ("", ())


def test_a_malformed_record_does_not_stop_the_search(aws: SmallAws) -> None:
    take_on("second", "arn:second", a_plan(a_target(snapshot=AliasState("43"))))
    enlist("second", NOON + 60, ["checkout:live"], NOON + 86_400)
    aws.items["release#second", "record"]["plan"] = {"S": "?"}
    assert not refused(version="41")


def test_the_records_of_many_targets_are_read_once_and_in_batches(aws: SmallAws) -> None:
    names = [f"basket-{number}" for number in range(9)]
    for number in range(30):
        take_on(f"r-{number}", f"arn:{number}", a_plan(*(a_target(name) for name in names), a_target("checkout")))
        enlist(f"r-{number}", NOON + number, [f"{name}:live" for name in [*names, "checkout"]], NOON + 86_400)
        for name in [*names, "checkout"]:
            del aws.items["locks", f"{name}:live"]
    wanted = [{"function": name, "version": "7"} for name in [*names, "checkout"]]
    request = parse_request({"targets": wanted}, limits=ANYTHING)
    aws.allow(6)  # pages of the list and batches of records, not one call a target and release
    assert going_back.going_back(request) == frozenset()


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("request_", "urgent"),
    [
        ({"version": "41"}, True),
        ({"labels": EMERGENCY}, True),
        ({"version": "44"}, False),
        ({}, False),
        ({"targets": [{"function": "checkout", "version": "41"}, {"function": "basket", "version": "41"}]}, False),
    ],
)
def test_an_emergency_is_urgent_and_a_release_that_goes_back_as_a_whole(request_: dict[str, Any], urgent: bool) -> None:
    request = parse_request(
        request_ if "targets" in request_ else {"function": "checkout", **request_}, limits=ANYTHING
    )
    assert going_back.is_urgent(request, going_back.going_back(request)) is urgent


def test_what_lambda_refuses_stays_an_error() -> None:
    def finding(check: str, severity: str = "error") -> Finding:
        return Finding(check, severity, "checkout:live", "it is so", "it matters", "mend it")

    found = [finding("unqualified-callers"), finding("roles-differ"), finding("architecture", "warning")]
    assert [(each.check, each.severity) for each in softened(found)] == [
        ("roles-differ", "error"),
        ("unqualified-callers", "warning"),
        ("architecture", "warning"),
    ]
