"""A release of several Regions: what is due at each moment, and how it ends, for every way that Regions can go."""

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from tests.builders import NOON
from tidegate.aws.regions.opening import LONGEST as LONGEST_RELEASE
from tidegate.domain.region_moves import (
    EXECUTION_ENDED,
    LONGEST,
    StopReason,
    due,
    ended,
    failures,
    goes_on,
    has_failed,
    outcome,
    pause,
    released_since,
)
from tidegate.domain.region_releases import (
    LONGEST_NAME,
    PARTLY,
    REFUSED,
    RELEASED,
    ROLLED_BACK,
    STAGE_OF,
    STOPPED,
    Act,
    RegionRelease,
    Stage,
    execution_name,
)
from tidegate.domain.region_sights import APPEARS_WITHIN, RECOVERS_WITHIN, REFUSAL, RegionSight, seen

HERE = RegionRelease("eu-west-1", "123456789012", "tidegate", 0, execution="arn:x", since=NOON)
GOOD, BAD = RegionSight("SUCCEEDED"), RegionSight("FAILED", error="InitFailed", cause="it does not start")
RAN = RegionSight("SUCCEEDED", recorded=True, promoted=True, ended="released", outcome="on version 2")
WENT_BACK = RegionSight("FAILED", error="VersionFailed", recorded=True, ended="rolled-back", outcome="10 of 10 failed")


def at(stage: Stage, group: int = 0) -> RegionRelease:
    return replace(HERE, stage=stage, group=group)


def look(stage: Stage, sight: RegionSight, later: int = 0, *, stops: bool = False) -> RegionRelease:
    return seen(at(stage), sight, NOON + later, stops=stops)


def test_every_region_is_checked_before_the_first_one_is_released() -> None:
    regions = [at(Stage.WAITING), at(Stage.CHECKED, 1)]
    assert due(regions, stops=False, roll_back=True) == [(0, Act.CHECK)]
    regions[0] = at(Stage.CHECKING)
    assert due(regions, stops=False, roll_back=True) == []
    assert goes_on(regions, stops=False, roll_back=False)


def test_a_group_starts_together_when_those_before_it_are_released() -> None:
    ready = [at(Stage.CHECKED), at(Stage.CHECKED, 1), at(Stage.CHECKED, 1)]
    assert due(ready, stops=False, roll_back=False) == [(0, Act.START)]
    assert due([at(Stage.RELEASING), *ready[1:]], stops=False, roll_back=False) == []
    assert due([at(Stage.RELEASED), *ready[1:]], stops=False, roll_back=False) == [(1, Act.START), (2, Act.START)]


@pytest.mark.parametrize(("roll_back", "acts"), [(True, [(1, Act.STOP)]), (False, [])])
def test_after_a_failure_nothing_starts_and_what_runs_is_stopped_only_for_a_roll_back(
    roll_back: bool, acts: list[tuple[int, Act]]
) -> None:
    regions = [at(Stage.UNCHANGED), at(Stage.RELEASING), at(Stage.CHECKED, 1)]
    assert due(regions, stops=False, roll_back=roll_back) == acts
    assert goes_on(regions, stops=False, roll_back=False)


def test_regions_go_back_group_by_group_the_last_one_first() -> None:
    regions = [at(Stage.RELEASED), at(Stage.RELEASED, 1), at(Stage.UNCHANGED, 1)]
    assert due(regions, stops=False, roll_back=True) == [(1, Act.GO_BACK)]
    assert due([regions[0], at(Stage.GOING_BACK, 1), regions[2]], stops=False, roll_back=True) == []
    assert due([regions[0], at(Stage.BACK, 1), regions[2]], stops=False, roll_back=True) == [(0, Act.GO_BACK)]
    assert due(regions, stops=False, roll_back=False) == []


def test_who_stops_the_release_stops_those_under_way() -> None:
    regions = [at(Stage.RELEASED), at(Stage.RELEASING, 1), at(Stage.CHECKED, 2)]
    assert due(regions, stops=True, roll_back=False) == [(1, Act.STOP)]
    assert not goes_on([at(Stage.RELEASED), at(Stage.CHECKED, 1)], stops=True, roll_back=False)


def test_a_check_that_passes_a_release_and_a_failure_are_seen() -> None:
    assert look(Stage.CHECKING, GOOD).stage is Stage.CHECKED
    refused = look(Stage.CHECKING, BAD)
    assert (refused.stage, refused.error, refused.summary) == (Stage.UNCHANGED, "InitFailed", "it does not start")
    assert look(Stage.RELEASING, RegionSight("RUNNING", recorded=True)).stage is Stage.RELEASING
    released = look(Stage.RELEASING, RAN)
    assert (released.stage, released.summary, released.moved) == (Stage.RELEASED, "on version 2", True)
    failed = look(Stage.RELEASING, WENT_BACK)
    assert (failed.stage, failed.error, failed.moved) == (Stage.UNCHANGED, "VersionFailed", True)
    assert look(Stage.GOING_BACK, RAN).stage is Stage.BACK
    assert look(Stage.GOING_BACK, BAD).stage is Stage.UNCERTAIN


