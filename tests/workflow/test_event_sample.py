"""A few of the events of `make events`, through the rules, retries and queues that the suite shares."""

from tests.starting import table
from tests.starting.draw import REPOSITORY, Names
from tests.starting.outcome import strays
from tests.starting.run import Run
from tests.workflow.world import World

EVENTS = 36


def test_a_few_events_in_trouble_are_one_release_each_or_refused_and_none_is_lost(world: World) -> None:
    names = Names((world.target().name, world.target().name), world.target(None).name)
    run = Run(world, names)
    outcomes = run.carry_out(seed=3, numbers=range(EVENTS))
    unasked = strays(run.gathered, outcomes, (*names.requested, names.updated, REPOSITORY))
    told = "\n".join([*table.lines(outcomes, unasked), *(str(each) for each in outcomes if each.violations)])
    assert f"{EVENTS} of {EVENTS} events, 0 releases more" in told, told
    assert sum(each.struck for each in outcomes) > EVENTS / 10
    assert any(each.dead for each in outcomes)
    assert {name for each in outcomes for name in each.releases} <= set(run.gathered.releases)
