"""Credentials that end before the release: said at its start, and no failure of it when they have ended."""

import time
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.credentials import RefreshableCredentials

from tidegate_cli.credentials import end_of_credentials, warning
from tidegate_cli.error_sentences import stop_for
from tidegate_cli.retrying import SightLost, patiently

GUARDED = {"function": "checkout"}
"""18 minutes of bakes in four steps."""


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Have credentials come from variables, as in a CI job."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "x")
    monkeypatch.delenv("AWS_CREDENTIAL_EXPIRATION", raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    boto3.setup_default_session()
    return monkeypatch


def end_in(seconds: float, variables: pytest.MonkeyPatch) -> None:
    variables.setenv("AWS_CREDENTIAL_EXPIRATION", datetime.fromtimestamp(time.time() + seconds, UTC).isoformat())


def warned(request: Any = GUARDED, parameters: dict[str, str] | None = None, timeout: float | None = None) -> str:
    return warning(request, parameters or {}, "tidegate watch r", timeout) or ""


def test_an_end_that_nobody_knows_is_not_guessed(variables: pytest.MonkeyPatch) -> None:
    assert (end_of_credentials(), warned()) == (None, "")
    variables.setattr(boto3, "DEFAULT_SESSION", None)
    assert end_of_credentials() is None


def test_a_release_that_takes_longer_is_warned_of_with_what_to_do(variables: pytest.MonkeyPatch) -> None:
    end_in(20 * 60 + 5, variables)
    said = warned()
    assert said.startswith("This release is planned to take 26 min or more, but these credentials expire in 20 ")
    assert said.endswith(
        "Start it with --no-wait, and follow it in a second job with its own credentials: tidegate watch r"
    )


@pytest.mark.parametrize(
    ("request_", "parameters", "timeout"),
    [
        ({**GUARDED, "strategy": "canary-10-5m"}, {}, None),
        (GUARDED, {"DefaultStrategy": "all-at-once"}, None),
        (GUARDED, {}, 15 * 60.0),
        ({"function": "checkout", "strategy": "of no name"}, {}, None),
    ],
)
def test_nothing_is_said_where_they_last_or_watching_ends_before_or_plan_will_refuse(
    request_: Any, parameters: dict[str, str], timeout: float | None, variables: pytest.MonkeyPatch
) -> None:
    end_in(20 * 60, variables)
    assert warned(request_, parameters, timeout) == ""


def test_a_release_that_may_roll_back_at_the_look_back_takes_longer(variables: pytest.MonkeyPatch) -> None:
    end_in(20 * 60, variables)
    after = {"bake": "20m", "on_worse": "rollback"}
    assert "planned to take 29 min or more" in warned(
        {**GUARDED, "strategy": "canary-10-5m", "analysis": {"after": after}}
    )


@pytest.mark.parametrize(("method", "known"), [("sso", True), ("iam-role", False), ("assume-role", False)])
def test_what_a_machine_or_a_profile_renews_has_no_end(method: str, known: bool, variables: pytest.MonkeyPatch) -> None:
    ends = datetime.fromtimestamp(2_000_000_000, UTC)
    held = RefreshableCredentials("x", "x", "x", ends, refresh_using=dict, method=method)
    assert boto3.DEFAULT_SESSION
    variables.setattr(boto3.DEFAULT_SESSION, "get_credentials", lambda: held)
    assert (end_of_credentials() == ends.timestamp()) == known


def test_credentials_that_have_ended_lose_sight_of_a_release_and_fail_nothing(
    variables: pytest.MonkeyPatch,
) -> None:
    end_in(-60, variables)
    assert boto3.DEFAULT_SESSION
    client = boto3.DEFAULT_SESSION.client("sts", region_name="eu-west-1")
    passed = [0.0]
    variables.setattr(time, "monotonic", lambda: passed[0])
    variables.setattr(time, "sleep", lambda seconds: passed.append(passed.pop() + seconds))
    with pytest.raises(SightLost, match="credentials are still expired"):
        patiently(client.get_caller_identity, lambda seconds, _: time.sleep(seconds))
    with pytest.raises(RuntimeError) as raised:
        client.get_caller_identity()
    assert "Log in again" in str(stop_for(raised.value))
    with pytest.raises(RuntimeError, match="of our own"):
        patiently(lambda: (_ for _ in ()).throw(RuntimeError("of our own")), lambda *_: None)
