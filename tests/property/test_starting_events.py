"""Whatever comes, and however often: an event is one release, refused with a reason, nobody's, or tried again."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import some_settings
from tests.failing import refused
from tests.property.examples import GATE, PROFILE
from tests.reading import ROOT
from tidegate.aws import announcements, images, machine, trigger_sources
from tidegate.domain.errors import TidegateError
from tidegate.domain.execution import LONGEST_NAME
from tidegate.domain.media_types import IMAGES
from tidegate.domain.triggers import Brought, Tagged
from tidegate.entry import start

EVENTS = 1000
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:tidegate-release"
EXAMPLES = [
    json.loads((ROOT / f"tests/events/{name}.json").read_text())
    for name in ("release-requested", "ecr-push", "cloudtrail-update-code")
]
STRANGE: list[Any] = [
    None, True, 0, -1.5, "", "x", "\ud800", "x" * 300, "$LATEST", "shop-cart", [], {}, [1], {"a": 1},
    {"function": "shop-cart"},
    float("nan"), "Release Requested", "sha256:" + "4f" * 32,
]  # fmt: skip
"""What a field may hold that should not."""


class StepFunctions:
    """Names are unique, and a call may fail before or after it was carried out."""

    def __init__(self, chance: random.Random) -> None:
        self.executions: dict[str, str] = {}
        self._chance = chance

    def describe_state_machine(self, **_: Any) -> Any:
        given = {name: str(value) for name, value in some_settings(image_repository_pattern="*").model_dump().items()}
        plan = {"Arguments": {"Payload": {"settings": given}}}
        return {"definition": json.dumps({"States": {"Plan": plan}})}

    def start_execution(self, *, name: str, input: str, **_: Any) -> None:  # noqa: A002 - boto3's name
        assert 0 < len(name) <= LONGEST_NAME
        self._fail_now_and_then()
        if name in self.executions:
            raise refused("ExecutionAlreadyExists", 400)
        self.executions[name] = input
        self._fail_now_and_then()

    def describe_execution(self, *, executionArn: str) -> Any:
        self._fail_now_and_then()
        request = self.executions.get(executionArn.rpartition(":")[2])
        if request is None:
            raise refused("ExecutionDoesNotExist", 400)
        return {"status": "SUCCEEDED", "startDate": _Moment(), "input": request}

    def _fail_now_and_then(self) -> None:
        if self._chance.random() < 0.1:
            raise refused("ServiceUnavailable", 503)


class Tags:
    """Of ECR; now and then one moves on to a newer image, and stays there."""

    def __init__(self, chance: random.Random) -> None:
        self._overtaken: set[str] = set()
        self._chance = chance

    def newest(self, brought: Brought) -> str:
        if self._chance.random() < 0.2:
            self._overtaken.add(brought.version)
        return "sha256:newer" if brought.version in self._overtaken else brought.version


class _Moment:
    def timestamp(self) -> float:
        return 0.0


class Bus:
    """Takes what is told, or not now."""

    def __init__(self, chance: random.Random) -> None:
        self.told: list[dict[str, Any]] = []
        self._chance = chance

    def put_events(self, *, Entries: list[dict[str, Any]]) -> Any:
        if self._chance.random() < 0.1:
            return {"Entries": [{"ErrorCode": "InternalFailure"}]}
        self.told += Entries
        return {"Entries": [{"EventId": "1"}]}


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


@pytest.fixture
def world(chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> tuple[StepFunctions, Bus]:
    steps, bus = StepFunctions(chance), Bus(chance)
    monkeypatch.setenv("STATE_MACHINE_ARN", MACHINE)
    monkeypatch.setattr(machine, "stepfunctions_client", lambda: steps)
    monkeypatch.setattr("tidegate.aws.executions.stepfunctions_client", lambda: steps)
    monkeypatch.setattr(announcements, "events_client", lambda: bus)
    # Tags may change between two deliveries of one event.
    monkeypatch.setattr(trigger_sources, "functions_with", lambda *_: chance.choice([TAGGED, TAGGED[:1], TAGGED[:1]]))
    monkeypatch.setattr(start, "newest", Tags(chance).newest)
    monkeypatch.setattr(images, "describe", lambda *_, **named: _described(named["imageDigest"]))
    monkeypatch.setattr(
        trigger_sources, "of_function", lambda arn: Tagged(arn.split(":")[6], {"tidegate:on-update": "release"})
    )
    return steps, bus


def _described(digest: str) -> images.Described:
    """Give what ECR says of a manifest: every tenth is an index, and one more a signature."""
    manifest = "application/vnd.oci.image.index.v1+json" if digest.endswith("0") else next(iter(IMAGES))
    artifact = "application/vnd.cncf.notary.signature" if digest.endswith("1") else ""
    return images.Described(digest, (), manifest, artifact)


TAGGED = [Tagged("shop-cart", {"tidegate:alias": "live"}), Tagged("shop-pay", {})]


def drawn(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Give events: half of them as they should be, half with something strange in them."""
    for number in range(EVENTS):
        event = json.loads(json.dumps(chance.choice(EXAMPLES)))
        event["id"] = f"event-{number}"
        if "image-digest" in event["detail"]:
            event["detail"]["image-digest"] = f"sha256:{number:064}"
        if "key" in event["detail"]:
            event["detail"]["key"] = f"build-{number // 3}"  # a sender that sends twice gives the same key
            event["detail"]["function"] = chance.choice(["shop-cart", "shop-pay", "other-team"])
        for _ in range(chance.choice([0, 0, 1, 3])):
            _spoil(event, chance)
        yield event


