"""Wherever a release is cut off, what follows leaves every alias whole: all as before, or all on the new version."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from hypothesis import event, example, given
from hypothesis import strategies as st

from tests.builders import NOON, a_plan, a_target
from tests.fakes.small_aws import Crash, SmallAws, recover_at, small_aws, take_on
from tests.property.examples import examples
from tidegate.aws.ledger import items, locks, records
from tidegate.domain.errors import TidegateError
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.domain.strategy import Step
from tidegate.entry import recover
from tidegate.steps import finish, roll_back, shift

NAME = "release-1"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:tidegate-release:{NAME}"
WEIGHTS = (10, 50)
STABLE, CANARY = "42", "43"
FOR_EVER = None
MOST_CALLS = 60
"""More than a release of three targets and two steps makes."""

Process = tuple[str, int | None]
"""What is run, and after how many calls it dies."""

lives = st.integers(0, MOST_CALLS) | st.just(FOR_EVER)


class Scene:
    """One release under way: its targets are locked, its versions published, nothing has shifted."""

    def __init__(self, aws: SmallAws, canaries: Sequence[str], steps: int) -> None:
        self.aws, self.canaries, self.steps, self._now = aws, canaries, steps, NOON
        self.functions = [f"function-{number}" for number in range(len(canaries))]
        targets = [a_target(name, canary=None) for name in self.functions]
        plan = a_plan(*targets, steps=tuple(Step(weight, 1) for weight in WEIGHTS[:steps]))
        take_on(NAME, EXECUTION, plan)
        for target, canary in zip(targets, canaries, strict=True):
            aws.moved(target.function, STABLE)
            items.record_target(NAME, target.name, canary, NOON, expires=plan.expires, details={})

    def release(self, calls: int) -> None:
        """Run the release until it has made so many calls."""
        self.aws.allow(calls)
        with suppress(Crash):
            for step in range(self.steps):
                self._shift(step)
            self._tried(finish.handler)

    def run(self, process: Process) -> None:
        """Run one thing, which may refuse to do anything, and may die on the way."""
        name, calls = process
        self.aws.allow(calls)
        with suppress(Crash, TidegateError):
            if name == "recover":
                self.recover()
            elif name == "shift":
                self._shift(self.steps - 1)
            elif name == "finish":
                self._tried(finish.handler)
            else:
                self._call(roll_back.handler, reason={"error": "VersionFailed", "cause": "It failed."})

    def recover(self) -> None:
        self._now += MINUTE
        recover_at(self._now)

    def _shift(self, step: int) -> None:
        if CANARY in self.canaries:  # otherwise there is nothing to shift, and no step does
            self._tried(shift.handler, step=step)

    def _tried(self, handler: Callable[..., Any], **more: Any) -> None:
        self._call(handler, tried=format_time(self._now + MINUTE), **more)

    def _call(self, handler: Callable[..., Any], **more: Any) -> None:
        self._now += MINUTE
        handler({"release": NAME, "now": format_time(self._now), **more}, None)

    def end_well(self) -> None:
        """Let recover run as often as it takes to free the last lock, and see what it leaves behind."""
        self.aws.allow(FOR_EVER)
        for _ in range(2 + recover.LONGEST_STEP // MINUTE):
            self.recover()
        (record,) = [item for item in self.aws.partition(f"release#{NAME}") if item["sk"] == "record"]
        promoted = record["status"] == records.PROMOTED
        event("promoted" if promoted else "undone")
        versions = self.canaries if promoted else [STABLE] * len(self.canaries)
        assert [self.aws.state(name) for name in self.functions] == [(version, {}) for version in versions]
        assert self.aws.partition(locks.PARTITION) == []
        assert record["ended"] in ({"released"} if promoted else {"rolled-back", "recovered"})


canaries = st.lists(st.sampled_from([CANARY, CANARY, STABLE]), min_size=1, max_size=3)
steps = st.integers(1, len(WEIGHTS))


@examples(60)
@given(canaries, steps, st.integers(0, MOST_CALLS))
def test_roll_back_after_any_prefix_of_calls_restores_every_snapshot(
    canaries: Sequence[str], steps: int, calls: int
) -> None:
    with small_aws() as aws:
        scene = Scene(aws, canaries, steps)
        scene.release(calls)
        scene.run(("roll_back", FOR_EVER))
        assert aws.partition(locks.PARTITION) == [], "nothing is left to recover"
        scene.end_well()


@examples(60)
@given(
    canaries,
    steps,
    st.integers(0, MOST_CALLS),
    st.lists(st.tuples(st.sampled_from(["roll_back", "recover", "shift", "finish"]), lives), max_size=4),
)
@example([CANARY] * 3, 2, MOST_CALLS, [])
@example([CANARY], 1, 12, [("recover", 9)]).via("everything is restored, and nothing yet written down")
def test_whatever_is_cut_off_or_repeated_recover_leaves_every_alias_whole(
    canaries: Sequence[str], steps: int, calls: int, processes: Sequence[Process]
) -> None:
    with small_aws() as aws:
        scene = Scene(aws, canaries, steps)
        scene.release(calls)
        for process in processes:
            scene.run(process)
        scene.end_well()
