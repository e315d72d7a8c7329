"""How a function's state moves when it is created and changed (Lambda developer guide, "Lambda function states")."""

import json
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud
from localcloud.lambda_ import lifecycle
from tests.contract.lambda_calls import (
    HEALTHY,
    configuration,
    configure,
    create,
    refused,
    settled,
    source,
    until,
    zip_of,
)

NEVER = 10**9
UPDATE_IN_PROGRESS = (
    "The operation cannot be performed at this time. An update is in progress for resource: "
    "arn:aws:lambda:us-east-1:123456789012:function:"
)


def test_a_new_function_is_pending_and_then_active_with_another_revision(cloud: LocalCloud, client: Any) -> None:
    with lifecycle.settling_in(NEVER):
        created = create(cloud, "life-new")
    assert created["State"] == "Pending"
    assert created["StateReasonCode"] == "Creating"
    assert "LastUpdateStatus" not in created
    with lifecycle.settling_in(60):
        create(cloud, "life-new-2")
        active = until(lambda: configuration(client, "life-new-2"), lambda seen: seen["State"] == "Active")
    assert active["LastUpdateStatus"] == "Successful"
    assert "StateReason" not in active


def test_a_pending_function_can_neither_be_changed_nor_published_nor_invoked(cloud: LocalCloud, client: Any) -> None:
    lifecycle.stay_pending("life-pending")
    create(cloud, "life-pending")
    for call in (client.publish_version, client.invoke):
        name, code, message = refused(call, FunctionName="life-pending")
        assert (name, code) == ("ResourceConflictException", 409)
        assert message.endswith("The function is currently in the following state: Pending")
    assert refused(client.update_function_configuration, FunctionName="life-pending", Timeout=5)[1] == 409


