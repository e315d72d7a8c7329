"""What releases are judged by: latency, metrics of one's own, alarms, what was before and what comes after."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.alarms import put_alarm
from tests.workflow.callers import carrier, left_by_a_release_to_users
from tests.workflow.releases import Release
from tests.workflow.targets import MINUTE, Target
from tests.workflow.world import FUNCTIONS, Start, World

BEFORE = range(-62, 0)
"""The hour before, and a little more."""
SLOW = {"metrics": [{"name": "errors"}, {"name": "latency", "over_ms": 800}]}
STEPS = {"steps": [{"weight": 10, "bake": "4m"}]}
DECLINED = {
    "name": "declined",
    "namespace": "Shop",
    "bad": "Declined",
    "total": "Orders",
    "dimensions": {"function": "{function}", "version": "{version}"},
}
ROLL_BACK = {"after": {"bake": "2m", "on_worse": "rollback"}}


def slow(world: World) -> Release:
    return world.release(world.target().evidence(canary_slow=0.5), strategy=STEPS, analysis=SLOW)


def slow_as_seen_yesterday(world: World) -> Release:
    """No metric is named, so gross slowness decides, by a bound that is that of stable's calls the day before."""
    target = world.target().evidence(canary_slow=0.5).evidence(minutes=BEFORE, canary_calls=0)
    return world.release(target, strategy=STEPS)


def returning_500s(world: World) -> Release:
    target = world.target().evidence()
    for version, declined in (("1", 5), ("2", 400)):
        _count(target, version, {"Orders": 1000, "Declined": declined})
    return world.release(target, analysis={"metrics": [{"name": "errors"}, DECLINED]})


def _count(target: Target, version: str, counts: dict[str, int]) -> None:
    """Count events of one's own in the next hour, as a function would with PutMetricData."""
    now = target.cloud.clock.time()
    dimensions = [{"Name": "function", "Value": target.name}, {"Name": "version", "Value": version}]
    data = [
        {
            "MetricName": name,
            "Dimensions": dimensions,
            "Timestamp": datetime.fromtimestamp(now + minute * MINUTE, UTC),
            "Value": count,
        }
        for name, count in counts.items()
        for minute in range(60)
    ]
    target.cloud.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=data)


def seen_late(world: World) -> Release:
    return world.release(world.target(), analysis={"max_bake": "30m", "on_idle": "hold"})


def hanging(world: World) -> Release:
    return world.release(world.target().evidence(canary_calls=1), strategy=STEPS)


def red_already(world: World) -> Release:
    put_alarm(world.cloud.client("cloudwatch"), "red-already", "ALARM")
    return world.release(world.target().evidence(), analysis={"alarms": ["red-already"]})


def turning_red(world: World) -> Release:
    """Of a quiet function: it has no data when the release is planned."""
    put_alarm(world.cloud.client("cloudwatch"), "turning-red")
    return world.release(world.target().evidence(), strategy=STEPS, analysis={"alarms": ["turning-red"]})


def with_an_alarm_that_is_not_there(world: World) -> Release:
    put_alarm(world.cloud.client("cloudwatch"), "there", "OK")
    return world.release(world.target(), analysis={"alarms": ["there", "not-there"]})


def in_a_brown_out(world: World) -> Release:
    return world.release(world.target().evidence(minutes=BEFORE, canary_calls=0), analysis={"max_bake": "30m"})


def started_twice(world: World) -> Release:
    """The second release of a function: that of the first one is on record."""
    target = world.target()
    asked = {"metrics": [{"name": "errors"}, {"name": "init_duration"}]}
    world.release(target, strategy="all-at-once", analysis=asked).wait()
    world.cloud.update_code(target.name, FUNCTIONS / "slow_start")
    return world.release(target, strategy="all-at-once", analysis=asked)


def fine_at_100_percent(world: World) -> Release:
    target = world.target().evidence(minutes=BEFORE, canary_calls=0).evidence()
    left_by_a_release_to_users(world, target)
    return world.release(target, strategy="all-at-once", analysis=ROLL_BACK)


