"""What an alias looks like during a release, and what an undone release leaves of it."""

import pytest

from tidegate.domain.alias import AliasState, percent, restored, shifted

SNAPSHOT = AliasState("42")


def test_a_shift_keeps_the_stable_version_as_the_primary_one() -> None:
    """The primary gets the rest, so the weight of the map is the canary's."""
    assert shifted("42", "43", 10) == AliasState("42", {"43": 0.1})


@pytest.mark.parametrize("weight", [0.1, 0.3, 7, 12.3457, 33.3333, 90])
def test_a_weight_goes_through_lambda_and_back_unchanged(weight: float) -> None:
    """Lambda keeps a double; what is read back is compared for equality."""
    state = shifted("42", "43", weight)
    assert AliasState.of(state.document()) == state
    assert state.weight_of("43") == pytest.approx(weight / 100, abs=1e-6)
    assert state.weight_of("42") + state.weight_of("43") == pytest.approx(1)


def test_versions_that_an_alias_does_not_name_get_nothing() -> None:
    assert shifted("42", "43", 10).weight_of("41") == 0


def test_an_alias_is_whole_while_no_second_version_gets_requests() -> None:
    assert AliasState("42").whole
    assert AliasState("42", {"43": 0.0}).whole
    assert not AliasState("42", {"43": 0.001}).whole


def test_an_alias_says_who_gets_what() -> None:
    assert str(AliasState("42")) == "100 % on version 42"
    assert str(shifted("42", "43", 2.5)) == "version 42 with 2.5 % on 43"


@pytest.mark.parametrize(("share", "text"), [(0.05, "5 %"), (0.125, "12.5 %"), (0.001, "0.1 %"), (1, "100 %")])
def test_shares_are_written_as_people_do(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize("found", [SNAPSHOT, shifted("42", "43", 5), shifted("42", "43", 90)], ids=str)
@pytest.mark.parametrize("finishing", [False, True])
def test_whatever_this_release_did_is_undone(found: AliasState, finishing: bool) -> None:
    assert restored(found, SNAPSHOT, "43", finishing=finishing) == SNAPSHOT


def test_a_promotion_that_was_begun_is_undone() -> None:
    assert restored(AliasState("43"), SNAPSHOT, "43", finishing=True) == SNAPSHOT


def test_the_canary_alone_is_somebody_elses_doing_before_finish_has_begun() -> None:
    assert restored(AliasState("43"), SNAPSHOT, "43", finishing=False) is None


@pytest.mark.parametrize(
    "found", [AliasState("44"), AliasState("42", {"44": 0.2}), AliasState("41", {"44": 0.2})], ids=str
)
def test_a_change_of_somebody_else_is_left_alone(found: AliasState) -> None:
    assert restored(found, SNAPSHOT, "43", finishing=True) is None


def test_somebody_elses_version_stays_but_our_canary_loses_its_weight() -> None:
    assert restored(AliasState("44", {"43": 0.1}), SNAPSHOT, "43", finishing=False) == AliasState("44")


def test_a_release_that_published_nothing_restores_the_alias_as_it_was() -> None:
    assert restored(SNAPSHOT, SNAPSHOT, None, finishing=False) == SNAPSHOT
    assert restored(AliasState("42", {"44": 0.5}), SNAPSHOT, None, finishing=False) is None
