"""However far a release came, undoing it restores the snapshot or leaves other people's change alone."""

from hypothesis import given
from hypothesis import strategies as st

from tidegate.domain.alias import AliasState, restored, shifted

STABLE, CANARY = "42", "43"
SNAPSHOT = AliasState(STABLE)

weights = st.lists(st.floats(0.1, 90), max_size=6, unique=True).map(sorted)
versions = st.integers(40, 46).map(str)


@st.composite
def another_hand(draw: st.DrawFn) -> AliasState:
    """Whatever somebody else may make of the alias: one version, or two with a weight."""
    primary = draw(versions)
    second = draw(st.none() | versions.filter(lambda version: version != primary))
    return AliasState(primary) if second is None else AliasState(primary, {second: draw(st.floats(0.001, 1))})


@given(weights, st.booleans(), st.data())
def test_any_prefix_of_a_release_is_undone_to_the_snapshot(
    schedule: list[float], to_the_end: bool, data: st.DataObject
) -> None:
    states = [SNAPSHOT, *(shifted(STABLE, CANARY, weight) for weight in schedule)]
    if to_the_end:
        states.append(AliasState(CANARY))
    reached = data.draw(st.integers(0, len(states) - 1))
    finishing = to_the_end and reached >= len(states) - 2
    assert restored(states[reached], SNAPSHOT, CANARY, finishing=finishing) == SNAPSHOT


@given(another_hand(), st.booleans())
def test_the_canary_never_keeps_weight_beside_another_version(found: AliasState, finishing: bool) -> None:
    left = restored(found, SNAPSHOT, CANARY, finishing=finishing) or found
    assert CANARY not in left.weights
    assert left.whole or CANARY not in found.weights


@given(another_hand(), st.booleans())
def test_a_change_of_somebody_else_keeps_its_primary_version(found: AliasState, finishing: bool) -> None:
    ours = [SNAPSHOT.version, *([CANARY] if finishing else [])]
    left = restored(found, SNAPSHOT, CANARY, finishing=finishing) or found
    if found.version not in ours:
        assert left.version == found.version
    if CANARY not in {found.version, *found.weights} and found != SNAPSHOT:
        assert left == found


@given(another_hand(), st.booleans())
def test_undoing_twice_changes_nothing_more(found: AliasState, finishing: bool) -> None:
    once = restored(found, SNAPSHOT, CANARY, finishing=finishing) or found
    twice = restored(once, SNAPSHOT, CANARY, finishing=finishing) or once
    assert twice == once


@given(versions, versions, st.floats(0.1, 90))
def test_a_weight_and_its_rest_are_everything(stable: str, canary: str, weight: float) -> None:
    if stable != canary:
        state = shifted(stable, canary, weight)
        assert abs(state.weight_of(stable) + state.weight_of(canary) - 1) < 1e-9
        assert AliasState.of(state.document()) == state
