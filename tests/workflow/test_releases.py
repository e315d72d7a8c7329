"""Whole releases, as a user starts them and as callers see them."""

import zipfile
from io import BytesIO
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from localcloud.traffic import Traffic
from tests.workflow.releases import Release
from tests.workflow.world import FUNCTIONS, TWO_STEPS, Start, World
from tidegate.domain.request.capacity import CHANGED, LOOK, LOOKED, ONCE, PREPARED, SHIFTED

HALF = {"steps": [{"weight": 50, "bake": "2m"}]}
SECRET = "a-value-that-nobody-may-see"
REQUESTS_PER_SECOND = 0.5
"""Of emulated time: thirty a minute, which is thirty a second for this machine."""


def healthy(world: World) -> Release:
    return world.release(world.target().evidence(), strategy=TWO_STEPS)


def healthy_and_unseen(world: World) -> Release:
    return world.release(world.target(), strategy="canary-10-1m")


def one_of_two_failing(world: World) -> Release:
    good, bad = world.target().evidence(), world.target().evidence(canary_failing=0.3)
    return world.release(good, bad, strategy=TWO_STEPS)


def both_of_two_good(world: World) -> Release:
    return world.release(world.target().evidence(), world.target().evidence())


def one_of_two_broken(world: World) -> Release:
    return world.release(world.target(), world.target("broken"))


def code_and_configuration(world: World) -> Release:
    world.cloud.client("ssm").put_parameter(Name="/shop/greeting", Value=SECRET, Type="SecureString")
    target = world.target(None, environment={"REGION_NAME": "kept as it is"}).evidence()
    return world.release(
        target,
        code={"s3_bucket": "builds", "s3_key": "configured.zip"},
        configuration={"environment": {"GREETING": {"ssm": "/shop/greeting"}}, "memory_size": 256},
    )


def first_release(world: World) -> Release:
    return world.release(world.target(alias=None), create_alias=True)


def first_release_that_does_not_start(world: World) -> Release:
    return world.release(world.target("broken", alias=None), create_alias=True)


def all_at_once(world: World) -> Release:
    return world.release(world.target(), strategy="all-at-once")


def already_live(world: World) -> Release:
    target = world.target()
    world.release(target, strategy="all-at-once").wait()
    return world.release(target)


def already_live_by_somebody_else(world: World) -> Release:
    target = world.target()
    target.move(target.publish())
    return world.release(target)


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    _upload(world, "configured")
    return world.start_all(
        healthy,
        healthy_and_unseen,
        one_of_two_failing,
        both_of_two_good,
        one_of_two_broken,
        code_and_configuration,
        first_release,
        first_release_that_does_not_start,
        all_at_once,
        already_live,
        already_live_by_somebody_else,
    )


def _upload(world: World, folder: str) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(FUNCTIONS / folder / "app.py", "app.py")
    storage = world.cloud.client("s3")
    storage.create_bucket(Bucket="builds")
    storage.put_object(Bucket="builds", Key=f"{folder}.zip", Body=packed.getvalue())


def test_a_healthy_version_is_released_step_by_step(started: dict[Start, Release], world: World) -> None:
    release = started[healthy].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.target.writes == [("1", {"2": 0.1}), ("1", {"2": 0.5}), ("2", {})]
    summary = f"{release.target.full_name} is on version 2"
    assert release.output == {"outcome": "released", "summary": summary, "alert": False}


def test_a_release_is_on_record_and_its_lock_is_gone(started: dict[Start, Release], world: World) -> None:
    release = started[healthy].wait()
    record = world.record(release)
    assert record is not None
    assert (record["status"], record["ended"]) == ("promoted", "released")
    kinds = [item["kind"] for item in world.ledger(f"release#{release.name}") if "kind" in item]
    assert kinds[0] == "planned"
    assert kinds.count("finished") == 1
    assert kinds.count("judged") == release.states.count("Compare versions")
    assert world.lock(release.target) is None


