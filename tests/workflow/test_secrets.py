"""Values that nobody may see, planted where a release meets them, and looked for in everything that was written."""

import json
from collections.abc import Iterator
from itertools import dropwhile
from typing import Any

import pytest

from localcloud import stepfunctions
from localcloud.events.envelope import status_event
from localcloud.lambda_ import lifecycle
from tests.workflow.releases import Release
from tests.workflow.targets import Target
from tests.workflow.world import Start, World

HELD = "planted-in-the-function"
PARAMETER = "planted-in-a-parameter"
SECRET = "planted-in-a-secret"
HIDDEN = [HELD, PARAMETER, SECRET]
"""What no request says."""

PAYLOAD = "planted-in-the-payload"
EXPECTED = "planted-in-what-is-expected"
SETTING = "planted-in-the-configuration"
LITERAL = "planted-in-the-request"
ASKED = [PAYLOAD, EXPECTED, SETTING, LITERAL]
"""What a request says, so that the execution's input shows it, and the inputs of its steps; nothing else may."""

ENVIRONMENT = {"PARAMETER": {"ssm": "/shop/planted"}, "SECRET": {"secret": "shop/planted", "key": "word"}}
MOST_OF_4_KB = {"HELD": HELD * 176}


def _release(world: World, target: Target, probe: Any = None, **changes: Any) -> Release:
    return world.release(
        target,
        probe=probe or {"payload": {"ping": PAYLOAD}, "expect": {"pong": PAYLOAD}},
        configuration={"description": SETTING, "environment": ENVIRONMENT, **changes},
    )


def _target(world: World) -> Target:
    return world.target("picky", environment={"HELD": HELD})


def good(world: World) -> Release:
    return _release(world, _target(world).evidence())


def answering_otherwise(world: World) -> Release:
    return _release(world, _target(world), {"payload": {"ping": PAYLOAD}, "expect": {"pong": EXPECTED}})


def failing_on_the_payload(world: World) -> Release:
    return _release(world, _target(world), {"payload": {"other": PAYLOAD}})


def not_starting(world: World) -> Release:
    return _release(world, world.target("broken", environment={"HELD": HELD}))


def failing_to_settle(world: World) -> Release:
    target = _target(world)
    lifecycle.fail_next_update(target.name, "EniLimitExceeded", "no network interface was left")
    return _release(world, target)


def too_much(world: World) -> Release:
    """Lambda refuses it, and its sentence quotes every variable."""
    return _release(world, world.target("picky", environment=MOST_OF_4_KB))


def without_that_field(world: World) -> Release:
    return _release(world, _target(world), environment={"SECRET": {"secret": "shop/planted", "key": "other"}})


def without_fields(world: World) -> Release:
    return _release(world, _target(world), environment={"SECRET": {"secret": "shop/planted-text", "key": "word"}})


def literal(world: World) -> Release:
    return _release(world, _target(world), environment={"SECRET": LITERAL})


ENDS: dict[Start, tuple[str, str, str]] = {
    good: ("SUCCEEDED", "", ""),
    answering_otherwise: ("FAILED", "ProbeFailed", "the answer.pong differs"),
    failing_on_the_payload: ("FAILED", "ProbeFailed", "no ping in the event"),
    not_starting: ("FAILED", "InitFailed", "does not start"),
    failing_to_settle: ("FAILED", "UpdateFailed", "no network interface was left"),
    too_much: ("FAILED", "UpdateFailed", "exceeded the 4KB limit"),
    without_that_field: ("FAILED", "ReferenceUnresolved", "secret shop/planted has no field 'other'"),
    without_fields: ("FAILED", "ReferenceUnresolved", "secret shop/planted-text is not a JSON object"),
    literal: ("FAILED", "InvalidRequest", "configuration.environment.SECRET: is a literal value"),
}
each_end = pytest.mark.parametrize("start", ENDS)


