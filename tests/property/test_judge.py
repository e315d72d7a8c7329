"""What holds of the judge for any minutes."""

from hypothesis import given
from hypothesis import strategies as st

from tests.judging import judged, of_errors
from tests.property.examples import examples
from tests.property.minutes import a_minute
from tidegate.domain.judge import Combined, Minute, Verdict

SLACK = 1e-9
"""Rounding in sums of logs."""


minutes = st.lists(a_minute(), max_size=12)
dispersions = st.floats(1, 50)


@given(minutes, dispersions, st.data())
@examples(150)
def test_more_canary_errors_never_make_it_look_better(
    seen: list[Minute], dispersion: float, data: st.DataObject
) -> None:
    """With the totals as they are: the e-value and the excess never fall, and a fail stays a fail."""
    worse = [_with_more_errors(minute, data) for minute in seen]
    before, after = judged(seen, dispersion=dispersion), judged(worse, dispersion=dispersion)
    assert after.log_e_value >= before.log_e_value * (1 - SLACK) - SLACK
    assert after.excess >= before.excess - SLACK
    assert of_errors(after).information == of_errors(before).information
    if before.verdict is Verdict.FAIL:
        assert after.verdict is Verdict.FAIL


def _with_more_errors(minute: Minute, data: st.DataObject) -> Minute:
    bad = data.draw(st.integers(minute.canary_bad, minute.canary_total))
    return Minute(minute.canary_total, bad, minute.stable_total, minute.stable_bad, minute.weight)


@given(minutes, dispersions, st.data())
@examples(100)
def test_minutes_without_traffic_change_nothing_wherever_they_are(
    seen: list[Minute], dispersion: float, data: st.DataObject
) -> None:
    padded = list(seen)
    for _ in range(data.draw(st.integers(1, 5))):
        padded.insert(data.draw(st.integers(0, len(padded))), Minute(0, 0, 0, 0))
    before, after = judged(seen, dispersion=dispersion), judged(padded, dispersion=dispersion)
    if before.verdict is Verdict.NO_DATA:  # its sentence says in how many minutes there was no call
        assert after.verdict is Verdict.NO_DATA
    else:
        assert numbers(after) == numbers(before)


def numbers(combined: Combined) -> tuple[object, ...]:
    errors = of_errors(combined)
    return combined.verdict, combined.log_e_value, combined.excess, combined.ratio, errors.information, errors.whole


@given(minutes, a_minute(), st.data())
@examples(100)
def test_a_minute_in_which_one_version_ran_adds_to_the_totals_only(
    seen: list[Minute], other: Minute, data: st.DataObject
) -> None:
    alone = data.draw(
        st.sampled_from(
            [Minute(other.canary_total, other.canary_bad, 0, 0), Minute(0, 0, other.stable_total, other.stable_bad)]
        )
    )
    place = data.draw(st.integers(0, len(seen)))
    before, after = judged(seen), judged([*seen[:place], alone, *seen[place:]])
    assert (after.log_e_value, after.excess) == (before.log_e_value, before.excess)
    assert of_errors(after).information == of_errors(before).information


@given(minutes, dispersions)
@examples(100)
def test_evidence_once_seen_stays_and_numbers_keep_their_range(seen: list[Minute], dispersion: float) -> None:
    judgements = [judged(seen[:until], dispersion=dispersion) for until in range(len(seen) + 1)]
    values = [judgement.log_e_value for judgement in judgements]
    assert values == sorted(values)
    for judgement in judgements:
        assert judgement.log_e_value >= 0
        assert 0 <= judgement.excess <= 1 + SLACK
        assert of_errors(judgement).information >= 0
        assert judgement.summary.endswith(".")
        assert "\n" not in judgement.summary


@given(minutes)
@examples(100)
def test_burstier_errors_never_give_stronger_evidence(seen: list[Minute]) -> None:
    values = [judged(seen, dispersion=phi).log_e_value for phi in (1.0, 2.0, 10.0)]
    assert values[0] >= values[1] - SLACK >= values[2] - 2 * SLACK