def test_a_weight_changes_at_the_beginning_of_a_minute(started: dict[Start, Release]) -> None:
    """Not before the next one: how much later is up to the machine that these tests run on."""
    events = started[healthy].wait().events
    entered = [(before, event) for before, event in pairwise(events) if event.kind == "entered"]
    # A state's EnteredTime lies between the exit of the state before and the event that says so.
    waits = [before.at for before, event in entered if event.state == "Wait for the minute"]
    shifts = [event.at for _, event in entered if event.state == "Shift traffic"]
    assert (len(waits), len(shifts)) == (2, 2)
    assert [shift for wait, shift in zip(waits, shifts, strict=True) if shift < ceil(wait / 60) * 60] == []


def test_an_idle_function_is_released_after_its_bake_and_plan_record_and_outcome_say_so(
    started: dict[Start, Release], world: World
) -> None:
    release = started[healthy_and_unseen].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.target.writes == [("1", {"2": 0.1}), ("2", {})]
    idle = f"{release.target.full_name}: it is idle: fewer than 10 calls of the new version are expected over "
    assert idle in release.results("Plan")[0]["summary"]
    assert release.summaries[-1] == ("10 % on 2: no call on the canary at 10 % yet; continues, not compared")
    record = world.record(release) or {}
    assert (record["ended"], record["proof"]) == ("released", "not-compared")
    assert record["outcome"] == f"{release.target.full_name} is on version 2; released, not compared"


def test_targets_are_released_together(started: dict[Start, Release]) -> None:
    release = started[both_of_two_good].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert [target.writes for target in release.targets] == [[("1", {"2": 0.1}), ("2", {})]] * 2


def test_when_one_of_two_targets_fails_both_are_rolled_back(started: dict[Start, Release]) -> None:
    release = started[one_of_two_failing].wait()
    assert (release.status, release.error) == ("FAILED", "VersionFailed")
    assert [target.writes for target in release.targets] == [[("1", {"2": 0.1}), ("1", {})]] * 2
    assert release.cause.startswith(f"{release.targets[1].full_name}: 10 % on 2: ")


def test_when_one_of_two_targets_does_not_start_nothing_shifts(started: dict[Start, Release]) -> None:
    release = started[one_of_two_broken].wait()
    assert (release.status, release.error) == ("FAILED", "InitFailed")
    assert "Shift traffic" not in release.states
    assert [target.state for target in release.targets] == [("1", {})] * 2


def test_code_and_configuration_are_changed_one_after_the_other(started: dict[Start, Release]) -> None:
    release = started[code_and_configuration].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert [result["summary"].partition(": ")[2] for result in release.results("Update")] == [
        "code changed",
        "configuration changed",
    ]
    prepared = [state for state in release.states if state in {"Update", "Settle", "Publish"}]
    assert prepared.index("Update") < prepared.index("Settle") < prepared.index("Update", 1)
    assert len(release.target.versions) == 2, "no version of the new code with the old configuration"


@pytest.mark.parametrize(("start", "targets", "more"), [(both_of_two_good, 2, 0), (code_and_configuration, 1, 1)])
def test_its_history_has_as_many_events_as_a_plan_reckons_with(
    start: Start, targets: int, more: int, started: dict[Start, Release]
) -> None:
    release = started[start].wait()
    looks = release.states.count("Wait until settled") + release.states.count("Compare versions")
    reckoned = PREPARED * targets + CHANGED * more + LOOK * looks + SHIFTED * release.states.count("Shift traffic")
    reckoned += LOOKED * release.states.count("Look at logs")
    tried_again = 3 * sum(event["type"] in {"LambdaFunctionFailed", "TaskFailed"} for event in release.history)
    assert 0 <= len(release.history) - reckoned - tried_again <= ONCE


def test_variables_that_a_request_does_not_name_stay_as_they_are(started: dict[Start, Release]) -> None:
    release = started[code_and_configuration].wait()
    variables = release.target.latest["Environment"]["Variables"]
    assert variables == {"REGION_NAME": "kept as it is", "GREETING": SECRET}


def test_values_of_variables_are_shown_nowhere(started: dict[Start, Release], world: World) -> None:
    release = started[code_and_configuration].wait()
    assert "/shop/greeting" in release.told, "the reference may be seen"
    logs = world.cloud.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    lines = [logs.filter_log_events(logGroupName=group)["events"] for group in groups]
    places = [release.told, world.ledger(f"release#{release.name}"), lines]
    assert not [place for place in places if SECRET in str(place)]


