"""What holds of every strategy there can be."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.request.limits import Limits
from tidegate.domain.request.parse import parse_request
from tidegate.domain.schedule import duration_text, minutes_of
from tidegate.domain.strategy import NAMES, Strategy, strategy_named

LIMITS = Limits("*", "tidegate-")

minutes = st.integers(1, 60)
percents = st.integers(1, 90) | st.floats(1, 90).map(lambda weight: round(weight, 3))
names = (
    st.sampled_from(NAMES)
    | st.builds("canary-{}-{}m".format, percents, minutes)
    | st.builds("linear-{}-{}m".format, percents, minutes)
)
lists = st.lists(st.floats(0.1, 90) | st.integers(1, 90), min_size=1, max_size=8, unique=True).map(
    lambda weights: {"steps": [{"weight": weight, "bake": "2m"} for weight in sorted(weights)]}
)


@given(names | lists)
@settings(deadline=None)
def test_weights_rise_strictly_from_above_0_and_the_promotion_goes_further(asked: object) -> None:
    raw = {"function": "checkout", "strategy": asked, "analysis": {"max_bake": "1m", "on_inconclusive": "promote"}}
    strategy = parse_request(raw, limits=LIMITS).strategy
    weights = [0.0, *(step.weight for step in strategy.steps), 100.0]
    assert all(before < after for before, after in pairwise(weights))
    assert all(weight <= 90 for weight in weights[:-1])
    assert all(step.bake_minutes >= 1 for step in strategy.steps)


@given(percents, minutes)
def test_a_linear_strategy_goes_up_by_its_percent_as_far_as_it_may(percent: float, bake: int) -> None:
    strategy: Strategy = strategy_named(f"linear-{percent}-{bake}m")
    assert [step.weight for step in strategy.steps] == [
        round(percent * number, 4) for number in range(1, len(strategy.steps) + 1)
    ]
    assert strategy.steps[-1].weight + percent > 90


@given(st.text(max_size=40) | names)
def test_any_name_gives_a_strategy_or_a_sentence(name: str) -> None:
    try:
        strategy = strategy_named(name)
    except ValueError:
        return
    assert strategy.name == name


@given(st.integers(1, 10_000))
def test_a_duration_is_read_as_it_was_written(length: int) -> None:
    assert minutes_of(duration_text(length)) == length
