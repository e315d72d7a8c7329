"""Restoring an alias whose release provisioned environments that AWS does not remove."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.builders import a_plan, a_target
from tests.failing import refused
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tidegate.aws.ending.restoration import restore
from tidegate.aws.lambda_ import aliases, provisioning
from tidegate.aws.ledger import provisioned
from tidegate.domain.alias import AliasState

NAME = "r-1"


@pytest.fixture
def aws() -> Iterator[SmallAws]:
    """A release that has split its alias, and has requested environments of version 43."""
    with small_aws() as aws:
        aws.moved("checkout", "42", v43=0.1)
        take_on(NAME, "arn:r-1", a_plan(a_target()))
        provisioned.note("checkout:live", NAME, "43")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(aliases, "using", lambda *_: ["live"])  # a list may be older than the alias
            yield aws


def refusing(code: str, status: int = 400) -> Any:
    def delete(**_: Any) -> Any:
        raise refused(code, status)

    return lambda: SimpleNamespace(delete_provisioned_concurrency_config=delete)


def test_what_cannot_be_removed_is_told_and_the_alias_is_restored_all_the_same(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provisioning, "lambda_client", refusing("AccessDeniedException", 403))
    restoration = restore("checkout:live", NAME, "43")
    assert aws.state("checkout") == ("42", {})
    assert restoration.as_before
    assert "the provisioned environments of version 43 of checkout stay, and cost money" in restoration.sentence
    assert "--function-name checkout --qualifier 43" in restoration.sentence


def test_a_busy_aws_is_asked_again(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioning, "lambda_client", refusing("TooManyRequestsException", 429))
    with pytest.raises(ClientError, match="TooManyRequests"):
        restore("checkout:live", NAME, "43")
    assert aws.state("checkout") == ("42", {})
    monkeypatch.setattr(provisioning, "lambda_client", refusing("ResourceNotFoundException", 404))
    assert restore("checkout:live", NAME, "43").sentence == "checkout:live is 100 % on version 42 again"


def test_an_alias_that_somebody_put_on_the_new_version_keeps_its_environments(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provisioning, "lambda_client", refusing("AccessDeniedException", 403))
    aws.moved("checkout", "43")
    restoration = restore("checkout:live", NAME, "43")
    assert (aws.state("checkout"), restoration.left) == (("43", {}), AliasState("43"))
    assert "could not be removed" not in restoration.sentence


def test_environments_of_a_version_that_another_alias_uses_stay(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioning, "lambda_client", refusing("AccessDeniedException", 403))
    monkeypatch.setattr(aliases, "using", lambda *_: ["beta"])
    restoration = restore("checkout:live", NAME, "43")
    assert restoration.sentence.endswith("version 43 of checkout stay, because beta uses that version")


def test_the_second_alias_of_routed_users_which_goes_back_too_keeps_no_environments(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = []
    client = SimpleNamespace(delete_provisioned_concurrency_config=lambda **named: removed.append(named["Qualifier"]))
    monkeypatch.setattr(provisioning, "lambda_client", lambda: client)
    monkeypatch.setattr(aliases, "using", lambda *_: ["live", "live-canary"])
    assert restore("checkout:live", NAME, "43").sentence == "checkout:live is 100 % on version 42 again"
    assert removed == ["43"]
