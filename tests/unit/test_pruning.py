"""The guards of deleting versions: the same call without a number would delete the function."""

import time

import pytest
from botocore.stub import Stubber

from tests.builders import NOON
from tidegate.aws.clients import lambda_client
from tidegate.aws.lambda_ import pruning
from tidegate.aws.lambda_.pruning import OldVersion, superfluous
from tidegate.entry import prune


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    """Give Lambda as a stub that takes only the calls it is told of."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = lambda_client.__wrapped__()
    monkeypatch.setattr(pruning, "lambda_client", lambda: client)
    stub = Stubber(client)
    stub.activate()
    return stub


@pytest.mark.parametrize("version", ["", "$LATEST", "live", "1:2", "-1"])
def test_without_a_number_nothing_is_asked_of_lambda(version: str, stubbed: Stubber) -> None:
    with pytest.raises(ValueError, match="is not a version number of checkout"):
        pruning.delete("checkout", version)


def test_a_version_is_deleted_by_its_number(stubbed: Stubber) -> None:
    stubbed.add_response("delete_function", {}, {"FunctionName": "checkout", "Qualifier": "7"})
    assert pruning.delete("checkout", "7")
    stubbed.assert_no_pending_responses()


def test_a_version_that_is_gone_is_deleted_and_one_that_an_alias_uses_is_not(stubbed: Stubber) -> None:
    stubbed.add_client_error("delete_function", "ResourceNotFoundException", http_status_code=404)
    assert pruning.delete("checkout", "7")
    stubbed.add_client_error("delete_function", "ResourceConflictException", http_status_code=409)
    assert not pruning.delete("checkout", "8")


def test_the_age_of_a_version_is_read_as_lambda_writes_it(stubbed: Stubber) -> None:
    listed = [{"Version": "$LATEST"}, {"Version": "7", "LastModified": "2027-01-15T12:00:00.000+0000"}]
    stubbed.add_response("list_versions_by_function", {"Versions": listed})
    assert pruning.versions("checkout") == [OldVersion(7, NOON)]


def test_keeping_no_version_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one version must be kept"):
        superfluous([OldVersion(1, 0)], keep=0, in_use=(), now=NOON)


def test_the_age_of_versions_is_counted_by_the_functions_own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event from the future made young versions old, and they were deleted."""
    asked: list[tuple[str, int]] = []

    def noted(name: str, now: int) -> list[str]:
        asked.append((name, now))
        return []

    monkeypatch.setattr(prune, "_prune", noted)
    monkeypatch.setattr(time, "time", lambda: NOON + 0.5)
    prune.handler({"time": "2037-01-15T12:00:00Z", "detail": {"name": "checkout-7"}}, None)
    assert asked == [("checkout-7", NOON)]