def test_an_execution_that_is_not_shown_yet_is_waited_for_once_it_has_a_record() -> None:
    assert look(Stage.RELEASING, RegionSight(None, recorded=True), 3600).stage is Stage.RELEASING


def test_a_release_that_only_its_record_knows_is_given_up_in_the_end() -> None:
    unknown = RegionSight(None, recorded=True)
    waiting = look(Stage.RELEASING, unknown, 3600)
    assert (waiting.stage, waiting.trouble != "") == (Stage.RELEASING, True)
    assert seen(waiting, unknown, NOON + 3600 + REFUSAL, stops=False).stage is Stage.UNCERTAIN
    assert seen(waiting, RegionSight("RUNNING", recorded=True), NOON + 3600 + REFUSAL, stops=False).trouble == ""


def test_a_release_that_ran_and_is_not_known_any_more_is_not_started_again() -> None:
    ran = look(Stage.RELEASING, RegionSight("RUNNING", recorded=True))
    gone = seen(ran, RegionSight(None), NOON + 3600, stops=False)
    assert gone.stage is Stage.RELEASING
    assert seen(gone, RegionSight(None), NOON + 3600 + REFUSAL, stops=True).stage is Stage.UNCERTAIN


@pytest.mark.parametrize(
    ("status", "stage"),
    [("FAILED", Stage.UNCHANGED), ("ABORTED", Stage.UNCHANGED), ("SUCCEEDED", Stage.UNCERTAIN)],
)
def test_only_a_release_that_never_began_is_as_before_without_a_record(status: str, stage: Stage) -> None:
    found = look(Stage.RELEASING, RegionSight(status, error="InvalidRequest", cause="no"))
    assert found.stage is stage
    assert look(Stage.GOING_BACK, RegionSight(status)).stage is Stage.UNCERTAIN


def test_a_region_that_is_lost_is_not_awaited_by_those_that_go_back() -> None:
    lost = replace(at(Stage.RELEASING, 1), lost=True)
    assert due([at(Stage.RELEASED), lost, at(Stage.UNCHANGED, 1)], stops=False, roll_back=True) == [
        (1, Act.STOP),
        (0, Act.GO_BACK),
    ]
    stuck = replace(at(Stage.RELEASED, 1), lost=True)
    regions = [at(Stage.RELEASED), stuck, at(Stage.UNCHANGED, 2)]
    assert due(regions, stops=False, roll_back=True) == [(0, Act.GO_BACK), (1, Act.GO_BACK)]


def test_a_dry_run_that_is_not_shown_any_more_is_repeated() -> None:
    running = look(Stage.CHECKING, RegionSight("RUNNING"))
    assert seen(running, RegionSight(None), NOON + APPEARS_WITHIN, stops=False).stage is Stage.WAITING


def test_a_release_that_was_stopped_before_it_appeared_is_no_failure() -> None:
    stopped = look(Stage.RELEASING, RegionSight(None), APPEARS_WITHIN, stops=True)
    by_itself = StopReason(EXECUTION_ENDED, "Its execution ended")
    assert ended([stopped], by_itself)[1] == by_itself


def test_a_refusal_that_plan_tries_again_is_not_the_end() -> None:
    trying = RegionSight("RUNNING", recorded=True, ended="refused")
    assert look(Stage.RELEASING, trying).stage is Stage.RELEASING


def test_a_stopped_release_is_over_when_recover_has_closed_it() -> None:
    stopped = RegionSight("ABORTED", recorded=True, stopped=NOON)
    assert look(Stage.RELEASING, stopped, RECOVERS_WITHIN).stage is Stage.RELEASING
    assert look(Stage.RELEASING, stopped, RECOVERS_WITHIN + 1).stage is Stage.UNCERTAIN
    closed = look(Stage.RELEASING, replace(stopped, ended="recovered", outcome="restored"))
    assert (closed.stage, closed.error, closed.moved) == (Stage.UNCHANGED, "recovered", True)
    assert look(Stage.RELEASING, replace(stopped, promoted=True)).stage is Stage.RELEASED


@pytest.mark.parametrize(
    ("stage", "before"),
    [
        (Stage.CHECKING, Stage.WAITING),
        (Stage.RELEASING, Stage.CHECKED),
        (Stage.GOING_BACK, Stage.RELEASED),
    ],
)
def test_an_execution_that_does_not_appear_is_started_again(stage: Stage, before: Stage) -> None:
    unknown = RegionSight(None)
    assert look(stage, unknown, APPEARS_WITHIN - 1).stage is stage
    assert look(stage, unknown, APPEARS_WITHIN).stage is before
    assert look(Stage.RELEASING, unknown, APPEARS_WITHIN, stops=True).stage is Stage.UNCHANGED


