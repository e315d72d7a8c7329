"""Sends events, waits until nothing comes of them any more, and gathers what did."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ecr.models import ecr_backends

from localcloud import stepfunctions
from localcloud.clock import current
from localcloud.cloud import REGION
from localcloud.faults import Injected
from localcloud.stepfunctions import LocalExecution
from tests.starting import trouble
from tests.starting.draw import NOTHING, REPOSITORY, Names, Scenario, Sent, digest, draw, manifest
from tests.starting.outcome import Outcome, Release, outcome_of, releases_of
from tests.workflow.deployed import EVERYTHING
from tests.workflow.queues import make_queue, take_all
from tests.workflow.world import World

AT_ONCE = 8
"""Releases under way, above which nothing more is sent."""
START_AT_ONCE = 4
"""Concurrency of Start: what comes on top is throttled, and waits in Lambda's own queue."""
QUIET_SECONDS = 420.0
"""Seconds of the cloud after which nothing more comes: Lambda tries a throttled event again after at most 300."""
GIVEN_UP = 3
"""So many times as long without a sound, and what became nothing is lost."""
LONGEST_SECONDS = 6 * 3600.0
"""Seconds of the cloud for events that were sent to be over."""
LOOK_AGAIN_SECONDS = 10.0


@dataclass
class Gathered:
    """What was heard of, by release or by the event's id."""

    releases: dict[str, Release] = field(default_factory=dict)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    letters: dict[str, list[str]] = field(default_factory=dict)
    events: dict[str, tuple[Scenario, Sent]] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    heard_at: float = field(default_factory=lambda: current().time())

    def status_event(self, execution: LocalExecution) -> None:
        self.heard_at = current().time()
        if execution.status == "RUNNING":
            self.running.add(execution.name)
            self.releases[execution.name] = Release(execution.name, json.loads(execution.execution_input))
        else:
            self.running.discard(execution.name)


