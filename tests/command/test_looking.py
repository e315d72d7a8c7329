"""`tidegate plan`, `status`, `history`, `rollback` and `doctor`."""

import time

import pytest

from localcloud.cloudwatch.store import Key, Point
from tests.command.calling import call, same_as_golden
from tests.workflow.targets import Target
from tests.workflow.world import FUNCTIONS, World


@pytest.fixture(scope="module")
def released(world: World) -> Target:
    """Give a target that was released twice: from version 1 to 2, and to 3."""
    target = world.target()
    for number in (2, 3):
        assert call(world, "release", target.name, "--strategy", "all-at-once").result[3] == str(number)
        world.cloud.update_code(target.name, FUNCTIONS / "marked")
    return target


def test_plan_says_what_a_release_would_do_and_touches_nothing(world: World) -> None:
    target = world.target()
    planned = call(world, "plan", target.name, "--steps", "5,50", "--every", "3m")
    assert planned.code == 0
    assert f"A release would release {target.name}:live by steps (5 % → 50 %)" in planned.out
    assert (target.writes, target.versions, world.lock(target)) == ([], ["1"], None)
    in_the_way = call(world, "plan", f"{target.name}:nightly", "--json")
    assert in_the_way.code == 6
    assert (in_the_way.documents[-1]["type"], in_the_way.documents[-1]["error"]) == ("plan", "InvalidRequest")


def test_history_tells_past_releases_newest_first(world: World, released: Target) -> None:
    lines = call(world, "history", released.name).out.splitlines()
    assert [line.split()[1:5] for line in lines[-2:]] == [["released", "2", "->", "3"], ["released", "1", "->", "2"]]
    documents = call(world, "history", f"{released.name}:live", "--json", "--limit", "1").documents
    assert [each["type"] for each in documents] == ["schema", "release"]
    assert "no release of shop-none has been recorded" in call(world, "history", "shop-none").out


def test_status_tells_what_serves_without_a_release_too(world: World, released: Target) -> None:
    header, line = call(world, "status", released.name).out.splitlines()
    assert header.startswith("ALIAS")
    assert line.startswith(f"{released.name}:live  100 % on version")
    (_, document) = call(world, "status", released.name, "--json").documents
    assert (document["release"], document["weights"]) == (None, {})
    missing = call(world, "status", f"{released.name}:none")
    assert (missing.code, "there is no such alias" in missing.out) == (1, True)
    assert call(world, "status", "shop-none").code == 1
    assert f"{released.name}:live" in call(world, "status", "--all").out


def test_a_rollback_goes_back_to_what_the_last_release_replaced(world: World, released: Target) -> None:
    until = world.time(3600).partition(".")[0] + "Z"
    call(world, "freeze", released.name, "--reason", "a sale", "--until", until, "--by", "ana")
    status = call(world, "status", released.name)
    assert f"frozen until {until} (a sale)" in status.out
    assert same_as_golden(status.out, "status-frozen.txt")
    assert f"frozen: {released.name} until {until}: a sale (by ana, " in call(world, "doctor", released.name).out
    world.cloud.update_code(released.name, FUNCTIONS / "changed")
    new = call(world, "release", released.name, "--strategy", "all-at-once", "--name", "under-a-freeze")
    assert (new.code, new.result[0]) == (6, "refused")
    assert same_as_golden(new.err + new.out, "frozen.txt")
    done = call(world, "rollback", released.name, "--emergency", "it smells")
    assert same_as_golden(done.err + done.out, "under-freeze.txt")
    assert (done.code, done.result[:4]) == (0, ["released", released.name, "live", "2"])
    assert f"{released.name}:live: from version 3 back to version 2." in done.err
    assert f"runs in spite of the freeze of '{released.name}' until {until} (a sale; by ana)" in done.err
    call(world, "thaw", released.name)
    assert released.state == ("2", {})
    further = call(world, "rollback", released.name, "--to", "1", "--strategy", "all-at-once", "--json")
    assert (further.code, further.documents[-1]["targets"][0]["version"]) == (0, "1")
    history = call(world, "history", released.name).out
    assert "3 -> 2    all-at-once" in history
    assert "EMERGENCY: it smells" in history
    again = call(world, "retry", released.name)
    assert (again.code, again.result[0]) == (0, "already-live")


def test_a_rollback_that_knows_no_version_asks_for_one(world: World) -> None:
    target = world.target()
    unknown = call(world, "rollback", target.name)
    assert (unknown.code, "--to N" in unknown.err) == (1, True)
    missing = call(world, "rollback", target.name, "--to", "9")
    assert (missing.code, "has no version 9" in missing.err) == (6, True)
    live = call(world, "rollback", target.name, "--to", "1")
    assert (live.code, live.result[0]) == (0, "already-live")


def test_the_doctor_finds_callers_that_go_past_the_alias(world: World) -> None:
    target = world.target().evidence()
    healthy = call(world, "doctor", target.name)
    assert (healthy.code, "no  " in healthy.out) == (0, False)
    past = frozenset({("FunctionName", target.name), ("Resource", target.name)})
    world.cloud.metrics.store.put([Point(Key("AWS/Lambda", "Invocations", past), time.time(), 1, "Count", 7)])
    found = call(world, "doctor", target.name)
    assert found.code == 1
    assert " calls in the last week bypassed the alias" in found.out


def test_the_doctor_tells_of_a_mapping_that_hides_failures(world: World) -> None:
    target, sqs = world.target(), world.cloud.client("sqs")
    url = sqs.create_queue(QueueName="doctor-orders")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    world.cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName=target.full_name, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    found = call(world, "doctor", target.name)
    assert "the event source mapping from doctor-orders has ReportBatchItemFailures" in found.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["other-function"], "may not be released: the stack's FunctionPattern is shop-*"),
        (["shop-none"], "there is no function 'shop-none'"),
        (["--stack", "nowhere"], "There is no stack 'nowhere'"),
    ],
)
def test_the_doctor_says_what_is_missing(arguments: list[str], said: str, world: World) -> None:
    done = call(world, "doctor", *arguments)
    assert done.code == 1
    assert said in done.out
