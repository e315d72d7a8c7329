"""From $LATEST to a published, active and probed version, or to the reason why there is none."""

import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from localcloud.faults import Effect, Fault
from localcloud.lambda_ import lifecycle, register_image
from tests.workflow.releases import PATIENCE, Release
from tests.workflow.targets import Target
from tests.workflow.world import FUNCTIONS, Start, World

IMAGES = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-images@sha256:"
STABLE_IMAGE, CHANGED_IMAGE = IMAGES + "1" * 64, IMAGES + "2" * 64
AT_ONCE = "all-at-once"


def refusing_the_empty_event(world: World) -> Release:
    return world.release(world.target("picky"), strategy=AT_ONCE)


def failing_on_the_payload(world: World) -> Release:
    return world.release(world.target("picky"), probe={"payload": {"pong": 1}})


def answering_something_else(world: World) -> Release:
    probe = {"payload": {"ping": "not to be shown"}, "expect": {"pong": "another"}}
    return world.release(world.target("picky"), probe=probe)


def answering_as_expected(world: World) -> Release:
    probe = {"payload": {"ping": 71}, "expect": {"pong": 71, "build": "picky"}}
    return world.release(world.target("picky"), probe=probe, strategy=AT_ONCE)


def starting_slowly(world: World) -> Release:
    return world.release(world.target("slow_start"), probe={"max_init_seconds": 0.1})


def starting_fast_enough(world: World) -> Release:
    return world.release(world.target("slow_start"), probe={"max_init_seconds": 30}, strategy=AT_ONCE)


def image(world: World) -> Release:
    register_image(STABLE_IMAGE, FUNCTIONS / "stable")
    register_image(CHANGED_IMAGE, FUNCTIONS / "changed")
    return world.release(world.image_target(STABLE_IMAGE), code={"image_uri": CHANGED_IMAGE}, strategy=AT_ONCE)


def update_that_fails(world: World) -> Release:
    target = world.target()
    lifecycle.fail_next_update(target.name, "EniLimitExceeded", "no network interface was left")
    return world.release(target, configuration={"memory_size": 512})


def version_that_never_becomes_active(world: World) -> Release:
    target = world.target()
    lifecycle.never_active(target.name)
    return world.release(target)


def function_that_stays_pending(world: World) -> Release:
    """It was never active, so it has no version and no alias yet."""
    name = f"{world.target(None, alias=None).name}-pending"
    lifecycle.stay_pending(name)
    code = BytesIO()
    with ZipFile(code, "w") as archive:
        archive.write(FUNCTIONS / "stable" / "app.py", "app.py")
    client = world.cloud.client("lambda")
    role = client.get_function(FunctionName=name.removesuffix("-pending"))["Configuration"]["Role"]
    zipped = {"ZipFile": code.getvalue()}
    client.create_function(FunctionName=name, Runtime="python3.13", Handler="app.handler", Role=role, Code=zipped)
    target = Target(world.cloud, name, "live", [])
    return world.release(target, create_alias=True, configuration={"memory_size": 512})


def switched_off(world: World) -> Release:
    target = world.target()
    world.cloud.client("lambda").put_function_concurrency(FunctionName=target.name, ReservedConcurrentExecutions=0)
    return world.release(target)


def changed_before_publishing(world: World) -> Release:
    """Somebody deploys in the moment between the look at $LATEST and its publication."""
    target, name = world.target(), world.next_name()
    held = world.cloud.faults.add(
        Fault("lambda", "PublishVersion", Effect.HOLD, role="PublishFunction", resource=target.name)
    )
    release = world.release(target, name=name)
    assert held.waiting.wait(PATIENCE)
    world.cloud.update_code(target.name, FUNCTIONS / "picky")
    held.release()
    return release


def publication_whose_answer_is_lost(world: World) -> Release:
    target = world.target()
    world.cloud.faults.add(
        Fault("lambda", "PublishVersion", Effect.LOST_AFTER, role="PublishFunction", resource=target.name)
    )
    return world.release(target, strategy=AT_ONCE)


def publication_that_fails_after_succeeding(world: World) -> Release:
    target = world.target()
    failing = Fault("lambda", "PublishVersion", Effect.FAIL_AFTER, role="PublishFunction", resource=target.name)
    world.cloud.faults.add(failing)
    return world.release(target, strategy=AT_ONCE)


def update_that_fails_after_succeeding(world: World) -> Release:
    target = world.target()
    action = "UpdateFunctionConfiguration"
    world.cloud.faults.add(Fault("lambda", action, Effect.FAIL_AFTER, role="UpdateFunction", resource=target.name))
    return world.release(target, configuration={"memory_size": 512}, strategy=AT_ONCE)


def update_whose_answer_is_lost(world: World) -> Release:
    target = world.target()
    world.cloud.faults.add(
        Fault("lambda", "UpdateFunctionConfiguration", Effect.LOST_AFTER, role="UpdateFunction", resource=target.name)
    )
    return world.release(target, configuration={"memory_size": 512}, strategy=AT_ONCE)


def deployed_by_others_meanwhile(world: World) -> Release:
    """Another update of $LATEST is under way when the release begins: it is waited for."""
    target = world.target()
    with lifecycle.settling_in(30):
        world.cloud.client("lambda").update_function_configuration(FunctionName=target.name, MemorySize=192)
    return world.release(target, configuration={"timeout": 7}, strategy=AT_ONCE)


