"""What `make faults` draws: every kind of fault and of release, at every state and in every step."""

from tests.faults import table
from tests.faults.aftermath import Healing
from tests.faults.bars import UNDISTURBED
from tests.faults.calls import CALLS
from tests.faults.draw import KINDS, Scenario, draw
from tests.faults.draw_regions import RegionsScenario
from tests.faults.endings import Ended
from tests.faults.region_troubles import REGION_KINDS
from tests.faults.regions import ONE_IN
from tests.faults.worker import Result
from tests.reading import function_of, states, tasks

ALL = [draw(1, number) for number in range(4000)]
DRAWN = [scenario for scenario in ALL if isinstance(scenario, Scenario)]
OF_REGIONS = [scenario for scenario in ALL if isinstance(scenario, RegionsScenario)]
NOT_ENDED_AT = {
    "Already live",
    "Dry run",
    "Refused",
    "Not prepared",
    "Left to recover",
    "Wait for a decision",
    "Follow regions",
    "Wait for an end",
    "Wait for regions",
}
"""Ends that come at once, or of requests that no faulted release makes."""


FOLLOWING = "FollowRegionsFunction"
"""The step of a release of two Regions."""


def test_a_release_has_one_to_three_faults_and_each_kind_comes_first_in_turn() -> None:
    assert {len(scenario.troubles) for scenario in DRAWN} == {1, 2, 3}
    assert {type(trouble) for scenario in DRAWN[: len(KINDS)] for trouble in scenario.troubles} >= set(KINDS)


def test_releases_have_one_to_five_targets_a_few_twenty_and_one_in_ten_has_real_traffic() -> None:
    assert {scenario.release.targets for scenario in DRAWN} == {1, 2, 3, 4, 5, 20}
    assert sum(scenario.release.targets == 20 for scenario in DRAWN) == len(ALL) / 50
    assert {scenario.release.waves for scenario in DRAWN} == {"", "sequential", "lockstep"}
    assert sum(scenario.release.real_traffic for scenario in DRAWN) == len(ALL) / 10


def test_releases_of_twenty_targets_have_two_waves_and_half_of_them_one_after_the_other() -> None:
    waves = [scenario.release.waves for scenario in DRAWN if scenario.release.targets == 20]
    assert waves.count("sequential") == waves.count("lockstep") == len(waves) / 2


def test_one_in_forty_is_of_two_regions_and_whatever_ends_it_ends_a_child_or_the_parent() -> None:
    assert len(OF_REGIONS) == len(ALL) / ONE_IN
    first = OF_REGIONS[:12]  # of the 500 that `make faults` runs
    assert {type(trouble) for scenario in first for trouble in scenario.troubles} == set(REGION_KINDS)
    assert {scenario.release.on_failure for scenario in first} == {"rollback", "leave"}


def test_executions_are_ended_at_every_state_of_the_machine() -> None:
    ended_at = {trouble.state for scenario in DRAWN for trouble in scenario.troubles if isinstance(trouble, Ended)}
    assert ended_at == states().keys() - NOT_ENDED_AT, "tests/faults/endings.py names the states"


def test_calls_go_wrong_in_every_step_of_the_machine() -> None:
    assert {function_of(task) for task in tasks().values()} - {FOLLOWING} == CALLS.keys()


def test_a_seed_draws_the_same_again() -> None:
    assert [draw(1, number) for number in range(50)] == ALL[:50]


def test_healing_past_its_bar_fails_the_suite_also_where_every_invariant_holds() -> None:
    def result(seconds: float) -> Result:
        return Result(1, "", (), (), "recovered", (), Healing(seconds, 2), event_lost=False, seconds=1)

    late, fine = result(UNDISTURBED.whole + 1), result(UNDISTURBED.whole)
    assert table.too_late([fine, late]) == [late]
    assert "(bar 120)" in "\n".join(table.lines([fine, late]))