@pytest.mark.parametrize(
    ("stages", "word"),
    [
        ([(Stage.RELEASED, True), (Stage.RELEASED, True)], RELEASED),
        ([(Stage.UNCHANGED, False), (Stage.CHECKED, False)], REFUSED),
        ([(Stage.UNCHANGED, True), (Stage.CHECKED, False)], ROLLED_BACK),
        ([(Stage.BACK, True), (Stage.UNCHANGED, False)], ROLLED_BACK),
        ([(Stage.RELEASED, True), (Stage.UNCHANGED, False)], PARTLY),
        ([(Stage.UNCERTAIN, False), (Stage.CHECKED, False)], PARTLY),
    ],
)
def test_the_outcome_says_whether_regions_differ(stages: list[tuple[Stage, bool]], word: str) -> None:
    assert outcome([replace(at(stage), moved=moved) for stage, moved in stages]) == word


def test_the_region_that_failed_is_told_not_those_stopped_for_its_sake() -> None:
    stopped = replace(at(Stage.UNCHANGED), error=STOPPED, since=NOON - 5)
    failed = replace(at(Stage.UNCHANGED), error="VersionFailed")
    later = replace(failed, since=NOON + 5)
    assert failures([later, stopped, failed]) == [failed, later]
    assert failures([at(Stage.RELEASED)]) == []


@pytest.mark.parametrize("release", ["checkout-1", "x" * 80])
def test_names_of_executions_fit_and_are_always_the_same(release: str) -> None:
    names = [execution_name(release, HERE, act) for act in (Act.CHECK, Act.START, Act.GO_BACK)]
    assert len(set(names)) == 3
    assert all(len(name) <= LONGEST_NAME for name in names)
    assert names == [execution_name(release, HERE, act) for act in (Act.CHECK, Act.START, Act.GO_BACK)]
    assert execution_name("x" * 79 + "y", HERE, Act.START) != execution_name("x" * 80, HERE, Act.START)


def test_all_polls_of_the_longest_release_fit_into_one_history() -> None:
    age = polls = 0
    while age < LONGEST_RELEASE:
        age, polls = age + pause(age), polls + 1
    assert polls * 13 < 23_000


def test_an_alias_that_was_released_again_since_does_not_go_back() -> None:
    assert released_since({"a:live": "mine", "b:live": "a hotfix"}, "mine", "mine-back") == ["b:live"]
    assert released_since({"a:live": "mine", "b:live": "mine-back2"}, "mine", "mine-back") == []


def test_the_failure_of_a_region_is_the_reason_also_if_the_execution_ended_later() -> None:
    failed = replace(at(Stage.UNCHANGED), error="VersionFailed", summary="it is worse")
    by_itself, aborted = StopReason(EXECUTION_ENDED, "Its execution ended"), StopReason("Aborted", "ann aborted it")
    assert ended([failed], by_itself)[1].error == ended([failed], None)[1].error == "VersionFailed"
    assert ended([failed], aborted)[1] == aborted
    assert ended([at(Stage.CHECKED)], by_itself)[1] == by_itself


def test_the_reasons_of_many_regions_fit_into_a_cause() -> None:
    failed = [replace(at(Stage.UNCHANGED), error="InitFailed", summary="x" * 32_000) for _ in range(50)]
    cause = ended(failed, None)[1].cause
    assert len(cause) < 6 * LONGEST
    assert cause.endswith("and 45 more")


ENDS = {
    Stage.CHECKING: [GOOD, GOOD, GOOD, BAD],
    Stage.RELEASING: [RAN, RAN, WENT_BACK, BAD, RegionSight("RUNNING", recorded=True), RegionSight(None)],
    Stage.GOING_BACK: [RAN, RAN, RAN, BAD, RegionSight("RUNNING", recorded=True)],
}


@pytest.mark.parametrize(("seed", "roll_back"), [*product(range(30), (True, False))])
def test_every_release_ends_and_no_region_after_a_failed_group_is_ever_started(seed: int, roll_back: bool) -> None:
    """Random ends of everything that runs: each Region is looked at, then what is due is done, as Follow Regions."""
    random = Random(seed)
    regions = [replace(HERE, region=f"eu-west-{n}", group=n // 2, stage=Stage.WAITING) for n in range(6)]
    for poll in range(400):
        now = NOON + 90 * poll
        regions = [
            seen(one, random.choice(ENDS[one.stage]), now, stops=False) if one.stage in ENDS else one for one in regions
        ]
        failed = has_failed(regions)
        while acts := due(regions, stops=False, roll_back=roll_back):
            started = [place for place, act in acts if act is Act.START]
            assert not (started and failed)
            assert all(one.stage is Stage.RELEASED for p in started for one in regions if one.group < regions[p].group)
            moved = [(place, act) for place, act in acts if act is not Act.STOP]
            for place, act in moved:
                regions[place] = regions[place].at(STAGE_OF[act], now)
            for place in (place for place, act in acts if act is Act.STOP):
                if regions[place].stage is Stage.RELEASING:
                    regions[place] = seen(regions[place], WENT_BACK, now, stops=False)
        if not goes_on(regions, stops=False, roll_back=roll_back):
            break
    word = outcome(regions)
    assert not goes_on(regions, stops=False, roll_back=roll_back)
    if not has_failed(regions):
        assert word == RELEASED
    if roll_back:
        assert not any(one.stage is Stage.RELEASED for one in regions) or word in {RELEASED, PARTLY}
        assert word != PARTLY or any(one.stage is Stage.UNCERTAIN for one in regions)