def _spoil(event: dict[str, Any], chance: random.Random) -> None:
    """Take something out of an event, or put something strange into it, anywhere."""
    places: list[dict[str, Any]] = []
    waiting = [event]
    while waiting:
        place = waiting.pop()
        places.append(place)
        waiting += [value for value in place.values() if isinstance(value, dict)]
    place = chance.choice([one for one in places if one] or [event])
    name = chance.choice([*place, chance.choice(["function", "targets", "code", "key", "labels"])])
    if chance.random() < 0.3:
        place.pop(name, None)
    else:
        # A copy: what is in two places may come to hold itself, and the walk above would have no end.
        place[name] = copy.deepcopy(chance.choice(STRANGE))


def deliver(event: Any) -> Any:
    """Deliver an event as Lambda does: three tries, then the dead letter queue, from which somebody takes it again."""
    for _ in range(30):
        try:
            return start.handler(json.loads(json.dumps(event)), None)
        except TidegateError as error:
            last = error
    raise AssertionError(f"lost: {event}") from last


@pytest.mark.parametrize("chance", range(1 if PROFILE == GATE else 3), indirect=True, ids=lambda seed: f"seed {seed}")
def test_a_thousand_events_doubled_reordered_and_malformed_are_one_release_each_or_clearly_refused(
    world: tuple[StepFunctions, Bus], chance: random.Random
) -> None:
    steps, bus = world
    events = list(drawn(chance))
    deliveries = events + chance.choices(events, k=EVENTS)
    chance.shuffle(deliveries)
    answers: dict[str, set[str | None]] = {}
    for event in deliveries:
        told = len(bus.told)
        answer = deliver(event)
        answers.setdefault(json.dumps(event), set()).add(answer["release"])
        if answer["release"] is None and answer["summary"] != "this event releases nothing":
            assert len(bus.told) > told
    assert all(len(each) == 1 for each in answers.values()), "an event was answered now so, now otherwise"
    started = {name for each in answers.values() for name in each if name}
    assert started == set(steps.executions)
    assert 300 < len(started) < EVENTS
    _each_release_is_of_one_sender(answers)
    for entry in bus.told:
        detail = json.loads(entry["Detail"])
        assert detail["error"] in {"EventNotUnderstood", "EventOvertaken", "InvalidRequest", "KeyUsedBefore"}
        assert len(detail["summary"]) > 30


def _each_release_is_of_one_sender(answers: dict[str, set[str | None]]) -> None:
    """Two events share a release only where they have its key, or one id."""
    by_release: dict[str, list[dict[str, Any]]] = {}
    for text, (name,) in answers.items():
        if name:
            by_release.setdefault(name, []).append(json.loads(text))
    for name, events in by_release.items():
        keys = {json.dumps(event["detail"].get("key")) for event in events}
        assert len(events) == 1 or len(keys) == 1 or len({event["id"] for event in events}) == 1, name
