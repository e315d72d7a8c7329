"""Releases in waves: consumers before producers, and all of them back if one fails."""

from typing import Any

import pytest

from tests.workflow.releases import Release
from tests.workflow.targets import Target
from tests.workflow.world import TWO_STEPS, Start, World

AN_HOUR = range(60)


def in_waves(world: World, producer: Target, *consumers: Target, **request: Any) -> Release:
    """Start a release of a producer, named first but of the last wave, and its consumers."""
    targets = [{"function": producer.name, "wave": 2}, *({"function": each.name, "wave": 1} for each in consumers)]
    analysis = {"after": {"on_worse": "ignore"}}
    return world.start(
        {"targets": targets, "strategy": TWO_STEPS, "analysis": analysis, **request}, [producer, *consumers]
    )


def one_after_the_other(world: World) -> Release:
    return in_waves(world, *(world.target().evidence(minutes=AN_HOUR) for _ in range(3)))


def last_wave_failing(world: World) -> Release:
    producer = world.target().evidence(minutes=AN_HOUR, canary_failing=0.3)
    return in_waves(world, producer, *(world.target().evidence(minutes=AN_HOUR) for _ in range(2)))


def in_lockstep(world: World) -> Release:
    return in_waves(world, *(world.target().evidence() for _ in range(2)), waves="lockstep")


def with_a_tag(world: World) -> Release:
    """Select three functions, of which one has no changes, and one the second wave."""
    orders, mail, same = world.target(), world.target(), world.target(None)
    for target, wave in ((orders, "2"), (mail, "1"), (same, "1")):
        arn = world.cloud.client("lambda").get_function(FunctionName=target.name)["Configuration"]["FunctionArn"]
        world.cloud.client("lambda").tag_resource(Resource=arn, Tags={"app": "selected", "wave": wave})
    request = {"tag": {"app": "selected"}, "wave_tag": "wave", "strategy": "all-at-once"}
    return world.start(request, [orders, mail, same])


def of_a_stack_that_is_not_to_be_released(world: World) -> Release:
    return world.start({"stack": "tidegate"})


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    return world.start_all(
        one_after_the_other, last_wave_failing, in_lockstep, with_a_tag, of_a_stack_that_is_not_to_be_released
    )


THROUGH_ALL = [("1", {"2": 0.1}), ("1", {"2": 0.5}), ("2", {})]


def test_a_wave_is_promoted_before_the_next_one_begins(started: dict[Start, Release], world: World) -> None:
    release = started[one_after_the_other].wait()
    assert release.status == "SUCCEEDED", release.cause
    producer, *consumers = release.targets
    for each in consumers:
        assert each.writes == [*THROUGH_ALL, ("2", {})]  # Finish writes every alias
        assert max(each.written_at[:3]) < producer.written_at[0] - 60
    assert producer.writes == THROUGH_ALL
    changes = [item for item in world.ledger(f"release#{release.name}") if item["sk"].startswith("shift#")]
    assert [(each["wave"], each["weight"]) for each in changes] == [(1, 10), (1, 50), (1, 100), (2, 10), (2, 50)]
    assert set(changes[0]["answered"]) == {each.full_name for each in consumers}
    assert max(changes[0]["answered"].values()) == changes[0]["skew_seconds"]


def test_a_failing_wave_takes_the_promoted_one_back_after_itself(started: dict[Start, Release], world: World) -> None:
    release = started[last_wave_failing].wait()
    assert (release.status, release.error) == ("FAILED", "VersionFailed")
    producer, *consumers = release.targets
    assert producer.writes == [("1", {"2": 0.1}), ("1", {})]
    for each in consumers:
        assert each.writes == [*THROUGH_ALL, ("1", {})]
        assert each.written_at[-1] > producer.written_at[-1]
    record = world.record(release)
    assert record is not None
    assert record["blame"]["failed"] == [producer.full_name]


def test_in_lockstep_all_waves_take_each_weight_in_order(started: dict[Start, Release]) -> None:
    release = started[in_lockstep].wait()
    assert release.status == "SUCCEEDED", release.cause
    producer, consumer = release.targets
    assert producer.writes == consumer.writes == THROUGH_ALL
    assert all(first < second for first, second in zip(consumer.written_at, producer.written_at, strict=True))
    assert len(release.results("Shift traffic")) == len(TWO_STEPS["steps"])


def test_the_changed_functions_with_a_tag_are_released_in_its_waves(started: dict[Start, Release]) -> None:
    release = started[with_a_tag].wait()
    assert release.status == "SUCCEEDED", release.cause
    orders, mail, same = release.targets
    assert [orders.state, mail.state, same.state] == [("2", {}), ("2", {}), ("1", {})]
    assert mail.written_at[-1] < orders.written_at[-1]
    (planned,) = release.results("Plan")
    assert f"not released: {same.name} (unchanged)" in planned["summary"]


def test_a_stack_without_a_function_that_may_be_released_is_refused(started: dict[Start, Release]) -> None:
    release = started[of_a_stack_that_is_not_to_be_released].wait()
    assert (release.status, release.error) == ("FAILED", "InvalidRequest")
    assert "functions with stack tidegate may be released here (FunctionPattern is shop-*)" in release.cause
