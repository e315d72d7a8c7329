"""What becomes of the old version's provisioned environments after a promotion, if AWS does not remove them."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.builders import a_plan, a_target
from tests.failing import raising, refused
from tidegate.aws.ending import handover
from tidegate.aws.lambda_ import aliases, provisioning
from tidegate.aws.ledger import locks
from tidegate.domain.execution import CarriedTarget

RELEASE: Any = SimpleNamespace(name="monday", plan=a_plan(a_target(provisioned=2), a_target("basket")))
LEFT = CarriedTarget("checkout", "live", "42", "43", 2)


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A release that has requested environments of its version; nothing else uses the old one."""
    lock = SimpleNamespace(target="checkout:live", release="monday", provisioned="43")
    monkeypatch.setattr(locks, "read", lambda _: [lock])
    monkeypatch.setattr(aliases, "using", lambda *_: [])
    return monkeypatch


def test_what_may_not_be_removed_stays_and_is_told_with_the_command(noted: pytest.MonkeyPatch) -> None:
    noted.setattr(provisioning, "remove", raising(refused("AccessDeniedException", 403)))
    (said,) = handover.hand_over(RELEASE)
    assert "the provisioned environments of version 42 of checkout stay, and cost money" in said
    assert said.endswith("aws lambda delete-provisioned-concurrency-config --function-name checkout --qualifier 42")


def test_a_busy_lambda_is_asked_again_by_recover(noted: pytest.MonkeyPatch) -> None:
    noted.setattr(provisioning, "remove", raising(refused("TooManyRequestsException", 429)))
    with pytest.raises(ClientError):
        handover.hand_over(RELEASE)


def test_environments_that_this_release_did_not_request_are_left_alone(noted: pytest.MonkeyPatch) -> None:
    noted.setattr(locks, "read", lambda _: [SimpleNamespace(target="checkout:live", release="monday", provisioned="")])
    noted.setattr(provisioning, "remove", raising(AssertionError()))
    assert handover.hand_over(RELEASE) == []


def test_without_the_ledger_the_environments_of_the_new_version_are_named() -> None:
    assert "; version 43 of checkout may keep the 2 provisioned environments" in LEFT.left_over
    assert CarriedTarget("checkout", "live", "42", "43").left_over == ""