def test_the_first_release_creates_the_alias_when_asked_to(started: dict[Start, Release]) -> None:
    release = started[first_release].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert "Shift traffic" not in release.states
    assert release.target.state == ("1", {})


def test_a_first_release_that_does_not_start_leaves_no_alias(started: dict[Start, Release], world: World) -> None:
    release = started[first_release_that_does_not_start].wait()
    assert (release.status, release.error) == ("FAILED", "InitFailed")
    assert world.cloud.client("lambda").list_aliases(FunctionName=release.target.name)["Aliases"] == []
    assert world.lock(release.target) is None


def test_all_at_once_promotes_without_a_shift(started: dict[Start, Release]) -> None:
    release = started[all_at_once].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.target.writes == [("2", {})]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (already_live, "version 2 is already live"),
        (already_live_by_somebody_else, "version 2 is already live, not judged"),
    ],
)
def test_what_is_live_already_is_not_released_again(start: Start, words: str, started: dict[Start, Release]) -> None:
    release = started[start].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.output["summary"] == f"{release.target.full_name}: {words}"
    assert release.target.state == ("2", {})


def test_a_version_failing_three_of_ten_is_rolled_back_at_the_first_weight_within_three_ticks(world: World) -> None:
    target = world.target("flaky")
    with _traffic(world, f"{target.full_name}"):
        release = world.release(target, strategy=HALF).wait()
    assert (release.status, release.error) == ("FAILED", "VersionFailed")
    assert target.writes == [("1", {"2": 0.5}), ("1", {})]
    with_data = [words for words in release.summaries if " of 0 failed" not in words]
    assert len(with_data) <= 3, release.summaries
    assert (
        f"RuntimeError {_explained(world, release)['count']} times in {target.full_name}, for example" in release.cause
    )


def _explained(world: World, release: Release) -> dict[str, Any]:
    """Give the one error that the ledger explains the failure of a release by; its message is not told."""
    items = world.ledger(f"release#{release.name}")
    (error,) = next(item["errors"] for item in items if item["sk"] == "version-errors")
    assert (error["type"], error["count"] >= 1) == ("RuntimeError", True)
    assert error["request_id"] in error["link"]
    assert "one of three in ten" not in str(items)
    return dict(error)


def test_an_import_error_is_stopped_before_any_request_of_the_alias(world: World) -> None:
    target = world.target("broken")
    with _traffic(world, target.full_name) as traffic:
        release = world.release(target).wait()
    assert (release.status, release.error) == ("FAILED", "InitFailed")
    assert "Runtime.ImportModuleError: Unable to import module 'app'" in release.cause
    assert "No module named 'a_module_that_nobody_installed'" in release.cause
    assert "https://us-east-1.console.aws.amazon.com/cloudwatch/" in release.cause
    assert target.requests("2") == 0
    assert {call.outcome for call in traffic.calls} == {"ok"}


def test_a_brown_out_of_both_versions_is_not_blamed_on_the_new_one(world: World, tmp_path: Path) -> None:
    outage = tmp_path / "outage"
    target = world.target(None, stable="fragile", environment={"OUTAGE": str(outage)})
    analysis = {"on_inconclusive": "promote", "max_bake": "1m"}
    steps = {"steps": [{"weight": 50, "bake": "4m"}]}
    with _traffic(world, target.full_name) as traffic:
        release = world.release(target, strategy=steps, analysis=analysis, configuration={"memory_size": 256})
        release.reach("Bake")
        world.cloud.clock.sleep(60)
        outage.touch()
        world.cloud.clock.sleep(60)
        outage.unlink()
        release.wait()
    assert release.status == "SUCCEEDED", release.cause
    assert {call.version for call in traffic.calls if call.outcome == "failed"} == {"1", "2"}


def _traffic(world: World, name: str) -> Traffic:
    return Traffic(world.cloud.client("lambda"), world.cloud.clock, name, per_second=REQUESTS_PER_SECOND)
