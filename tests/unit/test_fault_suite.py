"""What `make faults` draws: every kind of fault and of release, at every state and in every step."""

from tests.faults import table
from tests.faults.aftermath import Healing
from tests.faults.bars import UNDISTURBED
from tests.faults.calls import CALLS
from tests.faults.draw import KINDS, draw
from tests.faults.endings import Ended
from tests.faults.worker import Result
from tests.reading import function_of, states, tasks

DRAWN = [draw(1, number) for number in range(4000)]
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


OF_REGIONS = "FollowRegionsFunction"
"""A release of several Regions is no faulted one: tests/workflow/test_regions.py stops its parts."""


def test_a_release_has_one_to_three_faults_and_each_kind_comes_first_in_turn() -> None:
    assert {len(scenario.troubles) for scenario in DRAWN} == {1, 2, 3}
    assert {type(trouble) for scenario in DRAWN[: len(KINDS)] for trouble in scenario.troubles} >= set(KINDS)


def test_releases_have_one_to_five_targets_a_few_twenty_and_one_in_ten_has_real_traffic() -> None:
    assert {scenario.release.targets for scenario in DRAWN} == {1, 2, 3, 4, 5, 20}
    assert sum(scenario.release.targets == 20 for scenario in DRAWN) == len(DRAWN) / 50
    assert {scenario.release.waves for scenario in DRAWN} == {"", "sequential", "lockstep"}
    assert sum(scenario.release.real_traffic for scenario in DRAWN) == len(DRAWN) / 10


def test_executions_are_ended_at_every_state_of_the_machine() -> None:
    ended_at = {trouble.state for scenario in DRAWN for trouble in scenario.troubles if isinstance(trouble, Ended)}
    assert ended_at == states().keys() - NOT_ENDED_AT, "tests/faults/endings.py names the states"


def test_calls_go_wrong_in_every_step_of_the_machine() -> None:
    assert {function_of(task) for task in tasks().values()} - {OF_REGIONS} == CALLS.keys()


def test_a_seed_draws_the_same_again() -> None:
    assert [draw(1, number) for number in range(50)] == DRAWN[:50]


def test_healing_past_its_bar_fails_the_suite_also_where_every_invariant_holds() -> None:
    def result(seconds: float) -> Result:
        return Result(1, "", (), (), "recovered", (), Healing(seconds, 2), event_lost=False, seconds=1)

    late, fine = result(UNDISTURBED.whole + 1), result(UNDISTURBED.whole)
    assert table.too_late([fine, late]) == [late]
    assert "(bar 120)" in "\n".join(table.lines([fine, late]))