def worse_at_100_percent(world: World) -> Release:
    target = world.target().evidence(minutes=BEFORE, canary_calls=0).evidence(canary_failing=0.2)
    return world.release(target, strategy="all-at-once", analysis=ROLL_BACK)


def worse_at_100_percent_and_only_told(world: World) -> Release:
    target = world.target().evidence(minutes=BEFORE, canary_calls=0).evidence(canary_failing=0.2)
    return world.release(target, strategy="all-at-once", analysis={"after": {"bake": "1m"}})


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    releases = world.start_all(
        slow,
        slow_as_seen_yesterday,
        returning_500s,
        seen_late,
        hanging,
        red_already,
        turning_red,
        with_an_alarm_that_is_not_there,
        in_a_brown_out,
        started_twice,
        fine_at_100_percent,
        worse_at_100_percent,
        worse_at_100_percent_and_only_told,
    )
    releases[turning_red].reach("Bake")
    put_alarm(world.cloud.client("cloudwatch"), "turning-red", "ALARM")
    # Once they bake: on a busy machine it takes them many minutes to come so far.
    releases[seen_late].reach("Bake").target.evidence(canary_failing=0.5, late=8 * MINUTE)
    troubled = releases[in_a_brown_out].reach("Bake").target
    troubled.evidence(canary_failing=0.4, stable_failing=0.4, minutes=range(5)).evidence(minutes=range(5, 60))
    return releases


def test_a_slow_canary_is_rolled_back_on_latency_alone(started: dict[Start, Release]) -> None:
    release = started[slow].wait()
    assert (release.status, release.error) == ("FAILED", "VersionFailed")
    assert release.target.writes == [("1", {"2": 0.1}), ("1", {})]
    assert re.search(r" took over 800 ms since \d\d:\d\d UTC, 1: 0 of ", release.cause)
    assert "latency: since " in release.cause


def test_by_default_gross_slowness_is_rolled_back_and_slow_is_what_few_calls_were_the_day_before(
    started: dict[Start, Release], world: World
) -> None:
    release = started[slow_as_seen_yesterday].wait()
    assert (release.status, release.error) == ("FAILED", "VersionFailed")
    assert "took over 50 ms" in release.cause
    (baseline,) = [item for item in world.ledger(f"release#{release.name}") if item["sk"] == "baseline"]
    assert baseline["targets"][release.target.full_name]["thresholds"] == {"p95": 50, "p99": 50}


def test_a_canary_that_returns_500s_is_caught_by_a_metric_of_ones_own(started: dict[Start, Release]) -> None:
    release = started[returning_500s].wait()
    assert (release.status, release.error) == ("FAILED", "VersionFailed")
    assert "counted as declined" in release.cause


def test_metrics_that_come_late_are_waited_for_and_found(started: dict[Start, Release], world: World) -> None:
    release = started[seen_late].wait()
    assert (release.status, release.error) == ("FAILED", "VersionFailed")
    assert release.summaries[0] == "10 % on 2: no call on the canary at 10 % yet"


def test_a_canary_that_hangs_is_rolled_back_by_its_share_of_the_calls(started: dict[Start, Release]) -> None:
    release = started[hanging].wait()
    assert (release.status, release.error) == ("FAILED", "VersionFailed")
    assert "completes less than its share of the calls" in release.cause


def test_an_alarm_that_is_red_already_does_not_block_the_fix(started: dict[Start, Release]) -> None:
    release = started[red_already].wait()
    assert release.status == "SUCCEEDED", release.cause


def test_an_alarm_that_turns_red_rolls_the_release_back(started: dict[Start, Release], world: World) -> None:
    release = started[turning_red].wait()
    assert (release.status, release.error) == ("FAILED", "AlarmRaised")
    assert "alarm turning-red went from INSUFFICIENT_DATA to ALARM" in release.cause
    assert "Alarms: turning-red is INSUFFICIENT_DATA, it has no data;" in release.results("Plan")[0]["summary"]
    assert release.target.state == ("1", {})