def test_touching_a_function_that_is_pending_for_over_six_minutes_fails_it(
    cloud: LocalCloud, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle.stay_pending("life-stuck")
    create(cloud, "life-stuck")
    client.get_function(FunctionName="life-stuck")
    assert lifecycle.STUCK_AFTER_SECONDS == 6 * 60
    monkeypatch.setattr(lifecycle, "STUCK_AFTER_SECONDS", 30)
    cloud.clock.sleep(31)
    assert configuration(client, "life-stuck")["State"] == "Pending"
    assert refused(client.publish_version, FunctionName="life-stuck")[0] == "ResourceConflictException"
    assert configuration(client, "life-stuck")["State"] == "Failed"


def test_an_update_in_progress_refuses_the_next_one_and_a_publish(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("life-conflict", HEALTHY)
    with lifecycle.settling_in(NEVER):
        answer = client.update_function_configuration(FunctionName="life-conflict", Timeout=7)
    assert (answer["State"], answer["LastUpdateStatus"]) == ("Active", "InProgress")
    assert answer["LastUpdateStatusReasonCode"] == "Creating"
    conflict = ("ResourceConflictException", 409, f"{UPDATE_IN_PROGRESS}life-conflict")
    assert refused(client.publish_version, FunctionName="life-conflict") == conflict
    assert refused(client.update_function_configuration, FunctionName="life-conflict", Timeout=9) == conflict
    code = zip_of("handler_error")
    assert refused(client.update_function_code, FunctionName="life-conflict", ZipFile=code) == conflict
    arn = "arn:aws:lambda:us-east-1:123456789012:function:life-conflict"
    assert refused(client.tag_resource, Resource=arn, Tags={"a": "b"})[0] == "ResourceConflictException"


def test_while_an_update_is_in_progress_the_old_code_and_configuration_serve(
    cloud: LocalCloud, client: Any, tmp_path: Path
) -> None:
    tell = "import os\ndef handler(event, context):\n    return [{!r}, os.environ.get('COLOUR')]\n"
    cloud.create_function("life-old", source(tmp_path / "one", tell.format("one")), environment={"COLOUR": "red"})

    def said() -> Any:
        return json.load(client.invoke(FunctionName="life-old")["Payload"])

    assert said() == ["one", "red"]
    with lifecycle.settling_in(NEVER):
        client.update_function_configuration(FunctionName="life-old", Environment={"Variables": {"COLOUR": "blue"}})
    assert said() == ["one", "red"]
    assert configuration(client, "life-old")["Environment"] == {"Variables": {"COLOUR": "blue"}}


def test_after_an_update_new_environments_run_the_new_code(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    tell = "import os\ndef handler(event, context):\n    return [{!r}, dict(os.environ)['COLOUR'], os.getpid()]\n"
    cloud.create_function("life-next", source(tmp_path / "one", tell.format("one")), environment={"COLOUR": "red"})
    first = json.load(client.invoke(FunctionName="life-next")["Payload"])
    cloud.update_code("life-next", source(tmp_path / "two", tell.format("two")))
    second = json.load(client.invoke(FunctionName="life-next")["Payload"])
    configure(client, "life-next", Environment={"Variables": {"COLOUR": "blue"}})
    third = json.load(client.invoke(FunctionName="life-next")["Payload"])
    assert [first[:2], second[:2], third[:2]] == [["one", "red"], ["two", "red"], ["two", "blue"]]
    assert len({first[2], second[2], third[2]}) == 3


def test_a_failed_update_says_why_and_keeps_the_old_code_serving(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("life-failed", HEALTHY)
    lifecycle.fail_next_update("life-failed", "ImageAccessDenied", "Lambda does not have permission to access it.")
    client.update_function_code(FunctionName="life-failed", ZipFile=zip_of("handler_error"))
    seen = settled(client, "life-failed")
    assert (seen["State"], seen["LastUpdateStatus"]) == ("Active", "Failed")
    assert seen["LastUpdateStatusReasonCode"] == "ImageAccessDenied"
    assert seen["LastUpdateStatusReason"] == "Lambda does not have permission to access it."
    assert "FunctionError" not in client.invoke(FunctionName="life-failed")
    assert configure(client, "life-failed", Timeout=4)["LastUpdateStatus"] == "Successful"


def test_the_revision_of_an_update_s_answer_is_not_the_one_after_it_has_settled(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("life-revision", HEALTHY)
    before = configuration(client, "life-revision")["RevisionId"]
    answered = client.update_function_configuration(FunctionName="life-revision", Timeout=5)["RevisionId"]
    after = settled(client, "life-revision")["RevisionId"]
    assert len({before, answered, after}) == 3
    assert configuration(client, "life-revision")["RevisionId"] == after


def test_an_update_with_an_old_revision_is_refused(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("life-precondition", HEALTHY)
    message = (
        "The Revision Id provided does not match the latest Revision Id. "
        "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
    )
    expected = ("PreconditionFailedException", 412, message)
    stale = {"FunctionName": "life-precondition", "RevisionId": "0"}
    assert refused(client.update_function_configuration, Timeout=5, **stale) == expected
    assert refused(client.update_function_code, ZipFile=zip_of("healthy"), **stale) == expected
    fresh = configuration(client, "life-precondition")["RevisionId"]
    client.update_function_configuration(FunctionName="life-precondition", Timeout=5, RevisionId=fresh)


def test_a_dry_run_of_a_code_update_changes_nothing(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("life-dry", HEALTHY)
    before = configuration(client, "life-dry")
    answer = client.update_function_code(FunctionName="life-dry", ZipFile=zip_of("slow"), DryRun=True)
    assert answer["CodeSha256"] != before["CodeSha256"]
    assert configuration(client, "life-dry") == before


def test_an_environment_replaces_the_whole_map(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("life-map", HEALTHY, environment={"A": "1", "B": "2"})
    seen = configure(client, "life-map", Environment={"Variables": {"B": "3"}})
    assert seen["Environment"] == {"Variables": {"B": "3"}}


def test_a_reserved_variable_is_refused(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("life-reserved", HEALTHY)
    name, code, message = refused(
        client.update_function_configuration,
        FunctionName="life-reserved",
        Environment={"Variables": {"AWS_REGION": "nowhere"}},
    )
    assert (name, code) == ("InvalidParameterValueException", 400)
    assert message.endswith("Reserved keys used in this request: AWS_REGION")


def test_more_than_4_kb_of_variables_are_refused_and_quoted(cloud: LocalCloud, client: Any) -> None:
    """InvalidParameterValueException as people report it (terraform-aws-github-runner, issue 3594)."""
    cloud.create_function("life-large", HEALTHY)
    most = {"A": "x" * (4096 - len('{"A":""}'))}
    configure(client, "life-large", Environment={"Variables": most})
    name, code, message = refused(
        client.update_function_configuration,
        FunctionName="life-large",
        Environment={"Variables": {"A": most["A"] + "x"}},
    )
    assert (name, code) == ("InvalidParameterValueException", 400)
    assert 'exceeded the 4KB limit. String measured: {"A":"xxx' in message


def test_the_configuration_has_a_hash_that_changes_with_it(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("life-hash", HEALTHY)
    first = configuration(client, "life-hash")["ConfigSha256"]
    assert configure(client, "life-hash", Timeout=9)["ConfigSha256"] != first
    assert configure(client, "life-hash", Timeout=3)["ConfigSha256"] == first


def test_creating_a_function_twice_is_a_conflict(cloud: LocalCloud, client: Any) -> None:
    create(cloud, "life-twice")
    assert refused(create, cloud=cloud, name="life-twice") == (
        "ResourceConflictException",
        409,
        "Function already exist: life-twice",
    )


def test_an_unknown_function_is_named_in_full(client: Any) -> None:
    assert refused(client.get_function, FunctionName="life-unknown", Qualifier="live") == (
        "ResourceNotFoundException",
        404,
        "Function not found: arn:aws:lambda:us-east-1:123456789012:function:life-unknown:live",
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ResourceConflictException", 409),
        ("CodeArtifactUserPendingException", 409),
        ("ResourceNotReadyException", 502),
        ("SnapStartNotReadyException", 409),
    ],
)
def test_an_idle_version_fails_until_its_first_invocation_has_woken_it_up(
    cloud: LocalCloud, client: Any, code: str, status: int
) -> None:
    """The guide: Inactive; the invocation fails and sets it to Pending until its resources are there again."""
    name = f"life-idle-{code.lower()}"
    cloud.create_function(name, HEALTHY, alias="live")
    lifecycle.fall_asleep(name, "1", code=code, waking_seconds=NEVER)
    idle = configuration(client, name, Qualifier="1")
    assert (idle["State"], idle["StateReasonCode"]) == ("Inactive", "Idle")
    assert configuration(client, name)["State"] == "Active", "each version sleeps by itself"
    for _ in range(2):
        assert refused(client.invoke, FunctionName=name, Qualifier="live")[:2] == (code, status)
        waking = configuration(client, name, Qualifier="1")
        assert (waking["State"], waking["StateReasonCode"]) == ("Pending", "Restoring")


def test_a_version_that_has_woken_up_runs(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("life-woken", HEALTHY, alias="live")
    lifecycle.fall_asleep("life-woken", "1", waking_seconds=60)
    assert refused(client.invoke, FunctionName="life-woken", Qualifier="live", InvocationType="Event")[1] == 409
    until(lambda: configuration(client, "life-woken", Qualifier="1"), lambda seen: seen["State"] == "Active")
    assert "FunctionError" not in client.invoke(FunctionName="life-woken", Qualifier="live")


def test_an_idle_function_can_be_changed(cloud: LocalCloud, client: Any) -> None:
    """Only of a Pending one it is documented that it cannot."""
    cloud.create_function("life-idle-changed", HEALTHY)
    lifecycle.fall_asleep("life-idle-changed", "$LATEST")
    assert configuration(client, "life-idle-changed")["State"] == "Inactive"
    client.update_function_configuration(FunctionName="life-idle-changed", Timeout=5)
    settled(client, "life-idle-changed")
    assert client.publish_version(FunctionName="life-idle-changed")["State"] == "Active"