UNCERTAIN = (
    publication_whose_answer_is_lost,
    publication_that_fails_after_succeeding,
    update_whose_answer_is_lost,
    update_that_fails_after_succeeding,
)


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    return world.start_all(
        refusing_the_empty_event,
        failing_on_the_payload,
        answering_something_else,
        answering_as_expected,
        starting_slowly,
        starting_fast_enough,
        image,
        update_that_fails,
        version_that_never_becomes_active,
        function_that_stays_pending,
        switched_off,
        changed_before_publishing,
        publication_whose_answer_is_lost,
        publication_that_fails_after_succeeding,
        update_whose_answer_is_lost,
        update_that_fails_after_succeeding,
        deployed_by_others_meanwhile,
    )


@pytest.mark.parametrize(
    ("start", "error", "words"),
    [
        (failing_on_the_payload, "ProbeFailed", "failed on the probe's payload: ValueError: no ping in the event"),
        (answering_something_else, "ProbeFailed", "did not answer as the probe expects: the answer.pong differs"),
        (starting_slowly, "InitTooSlow", "s to start; at most 0.1 s are allowed"),
        (update_that_fails, "UpdateFailed", "EniLimitExceeded: no network interface was left"),
        (version_that_never_becomes_active, "VersionNotActive", "was still Pending after 26 minutes"),
        (switched_off, "CannotProbe", "reserved concurrency"),
        (changed_before_publishing, "LatestChanged", "nothing was published"),
    ],
)
def test_a_version_that_cannot_be_prepared_gets_no_traffic(
    start: Start, error: str, words: str, started: dict[Start, Release], world: World
) -> None:
    release = started[start].wait()
    assert (release.status, release.error) == ("FAILED", error)
    assert words in release.cause, release.cause
    blamed = error in {"ProbeFailed", "InitTooSlow"}
    assert (world.record(release) or {})["ended"] == ("rolled-back" if blamed else "refused")
    assert "Shift traffic" not in release.states
    assert release.target.state == ("1", {})
    assert release.target.requests("2") == 0
    assert world.lock(release.target) is None


def test_a_function_that_is_stuck_is_not_touched(started: dict[Start, Release], world: World) -> None:
    """Lambda would put it into Failed for that (local cloud too)."""
    release = started[function_that_stays_pending].wait()
    assert (release.status, release.error) == ("FAILED", "UpdateNotSettled")
    assert "still being updated after 10 minutes (State Pending" in release.cause
    assert release.target.latest["State"] == "Pending"
    about = f":function:{release.target.name}"
    calls = [call for call in list(world.cloud.calls) if any(about in resource for resource in call.resources)]
    assert {call.action for call in calls if call.caller_role} <= {"GetFunction", "GetAlias"}


def test_a_version_that_is_waited_for_is_told_of_once(started: dict[Start, Release], world: World) -> None:
    release = started[version_that_never_becomes_active].wait()
    told = [item for item in world.ledger(f"release#{release.name}") if str(item.get("kind", "")).startswith("waiting")]
    assert [item["summary"] for item in told] == [f"version 2 of {release.target.name} is Pending"]


def test_nothing_is_published_when_latest_was_changed_meanwhile(started: dict[Start, Release]) -> None:
    assert started[changed_before_publishing].wait().target.versions == ["1"]


def test_an_answer_that_differs_is_not_shown(started: dict[Start, Release]) -> None:
    assert "not to be shown" not in started[answering_something_else].wait().cause


def test_a_failed_probe_names_the_log_of_its_invocation(started: dict[Start, Release]) -> None:
    release = started[failing_on_the_payload].wait()
    link = release.cause.partition("Log: ")[2]
    assert link.startswith("https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#")
    assert release.target.name in link


@pytest.mark.parametrize(
    "start",
    [
        refusing_the_empty_event,
        answering_as_expected,
        starting_fast_enough,
        image,
        *UNCERTAIN,
        deployed_by_others_meanwhile,
    ],
)
def test_a_version_that_can_be_prepared_is_released(start: Start, started: dict[Start, Release]) -> None:
    release = started[start].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.target.state == ("2", {})


def test_a_handler_that_refuses_the_empty_event_is_reported(started: dict[Start, Release]) -> None:
    release = started[refusing_the_empty_event].wait()
    said = r" starts in \d+ ms; its handler rejected the empty event \(ValueError: no ping in the event\)"
    assert re.search(f"{said}$", release.results("Probe")[0]["summary"])


def test_the_time_a_version_takes_to_start_is_on_record(started: dict[Start, Release], world: World) -> None:
    release = started[starting_fast_enough].wait()
    probed = [
        item
        for item in world.ledger(f"release#{release.name}")
        if item["sk"].endswith(f"#probed#{release.target.full_name}")
    ]
    assert [item["version"] for item in probed] == ["2"]
    assert probed[0]["init_seconds"] >= 0.4


def test_a_function_can_tell_a_probe_from_a_request(world: World) -> None:
    target = world.target("marked")
    release = world.release(target, probe={"payload": {}, "expect": {"probe": True}}, strategy=AT_ONCE).wait()
    assert release.status == "SUCCEEDED", release.cause


def test_the_image_that_was_named_is_what_runs(started: dict[Start, Release], world: World) -> None:
    release = started[image].wait()
    answer = world.cloud.client("lambda").invoke(FunctionName=release.target.name, Qualifier="live")
    assert b'"changed"' in answer["Payload"].read()


@pytest.mark.parametrize("start", UNCERTAIN)
def test_a_call_whose_outcome_is_uncertain_leads_to_no_second_version(
    start: Start, started: dict[Start, Release]
) -> None:
    assert started[start].wait().target.versions == ["1", "2"]


def test_what_others_changed_before_the_release_stays(started: dict[Start, Release]) -> None:
    latest = started[deployed_by_others_meanwhile].wait().target.latest
    assert (latest["MemorySize"], latest["Timeout"]) == (192, 7)