def test_an_alarm_that_does_not_exist_is_refused(started: dict[Start, Release]) -> None:
    release = started[with_an_alarm_that_is_not_there].wait()
    assert release.error == "InvalidRequest"
    assert release.cause.startswith("analysis.alarms[1]: there is no alarm 'not-there'")
    assert release.target.writes == []


def test_the_weights_stay_while_both_versions_are_much_worse_than_before(started: dict[Start, Release]) -> None:
    release = started[in_a_brown_out].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert any("Both versions are much worse than before" in said for said in release.summaries), release.summaries


def test_how_long_a_version_takes_to_start_is_told_beside_the_one_before(started: dict[Start, Release]) -> None:
    release = started[started_twice].wait()
    assert release.status == "SUCCEEDED", release.cause
    (said,) = [result["summary"] for result in release.results("Probe")]
    assert re.fullmatch(r"version 3 of \S+ starts in \d+ ms; version 2 took \d+ ms in its probe", said), said


def test_plan_says_what_the_schedule_can_see(started: dict[Start, Release]) -> None:
    (planned,) = started[in_a_brown_out].wait().results("Plan")
    assert " calls a minute are expected (" in planned["summary"]


def test_every_minute_is_in_the_ledger_once(started: dict[Start, Release], world: World) -> None:
    release = started[in_a_brown_out].wait()
    tables = [item["rows"] for item in world.ledger(f"release#{release.name}") if item["sk"].startswith("counts#")]
    rows = [tuple(row) for table in tables for row in table[release.target.full_name]["errors"]]
    assert len(rows) == len({row[0] for row in rows}) >= 2


def test_a_release_that_looks_back_is_promoted_only_then(started: dict[Start, Release], world: World) -> None:
    release = started[fine_at_100_percent].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.states.count("Look back") == 2
    assert release.states[-1] == "Released"
    assert (record := world.record(release))
    assert (record["status"], record["ended"]) == ("promoted", "released")
    (finished,) = [item for item in world.ledger(f"release#{release.name}") if item.get("kind") == "finished"]
    looks = [item for item in world.ledger(f"release#{release.name}") if item.get("kind") == "looked-back"]
    assert finished["at"] == looks[-1]["at"]
    assert carrier(release.target).state == ("2", {}), "the alias of an earlier canary goes along"
    assert world.lock(release.target) is None


def test_a_version_that_is_worse_at_100_percent_is_rolled_back_where_asked(
    started: dict[Start, Release], world: World
) -> None:
    release = started[worse_at_100_percent].wait()
    assert (release.status, release.error) == ("FAILED", "WorseAfterPromotion")
    assert release.states.count("Look back") == 1
    assert release.target.writes == [("2", {}), ("1", {})]
    assert "after promotion" in release.cause
    assert (record := world.record(release))
    assert (record["status"], record["ended"]) == ("undoing", "rolled-back")


def test_or_only_told_of_and_stays_promoted(started: dict[Start, Release], world: World) -> None:
    release = started[worse_at_100_percent_and_only_told].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.output["alert"] is True
    assert release.output["summary"].startswith(f"WORSE. {release.target.full_name}: ")
    assert release.target.state == ("2", {})
    (told,) = [item for item in world.ledger(f"release#{release.name}") if item.get("kind") == "looked-back"]
    assert told["alerts"] is True


def test_a_release_stopped_while_it_looks_back_is_restored_by_recover(world: World) -> None:
    """It waits for the look with its promotion, and so it is not promoted yet."""
    target = world.target().evidence(minutes=BEFORE, canary_calls=0).evidence()
    analysis: dict[str, Any] = {"after": {"bake": "30m", "on_worse": "rollback"}}
    with world.recovering():
        release = world.release(target, strategy="all-at-once", analysis=analysis).reach("Bake at full traffic")
        assert target.state == ("2", {})
        release.stop()
        world.unlocked(target)
    assert target.state == ("1", {})
    assert (record := world.record(release))
    assert record["ended"] == "recovered"
