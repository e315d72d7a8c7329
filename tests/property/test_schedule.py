"""Ticks come at half past a minute, and time only ever adds visible minutes."""

from hypothesis import given
from hypothesis import strategies as st

from tidegate.domain.schedule import DAY, LAG, MINUTE, format_time, minute_of, next_tick, parse_time, visible_minutes

moments = st.integers(1_700_000_000, 2_000_000_000)
spans = st.integers(0, 14 * DAY)


@given(moments, spans)
def test_ticks_are_ahead_and_at_half_past(first_shift: int, since: int) -> None:
    now = first_shift + since
    tick = next_tick(now, first_shift)
    assert tick % MINUTE == MINUTE // 2
    assert 0 < tick - now <= 6 * MINUTE
    assert tick - now <= 2.5 * MINUTE or since >= DAY


@given(moments)
def test_holding_as_long_as_a_request_may_stays_within_one_executions_history(first_shift: int) -> None:
    """Three days; nine events a tick, 25,000 in all (Step Functions quotas), some of them to prepare and finish."""
    now, ticks = first_shift, 0
    while now < first_shift + 3 * DAY:
        now, ticks = next_tick(now, first_shift), ticks + 1
    assert ticks * 9 < 24_000


@given(moments, spans, spans)
def test_a_minute_once_visible_stays_visible(shifted_at: int, first: int, more: int) -> None:
    earlier = visible_minutes(shifted_at + first, shifted_at)
    later = visible_minutes(shifted_at + first + more, shifted_at)
    assert 0 <= earlier <= later


@given(moments, spans)
def test_every_visible_minute_is_over_for_as_long_as_metrics_take(shifted_at: int, since: int) -> None:
    now = shifted_at + since
    count = visible_minutes(now, shifted_at)
    assert count == 0 or minute_of(shifted_at) + count * MINUTE + LAG <= now


@given(moments, spans)
def test_each_tick_of_the_first_day_shows_just_one_minute_more(shifted_at: int, since: int) -> None:
    shifted_at = minute_of(shifted_at)
    tick = next_tick(shifted_at + since % (DAY - 2 * MINUTE), shifted_at)
    following = next_tick(tick, shifted_at)
    assert visible_minutes(following, shifted_at) == visible_minutes(tick, shifted_at) + 1


@given(moments)
def test_times_are_read_as_they_were_written(moment: int) -> None:
    assert parse_time(format_time(moment)) == moment
