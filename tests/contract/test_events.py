"""EventBridge: what is delivered to functions and state machines, when, and what becomes of what is not."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.events.models import EventPattern, Rule

from localcloud import LocalCloud
from localcloud.api.call import ApiCall
from localcloud.events import bus as ours
from localcloud.events.schedule import next_time
from localcloud.events.services import event_of
from localcloud.faults import Effect, EventFault, Fault
from localcloud.iam import Caller
from tests.contract.bus import Bus, numbers, pattern
from tests.contract.machines import Machines, allow_everything, eventually


@pytest.fixture(scope="module")
def bus(cloud: LocalCloud) -> Bus:
    return Bus(cloud)


def test_an_event_reaches_a_function_as_aws_sends_it(bus: Bus, cloud: LocalCloud) -> None:
    bus.rule({}, EventPattern=pattern("shop.whole", detail={"n": [{"numeric": [">", 1]}]}))
    assert bus.put("shop.whole", {"n": 1})["FailedEntryCount"] == 0
    bus.put("shop.whole", {"n": 2})
    event = eventually(lambda: next((e for e in bus.seen() if e.get("source") == "shop.whole"), None))
    assert set(event) == {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
    }  # fmt: skip
    assert event["detail"] == {"n": 2}
    sent = datetime.fromisoformat(event["time"])
    assert abs((cloud.clock.now() - sent).total_seconds()) < 600


@pytest.mark.parametrize(
    ("manifest", "artifact"),
    [
        (
            {"config": {"mediaType": "application/vnd.oci.image.config.v1+json"}},
            "application/vnd.oci.image.config.v1+json",
        ),
        (
            {"config": {"mediaType": "application/vnd.oci.empty.v1+json"}, "artifactType": "application/spdx+json"},
            "application/spdx+json",
        ),
        ({"manifests": []}, None),
    ],
)
def test_a_push_is_told_with_the_media_types_of_the_manifest(manifest: dict[str, Any], artifact: str | None) -> None:
    """As in an event of 2025 that others published; EventBridge has the fields in its schema aws.ecr@ECRImageAction."""
    kind = "application/vnd.oci.image.manifest.v1+json"
    call = ApiCall("ecr", "PutImage", {"repositoryName": "shop"}, "123456789012", "us-east-1", "", Caller())
    image = {
        "imageId": {"imageDigest": "sha256:4f"},
        "imageManifestMediaType": kind,
        "imageManifest": json.dumps(manifest),
    }
    told = event_of(call, 200, json.dumps({"image": image}))
    assert told
    assert (told["detail"]["image-tag"], told["detail"]["manifest-media-type"]) == ("", kind)
    assert told["detail"].get("artifact-media-type") == artifact


@pytest.mark.parametrize(
    ("target", "given"),
    [
        ({"Input": '{"always": "this"}'}, {"always": "this"}),
        ({"InputPath": "$.detail.list[1]"}, {"x": 1}),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"n": "$.detail.n", "s": "$.detail.s", "gone": "$.detail.gone"},
                    "InputTemplate": '{"n": <n>, "s": <s>, "said": "<s> and <n>",'
                    ' "rule": <aws.events.rule-name>, "g": "<gone>"}',
                }
            },
            {"n": 3, "s": "text", "said": "text and 3", "rule": "RULE", "g": ""},
        ),
    ],
)  # fmt: skip
def test_a_target_is_given_the_input_it_asks_for(bus: Bus, target: dict[str, Any], given: dict[str, Any]) -> None:
    source = f"shop.input-{next(numbers)}"
    name = bus.rule(target, EventPattern=pattern(source))
    bus.put(source, {"n": 3, "s": "text", "list": [0, {"x": 1}]})
    expected = json.loads(json.dumps(given).replace("RULE", name))
    eventually(lambda: expected in bus.seen())


def test_a_state_machine_is_started_with_the_event(bus: Bus, cloud: LocalCloud) -> None:
    machines = Machines(cloud)
    arn = machines.create({"End": {"Type": "Succeed"}})
    role = allow_everything(cloud, "events.amazonaws.com")
    bus.rule({"Arn": arn, "RoleArn": role}, permitted=False, EventPattern=pattern("shop.machine"))
    bus.put("shop.machine", {"n": 7})
    started = eventually(lambda: machines.client.list_executions(stateMachineArn=arn)["executions"])
    output = json.loads(machines.ended(started[0]["executionArn"])["output"])
    assert output["detail"] == {"n": 7}


def test_a_status_event_reaches_a_queue(bus: Bus, cloud: LocalCloud) -> None:
    machines = Machines(cloud)
    arn = machines.create({"End": {"Type": "Succeed"}})
    url, queue = bus.queue()
    wanted = {"stateMachineArn": [arn], "status": ["SUCCEEDED"]}
    bus.rule({"Arn": queue}, permitted=False, EventPattern=pattern("aws.states", detail=wanted))
    machines.client.start_execution(stateMachineArn=arn)
    message = eventually(lambda: bus.received(url))
    assert json.loads(message["Body"])["detail"]["status"] == "SUCCEEDED"


def test_moto_cannot_reach_a_function_by_itself(bus: Bus) -> None:
    target = {"Id": "1", "Arn": bus.recorder}
    rule = Rule("r", "123456789012", "us-east-1", None, None, None, None, "default", None, targets=[target])
    with pytest.raises(NotImplementedError):
        ours._motos_delivery(rule, {"source": "x", "detail": {}}, transform_input=False)


def test_moto_takes_a_rule_without_a_pattern_for_one_that_matches_everything() -> None:
    assert EventPattern.load(None).matches_event({"source": "x", "detail": {}})


def test_a_disabled_rule_delivers_nothing(bus: Bus) -> None:
    off = bus.rule({"Input": '{"from": "disabled"}'}, EventPattern=pattern("shop.disabled"))
    bus.client.disable_rule(Name=off)
    bus.rule({"Input": '{"from": "enabled"}'}, EventPattern=pattern("shop.disabled"))
    bus.put("shop.disabled", {"n": 1})
    eventually(lambda: {"from": "enabled"} in bus.seen())
    assert {"from": "disabled"} not in bus.seen()


def test_nobody_but_aws_sends_as_aws(bus: Bus) -> None:
    answer = bus.put("aws.states", {"n": 1})
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


@pytest.mark.parametrize(
    ("target", "code"),
    [({}, "NO_PERMISSIONS"), ({"Arn": "arn:aws:lambda:us-east-1:123456789012:function:nobody"}, "NO_RESOURCE")],
)
def test_what_can_never_be_delivered_goes_to_the_dead_letter_queue(bus: Bus, target: dict[str, Any], code: str) -> None:
    url, dead = bus.queue()
    source = f"shop.dead-{next(numbers)}"
    bus.rule({"DeadLetterConfig": {"Arn": dead}, **target}, permitted=False, EventPattern=pattern(source))
    bus.put(source, {"n": 1})
    letter = eventually(lambda: bus.received(url))
    told = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert told["ERROR_CODE"] == code
    assert told["RULE_ARN"].startswith("arn:aws:events:")
    assert told["TARGET_ARN"] == target.get("Arn", bus.recorder)
    assert told["RETRY_ATTEMPTS"] == "0"
    assert json.loads(letter["Body"])["detail"] == {"n": 1}


def test_a_queue_takes_no_events_that_its_own_policy_does_not_let_in(bus: Bus) -> None:
    url, dead = bus.queue()
    closed_url, closed = bus.queue()
    bus.queues.set_queue_attributes(QueueUrl=closed_url, Attributes={"Policy": ""})
    bus.rule({"Arn": closed, "DeadLetterConfig": {"Arn": dead}}, EventPattern=pattern("shop.closed"))
    bus.put("shop.closed", {"n": 1})
    letter = eventually(lambda: bus.received(url))
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert bus.received(closed_url) is None


@pytest.mark.parametrize(
    ("policy", "condition", "retries"),
    [
        ({"MaximumRetryAttempts": 0}, "MaximumRetryAttempts", "0"),
        ({"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", "2"),
    ],
)
def test_the_retry_policy_of_a_target_says_when_to_give_up(
    bus: Bus, cloud: LocalCloud, policy: dict[str, int], condition: str, retries: str
) -> None:
    url, dead = bus.queue()
    source = f"shop.gives-up-{next(numbers)}"
    cloud.faults.add(Fault("lambda", "Invoke", Effect.FAIL, resource="events-recorder", times=None))
    bus.rule({"RetryPolicy": policy, "DeadLetterConfig": {"Arn": dead}}, EventPattern=pattern(source))
    bus.put(source, {"n": 1})
    letter = eventually(lambda: bus.received(url))
    cloud.faults.clear()
    told = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert (told["EXHAUSTED_RETRY_CONDITION"], told["RETRY_ATTEMPTS"]) == (condition, retries)


def test_a_delivery_that_fails_is_tried_again(bus: Bus, cloud: LocalCloud) -> None:
    injected = cloud.faults.add(Fault("lambda", "Invoke", Effect.FAIL, resource="events-recorder", times=2))
    bus.rule({"Input": '{"tried": "again"}'}, EventPattern=pattern("shop.retry"))
    bus.put("shop.retry", {"n": 1})
    eventually(lambda: {"tried": "again"} in bus.seen())
    cloud.faults.clear()
    assert injected.hits == 2


def test_each_change_of_an_executions_status_is_an_event(bus: Bus, cloud: LocalCloud) -> None:
    machines = Machines(cloud)
    fail = machines.create({"Stop": {"Type": "Fail", "Error": "E", "Cause": "c"}})
    wait = machines.create({"Wait": {"Type": "Wait", "Seconds": 36_000, "Next": "End"}, "End": {"Type": "Succeed"}})
    slow = machines.create({"Wait": {"Type": "Wait", "Seconds": 36_000, "End": True}}, TimeoutSeconds=1)
    good = machines.create({"End": {"Type": "Succeed", "Output": {"a": 1}}})
    arns = [fail, wait, slow, good]
    bus.rule({}, EventPattern=pattern("aws.states", detail={"stateMachineArn": arns}))
    for arn in arns:
        started = machines.client.start_execution(stateMachineArn=arn, input='{"x": 1}')
        if arn == wait:
            machines.client.stop_execution(executionArn=started["executionArn"])

    def details() -> dict[tuple[str, str], Any]:
        events = [event for event in bus.seen() if event.get("source") == "aws.states"]
        return {(e["detail"]["stateMachineArn"], e["detail"]["status"]): e["detail"] for e in events}

    expected = {(arn, "RUNNING") for arn in arns}
    expected |= {(fail, "FAILED"), (wait, "ABORTED"), (slow, "TIMED_OUT"), (good, "SUCCEEDED")}
    eventually(lambda: expected <= details().keys())
    seen = details()
    failed, succeeded, running = seen[fail, "FAILED"], seen[good, "SUCCEEDED"], seen[good, "RUNNING"]
    assert (failed["error"], failed["cause"], failed["redriveStatus"]) == ("E", "c", "REDRIVABLE")
    assert (succeeded["input"], succeeded["output"]) == ('{"x": 1}', '{"a":1}')
    assert succeeded["inputDetails"] == {"included": True}
    assert running["stopDate"] is None
    assert running["startDate"] <= succeeded["stopDate"]
    assert succeeded["name"] == succeeded["executionArn"].rsplit(":", 1)[-1]


def test_status_events_can_be_lost_doubled_and_overtaken(bus: Bus, cloud: LocalCloud) -> None:
    machines = Machines(cloud)
    machine = machines.create({"End": {"Type": "Succeed"}})
    bus.rule({}, EventPattern=pattern("aws.states", detail={"stateMachineArn": [machine]}))
    fates = {
        "fate-late": EventFault("fate-late", "RUNNING", (300.0,)),
        "fate-lost": EventFault("fate-lost"),
        "fate-twice": EventFault("fate-twice", "SUCCEEDED", (0.0, 30.0)),
    }
    for name, fate in fates.items():
        cloud.faults.add_event(fate)
        machines.client.start_execution(stateMachineArn=machine, name=name)

    def seen() -> list[tuple[str, str]]:
        details = [e["detail"] for e in bus.seen() if e.get("source") == "aws.states"]
        return [(d["name"], d["status"]) for d in details if d["name"] in fates]

    def of_the_late_one() -> list[str]:
        return sorted(status for name, status in seen() if name == "fate-late")

    eventually(lambda: of_the_late_one() == ["SUCCEEDED"])  # overtaken: what is seen has no order of its own
    eventually(lambda: of_the_late_one() == ["RUNNING", "SUCCEEDED"])
    eventually(lambda: len(seen()) >= 6)
    assert [status for name, status in seen() if name == "fate-lost"] == ["SUCCEEDED"]
    assert sorted(status for name, status in seen() if name == "fate-twice") == ["RUNNING", "SUCCEEDED", "SUCCEEDED"]


def test_a_rate_is_kept_on_the_emulated_clock(bus: Bus, cloud: LocalCloud) -> None:
    begun = cloud.clock.time()
    name = bus.rule({}, ScheduleExpression="rate(1 minute)")

    def beats() -> int:
        return sum(any(arn.endswith(f"/{name}") for arn in e.get("resources", [])) for e in bus.seen())

    eventually(lambda: beats() >= 3)
    bus.client.disable_rule(Name=name)
    assert beats() <= (cloud.clock.time() - begun) / 60


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(5 minutes)", "2026-11-22T10:05:30"),
        ("rate(1 hour)", "2026-11-22T11:00:30"),
        ("cron(0/15 * * * ? *)", "2026-11-22T10:15:00"),
        ("cron(30 8 ? * MON-FRI *)", "2026-11-23T08:30:00"),
        ("cron(0 0 1 JAN ? *)", "2027-01-01T00:00:00"),
        ("cron(5,10 10 22 11 ? 2026)", "2026-11-22T10:05:00"),
    ],
)
def test_schedules_are_due_when_they_say(expression: str, expected: str) -> None:
    now = datetime(2026, 11, 22, 10, 0, 30, tzinfo=UTC)  # a Sunday
    due = next_time(expression, now.timestamp())
    assert due is not None
    assert datetime.fromtimestamp(due, UTC).isoformat() == f"{expected}+00:00"