class Run:
    """`struck` is how often each fault of a scenario was in the way, by the scenario's number."""

    def __init__(self, world: World, names: Names) -> None:
        self.world, self.names = world, names
        self.gathered = Gathered()
        self.struck: dict[int, bool] = {}
        self.elsewhere = 0
        self._refusals = make_queue(world, "refused-events", "events.amazonaws.com")
        self._chance = random.Random(0)

    def carry_out(self, seed: int, numbers: Sequence[int]) -> list[Outcome]:
        scenarios = [draw(seed, number, self.names) for number in numbers]
        self._chance.seed(f"{seed} in order {len(scenarios)}")
        self._push_images(scenarios)
        with self._listening(), self._short_of_functions(), self.world.releasing_updates():
            with self._troubled(scenarios):
                self._send(scenarios)
                self._until_quiet()
            self._give_again()
            self._until_quiet()
        return [outcome_of(scenario, self.gathered, struck=self.struck[scenario.number]) for scenario in scenarios]

    def _push_images(self, scenarios: Sequence[Scenario]) -> None:
        """Leave the newer image under each tag; not by a call, which would tell of it."""
        self.world.cloud.client("ecr").create_repository(repositoryName=REPOSITORY)
        images = ecr_backends[DEFAULT_ACCOUNT_ID][REGION]
        for scenario in scenarios:
            if any(sent.detail.get("repository-name") == REPOSITORY for sent in scenario.sent):
                pushed, named = manifest(scenario.token, "new"), digest(scenario.token, "new")
                images.put_image(REPOSITORY, pushed, scenario.token, digest=named)
        tags = {"tidegate:image": REPOSITORY, "tidegate:alias": "nowhere"}
        self._tag(self.names.updated, {**tags, "tidegate:on-update": "release"})

    def _tag(self, function: str, tags: Mapping[str, str]) -> None:
        functions = self.world.cloud.client("lambda")
        arn = functions.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
        functions.tag_resource(Resource=arn, Tags=dict(tags))

    @contextmanager
    def _listening(self) -> Iterator[None]:
        events, bus = self.world.cloud.client("events"), EVERYTHING["EventBusName"]
        pattern = {
            "source": ["tidegate"],
            "detail-type": ["Release Refused"],
            "detail": {"event": {"id": [{"exists": True}]}},
        }
        events.put_rule(Name="refused-events", EventBusName=bus, EventPattern=json.dumps(pattern))
        events.put_targets(Rule="refused-events", EventBusName=bus, Targets=[{"Id": "queue", "Arn": self._refusals[0]}])
        stepfunctions.status_observers.append(self.gathered.status_event)
        yield
        stepfunctions.status_observers.remove(self.gathered.status_event)
        events.remove_targets(Rule="refused-events", EventBusName=bus, Ids=["queue"])

    @contextmanager
    def _short_of_functions(self) -> Iterator[None]:
        functions, start = self.world.cloud.client("lambda"), self.world.step_function("Start")
        functions.put_function_concurrency(FunctionName=start, ReservedConcurrentExecutions=START_AT_ONCE)
        yield
        functions.delete_function_concurrency(FunctionName=start)

    @contextmanager
    def _troubled(self, scenarios: Sequence[Scenario]) -> Iterator[None]:
        faults, start = self.world.cloud.faults, self.world.step_function("Start")
        by_number: dict[int, Injected] = {
            each.number: faults.add(each.trouble.fault(start, each.token)) for each in scenarios if each.trouble
        }
        on_the_way = [faults.add(fault) for fault in trouble.on_the_way(self._chance, len(scenarios))]
        yield
        self.struck = {
            each.number: bool(by_number.get(each.number) and by_number[each.number].hits) for each in scenarios
        }
        self.elsewhere = sum(injected.hits for injected in on_the_way)
        for injected in (*by_number.values(), *on_the_way):
            faults.remove(injected)

    def _send(self, scenarios: Sequence[Scenario]) -> None:
        """Send all in any order, those of one scenario apart from each other."""
        waiting = [(scenario, sent) for scenario in scenarios for sent in scenario.sent]
        self._chance.shuffle(waiting)
        for scenario, sent in waiting:
            while len(self.gathered.running) >= AT_ONCE:
                current().sleep(1.0)
            identity = self._tell(scenario, sent) if sent.by_aws else self._put(sent)
            self.gathered.events[identity] = (scenario, sent)
            self.gathered.heard_at = current().time()

    def _tell(self, scenario: Scenario, sent: Sent) -> str:
        identity = f"aws-{scenario.token}"
        account, region = self.world.stack.outputs["StateMachineArn"].split(":")[4:2:-1]
        envelope = {"version": "0", "id": identity, "source": sent.source, "detail-type": sent.kind, "resources": []}
        self.world.cloud.tell({**envelope, "account": account, "region": region, "detail": sent.detail})
        return identity

    def _put(self, sent: Sent) -> str:
        bus = EVERYTHING["RequestBusName"]
        entry = {"Source": sent.source, "DetailType": sent.kind, "EventBusName": bus, "Detail": json.dumps(sent.detail)}
        (answer,) = self.world.cloud.client("events").put_events(Entries=[entry])["Entries"]
        return str(answer["EventId"])

    def _until_quiet(self) -> None:
        """Wait until every event has become something, and nothing more comes for a while."""
        clock = self.world.cloud.clock
        deadline = clock.time() + LONGEST_SECONDS
        begun = self._begun()
        while clock.time() < deadline:
            clock.sleep(LOOK_AGAIN_SECONDS)
            self._read_queues()
            if begun != self._begun() or self.gathered.running:
                begun, self.gathered.heard_at = self._begun(), clock.time()
            silent = clock.time() - self.gathered.heard_at
            if silent > GIVEN_UP * QUIET_SECONDS or (silent > QUIET_SECONDS and self._all_became_something()):
                return

    def _all_became_something(self) -> bool:
        told = {**self.gathered.refusals, **self.gathered.letters}
        return all(
            identity in told or NOTHING in scenario.may or releases_of(identity, sent, self.gathered)
            for identity, (scenario, sent) in self.gathered.events.items()
        )

    def _begun(self) -> int:
        start = self.world.step_function("Start")
        return sum(call.function_name == start for call in list(self.world.cloud.invocations))

    def _read_queues(self) -> None:
        for letter in take_all(self.world, self._refusals[1]):
            detail = json.loads(letter["Body"])["detail"]
            self.gathered.refusals.setdefault(detail["event"]["id"], []).append(detail["summary"])
        for letter in take_all(self.world, self.world.stack.outputs["DeadLetters"]):
            self.gathered.letters.setdefault(json.loads(letter["Body"])["id"], []).append(letter["Body"])

    def _give_again(self) -> None:
        """Give each dead letter to Start again, as docs/starting.md says."""
        for letters in self.gathered.letters.values():
            for letter in letters:
                self.world.call("Start", json.loads(letter))
