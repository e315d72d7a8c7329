"""A step that goes on late, after its release was ended and another one has the aliases, moves none of them."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from hypothesis import event, given
from hypothesis import strategies as st

from tests.builders import NOON, a_plan, a_target
from tests.fakes.small_aws import SmallAws, recover_at, small_aws
from tests.property.examples import examples
from tidegate.aws.ending import supersession
from tidegate.aws.ledger import items, locks, records
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import TidegateError
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.domain.strategy import Step
from tidegate.entry.recover import LONGEST_STEP
from tidegate.steps import finish, roll_back, shift

EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:tidegate-release:"
FIRST, NEXT = "release-1", "release-2"
STEPS = (Step(10, 1), Step(50, 1))
REASON = {"error": "VersionFailed", "cause": "It failed."}
MOST_CALLS = 40
"""More than a step of two targets makes."""


class Scene:
    """Releases of the same functions, one after the other."""

    def __init__(self, aws: SmallAws, count: int) -> None:
        self.aws, self._now = aws, NOON
        self._functions = [f"function-{number}" for number in range(count)]
        for function in self._functions:
            state = {"FunctionVersion": "42", "RoutingConfig": {"AdditionalVersionWeights": {}}}
            aws.aliases[function] = {**state, "RevisionId": "1"}
        self.acts: dict[str, Callable[[], object]] = {
            "shift to 10 %": lambda: self._shift(FIRST, 0),
            "shift to 50 %": lambda: self._shift(FIRST, 1),
            "finish": lambda: finish.handler(self._tried(FIRST), None),
            "roll back": lambda: roll_back.handler({**self._event(FIRST), "reason": REASON}, None),
            "supersede": self._supersede,
            "recover": self._recover,
        }

    @property
    def states(self) -> list[tuple[str, dict[str, float]]]:
        return [self.aws.state(function) for function in self._functions]

    @property
    def held(self) -> bool:
        return bool(locks.read([f"{function}:live" for function in self._functions]))

    def begin(self, name: str, canary: str) -> None:
        """Lock the aliases, with every version published."""
        now = self._later()
        targets = [
            a_target(function, canary=None, snapshot=AliasState(self.aws.state(function)[0]))
            for function in self._functions
        ]
        plan = a_plan(*targets, steps=STEPS)
        snapshots = {target.name: target.snapshot for target in targets}
        opening = records.opening(name, EXECUTION + name, now, {}, plan)
        locks.take(name, snapshots, locks.requests(name, EXECUTION + name, now, snapshots), opening=opening)
        for target in targets:
            items.record_target(name, target.name, canary, now, expires=plan.expires, details={})

    def next_release(self) -> None:
        """Have the same version get some requests again, as if they were the first release's; another if it is live."""
        self.begin(NEXT, "44" if self.states[0][0] == "43" else "43")
        self._shift(NEXT, 0)

    def _later(self) -> int:
        self._now += MINUTE
        return self._now

    def _event(self, name: str) -> dict[str, str]:
        return {"release": name, "now": format_time(self._later())}

    def _tried(self, name: str) -> dict[str, str]:
        event = self._event(name)
        return {**event, "tried": event["now"]}

    def _shift(self, name: str, step: int) -> None:
        shift.handler({**self._tried(name), "step": step}, None)

    def _supersede(self) -> None:
        held = [lock for lock in locks.read_all() if lock.release == FIRST]
        supersession.supersede(supersession.read(held), NEXT, self._later())

    def _recover(self) -> None:
        """Run it until it has freed the locks."""
        for _ in range(2 + -(-LONGEST_STEP // MINUTE)):
            recover_at(self._later())


@examples(100)
@given(
    count=st.integers(1, 2),
    before=st.sampled_from([(), ("shift to 10 %",), ("shift to 10 %", "shift to 50 %")]),
    late=st.sampled_from(["shift to 10 %", "shift to 50 %", "finish", "roll back", "supersede"]),
    end=st.sampled_from(["roll back", "recover", "supersede", "finish"]),
    calls=st.integers(0, MOST_CALLS),
)
def test_it_moves_no_alias_of_the_next_release(
    count: int, before: Sequence[str], late: str, end: str, calls: int
) -> None:
    with small_aws() as aws, suppress(TidegateError):
        scene = Scene(aws, count)
        scene.begin(FIRST, "43")
        for act in before:
            scene.acts[act]()
        left: list[object] = []

        def meanwhile() -> None:
            with suppress(TidegateError):
                scene.acts[end]()
            if not scene.held:
                scene.next_release()
                left.append(scene.states)

        aws.allow(calls, meanwhile)
        with suppress(TidegateError):
            scene.acts[late]()
        event(f"{late} late, after {end}: {'another release has begun' if left else 'too early or too late for one'}")
        assert left in ([], [scene.states])
