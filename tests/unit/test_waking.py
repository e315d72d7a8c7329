"""A version or a function that was idle for weeks: Lambda needs some minutes until it can be invoked again."""

import re
import time
from collections.abc import Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any, ClassVar

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError

from tests.builders import NOON, SETTINGS, a_plan, a_target
from tests.failing import refused
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tidegate.aws.failures import WAKING
from tidegate.aws.lambda_ import functions, invocations
from tidegate.domain.errors import (
    AwsBusy,
    CannotProbe,
    TidegateError,
    VersionNotActive,
    VersionsDiffer,
    VersionWakingUp,
)
from tidegate.domain.schedule import format_time
from tidegate.steps import probe, settle
from tidegate_cli.invoke import ask
from tidegate_cli.outcome import Outcome, Stop

NAME = "checkout-7"
EXECUTION = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:{NAME}"
PERMISSION = "role may invoke"
CONCURRENCY = "reserved concurrency"

ERRORS = botocore.session.get_session().get_service_model("lambda").operation_model("Invoke").error_shapes
STATUS = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in ERRORS}


class Lambda:
    """Version 43 of a function, which is invoked once it has failed with each of the `errors`."""

    def __init__(self) -> None:
        self.state = "Active"
        self.errors: list[ClientError] = []
        self.settings: dict[str, Any] = {}

    def get_function(self, FunctionName: str, Qualifier: str) -> dict[str, Any]:
        shown = {"Version": Qualifier, "State": self.state, "StateReasonCode": "Idle", "RevisionId": "1"}
        return {"Configuration": {**shown, "CodeSha256": "4f", "Timeout": 3, **self.settings}}

    def invoke(self, **_: Any) -> dict[str, Any]:
        if self.errors:
            raise self.errors.pop(0)
        return {"Payload": BytesIO(b"{}"), "ResponseMetadata": {"RequestId": "8f3c"}}