@pytest.fixture(scope="module")
def events() -> Iterator[list[dict[str, Any]]]:
    """Give every status event, as EventBridge gets it, from now on."""
    sent: list[dict[str, Any]] = []

    def note(execution: stepfunctions.LocalExecution) -> None:
        sent.append(status_event(execution))

    stepfunctions.status_observers.append(note)
    yield sent
    stepfunctions.status_observers.remove(note)


@pytest.fixture(scope="module")
def started(world: World, events: list[dict[str, Any]]) -> dict[Start, Release]:
    world.cloud.client("ssm").put_parameter(Name="/shop/planted", Value=PARAMETER, Type="SecureString")
    secrets = world.cloud.client("secretsmanager")
    secrets.create_secret(Name="shop/planted", SecretString=json.dumps({"word": SECRET}))
    secrets.create_secret(Name="shop/planted-text", SecretString=SECRET)
    return world.start_all(*ENDS)


@pytest.fixture(scope="module")
def written(started: dict[Start, Release], world: World) -> dict[str, str]:
    """Give all that is in the ledger and in the logs of our functions once every release has ended."""
    for release in started.values():
        release.wait()
    return {"ledger": _ledger(world), "log": str(_log(world))}


def _log(world: World) -> list[str]:
    """Give what our functions logged; the log of a released function is its own."""
    pages = world.cloud.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(logGroupName=world.stack.resources["StepsLogGroup"])
    return [event["message"] for page in found for event in page["events"]]


def _our_lines(world: World) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _log(world) if line.startswith('{"level"')]


def _told_in_the_end(release: Release) -> str:
    """Give what states answered, and how the execution ended: everything but inputs."""
    answered = [event.detail for event in release.events if event.kind != "entered"]
    return json.dumps([answered, release.error, release.cause, release.description.get("output")], default=str)


@each_end
def test_a_release_that_meets_such_values_ends_as_it_should(start: Start, started: dict[Start, Release]) -> None:
    release = started[start].wait()
    status, error, words = ENDS[start]
    assert (release.status, release.error) == (status, error), release.cause
    assert words in release.cause


@each_end
def test_values_that_no_request_says_are_nowhere(
    start: Start, started: dict[Start, Release], written: dict[str, str], events: list[dict[str, Any]]
) -> None:
    release = started[start].wait()
    ours = [event for event in events if event["detail"]["name"] == release.name]
    assert {event["detail"]["status"] for event in ours} == {"RUNNING", release.status}
    places = {"execution": release.told, "events": str(ours), **written}
    unrecorded = {"ledger"} if start is literal else set()
    assert {name for name, text in places.items() if release.name not in text} == unrecorded, "the right places"
    assert [(value, place) for value in HIDDEN for place, text in places.items() if value in text] == []


@each_end
def test_values_of_the_request_are_in_its_execution_s_inputs_only(
    start: Start, started: dict[Start, Release], written: dict[str, str]
) -> None:
    release = started[start].wait()
    assert any(value in release.description["input"] for value in ASKED)
    places = {"outcome": _told_in_the_end(release), **written}
    assert [(value, place) for value in ASKED for place, text in places.items() if value in text] == []


def test_a_value_arrives_where_it_belongs(started: dict[Start, Release]) -> None:
    variables = started[good].wait().target.latest["Environment"]["Variables"]
    assert variables == {"HELD": HELD, "PARAMETER": PARAMETER, "SECRET": SECRET}


def test_every_line_of_the_log_says_which_release_it_is_about(started: dict[Start, Release], world: World) -> None:
    for release in started.values():
        release.wait()
    ours = {release.name for release in started.values()}
    lines = list(dropwhile(lambda line: line.get("release") not in ours, _our_lines(world)))  # freezes came before
    assert ours <= {line.get("release") for line in lines}
    assert [line for line in lines if not line.get("release")] == []


def _ledger(world: World) -> str:
    pages = world.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=world.stack.outputs["LedgerTable"])
    return str([page["Items"] for page in pages])