@pytest.fixture
def lambda_(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    fake = Lambda()
    monkeypatch.setattr(functions, "lambda_client", lambda: fake)
    monkeypatch.setattr(invocations, "probe_client", lambda _timeout: fake)
    return fake


@pytest.fixture
def ledger(lambda_: Lambda) -> Iterator[SmallAws]:
    with small_aws() as aws:
        take_on(NAME, EXECUTION, a_plan(a_target()))
        yield aws


def event(**more: Any) -> dict[str, Any]:
    target = {"function": "checkout", "alias": "live", "stable": "42", "version": "43", "expires": NOON}
    return {"release": NAME, "now": format_time(NOON), "target": target, **more}


def probed() -> dict[str, Any]:
    return probe.handler(event(request={"function": "checkout"}, settings=SETTINGS), None)


def milestones(ledger: SmallAws) -> list[tuple[str, str]]:
    items = ledger.partition(f"release#{NAME}")
    return [(item["kind"], item["summary"]) for item in items if item["sk"].startswith("event#")]


def test_every_error_of_invoke_that_passes_by_itself_is_waited_for() -> None:
    """Those whose description in Lambda's API says to wait; and what a Pending function answers."""
    waits = re.compile(r"\b[Ww]ait\b|You can invoke the function when")
    assert {shape.name for shape in ERRORS if waits.search(shape.documentation)} | {
        "ResourceConflictException"
    } == WAKING


@pytest.mark.parametrize("code", sorted(STATUS))
def test_a_probe_tells_a_version_that_wakes_up_from_one_that_cannot_be_invoked(code: str, lambda_: Lambda) -> None:
    lambda_.errors = [refused(code, STATUS[code])]
    with pytest.raises(TidegateError) as caught:
        invocations.probe("checkout", "43", NAME, {}, 3)
    assert isinstance(caught.value, VersionWakingUp if code in WAKING else CannotProbe)
    assert ("is waking up" in str(caught.value)) is (code in WAKING)
    assert code in str(caught.value)
    assert PERMISSION not in str(caught.value)
    assert (CONCURRENCY in str(caught.value)) is (code == "TooManyRequestsException")


def test_a_probe_that_iam_refuses_names_the_permission(lambda_: Lambda) -> None:
    lambda_.errors = [refused("AccessDeniedException", 403)]
    with pytest.raises(CannotProbe, match=PERMISSION) as caught:
        invocations.probe("checkout", "43", NAME, {}, 3)
    assert CONCURRENCY not in str(caught.value)


def test_a_version_that_wakes_up_is_told_of_once_and_then_probed(lambda_: Lambda, ledger: SmallAws) -> None:
    lambda_.errors = [refused("ResourceConflictException", 409), refused("CodeArtifactUserPendingException", 409)]
    for _ in range(2):
        with pytest.raises(VersionWakingUp):
            probed()
    assert probed()["next"] == "ready"
    kinds = [kind for kind, _ in milestones(ledger)]
    assert sorted(kinds) == ["probed#checkout:live", "waking-up#checkout:live"]
    (told,) = (summary for kind, summary in milestones(ledger) if kind.startswith("waking-up"))
    assert told == "version 43 of checkout was idle and is waking up; this may take a few minutes"


def test_settle_says_of_an_idle_version_that_it_is_none_that_is_active(lambda_: Lambda, ledger: SmallAws) -> None:
    lambda_.state = "Inactive"
    assert settle.handler(event(), None)["next"] == "probe"
    assert milestones(ledger) == [
        ("settled#checkout:live", "version 43 of checkout is idle; the probe will wake it up")
    ]


def test_versions_that_no_alias_can_be_split_between_are_named_with_what_differs(
    lambda_: Lambda, ledger: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = functions.read

    def with_a_role_of_its_own(function: str, version: str | None) -> Any:
        lambda_.settings = {"Role": f"role-{version}"}
        return real(function, version)

    monkeypatch.setattr(functions, "read", with_a_role_of_its_own)
    with pytest.raises(VersionsDiffer) as caught:
        settle.handler(event(), None)
    assert str(caught.value) == (
        "checkout: versions 42 and 43 differ in Role, but Lambda splits an alias only between versions with the same "
        'Role. Release it with "strategy": "all-at-once", or to users, whose aliases have one version each: '
        '"routing": "users".'
    )


def test_the_long_wait_for_a_snapshot_is_told_once(lambda_: Lambda, ledger: SmallAws) -> None:
    lambda_.state = "Pending"
    lambda_.settings = {"SnapStart": {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}}
    first = settle.handler(event(), None)
    assert (first["next"], first["wait"]) == ("wait", 2)
    later = event() | {"now": format_time(NOON + 10), "target": first}
    assert settle.handler(later, None)["next"] == "wait"
    ((kind, summary),) = milestones(ledger)
    assert kind == "waiting#checkout:live"
    assert summary == (
        "version 43 of checkout is Pending: Lambda runs its init and makes a snapshot of it (SnapStart), which takes "
        "minutes"
    )


class Asked:
    """A function that people invoke, which fails so often before it answers."""

    def __init__(self, error: ClientError, times: int) -> None:
        self.errors = [error] * times
        self.paused = 0.0
        self.tried_since = True

    def invoke(self, **_: Any) -> dict[str, Any]:
        self.tried_since = True
        if self.errors:
            raise self.errors.pop()
        return {"Payload": BytesIO(b'{"accepted": true, "summary": "It is held."}')}

    def sleep(self, seconds: float) -> None:
        self.paused += seconds
        self.tried_since = False


def asked(monkeypatch: pytest.MonkeyPatch, error: ClientError, times: int) -> Asked:
    fake = Asked(error, times)
    monkeypatch.setattr(boto3, "client", lambda _service: fake)
    monkeypatch.setattr(time, "sleep", fake.sleep)
    return fake


class Stack:
    outputs: ClassVar = {"DecideFunction": "tidegate-DecideFunction-1"}


SHARED: Any = SimpleNamespace(stack=Stack(), stack_name="tidegate")


@pytest.mark.parametrize("code", sorted(WAKING))
def test_the_command_waits_until_the_function_that_it_asks_has_woken_up(
    code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = asked(monkeypatch, refused(code, STATUS[code]), 8)
    assert ask(SHARED, "DecideFunction", {}, "take decisions")["accepted"]
    assert fake.paused == 120
    assert capsys.readouterr().err.count("is waking up") == 1


def test_the_command_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = asked(monkeypatch, refused("ResourceConflictException", 409), 1000)
    with pytest.raises(Stop, match="is still waking up, so nothing was changed") as caught:
        ask(SHARED, "DecideFunction", {}, "take decisions")
    assert caught.value.outcome == Outcome.FAILED
    assert 300 <= fake.paused <= 360
    assert fake.tried_since, "nobody waits after the last try"


def test_the_command_passes_on_at_once_what_waiting_does_not_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = asked(monkeypatch, refused("AccessDeniedException", 403), 1)
    with pytest.raises(ClientError):
        ask(SHARED, "DecideFunction", {}, "take decisions")
    assert fake.paused == 0


def test_a_button_of_the_dashboard_says_that_nothing_is_decided_while_decide_wakes_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = Asked(refused("CodeArtifactUserPendingException", 409), 1)
    monkeypatch.setenv("DECIDE_FUNCTION", "tidegate-DecideFunction-1")
    monkeypatch.setattr(invocations, "lambda_client", lambda: fake)
    with pytest.raises(TidegateError, match="Nothing was decided: Decide was idle and is waking up") as caught:
        invocations.ask_decide({})
    assert not isinstance(caught.value, AwsBusy), "of which nobody knows whether it was done"
    assert invocations.ask_decide({})["accepted"]


def test_a_version_without_execution_environments_is_not_waited_for(lambda_: Lambda, ledger: SmallAws) -> None:
    """On Lambda Managed Instances, whose scaling may allow none."""
    lambda_.state = "ActiveNonInvocable"
    with pytest.raises(VersionNotActive, match="put-function-scaling-config"):
        settle.handler(event(), None)


def test_a_probe_names_its_tenant_in_each_invocation(lambda_: Lambda, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Any]()
    monkeypatch.setattr(invocations, "answered", lambda _: None)
    real = lambda_.invoke

    def invoke(**request: Any) -> dict[str, Any]:
        asked.append(request.get("TenantId"))
        return real(**request)

    monkeypatch.setattr(lambda_, "invoke", invoke)
    invocations.probe("checkout", "43", NAME, {}, 3, tenant="release-check")
    invocations.probe("checkout", "43", NAME, {}, 3)
    assert asked == ["release-check", None]
