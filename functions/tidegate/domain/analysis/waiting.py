"""What a verdict waits for: more calls, the first call, or the next tick."""

from math import ceil

from tidegate.domain.amounts import many
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.judge import Combined, Verdict
from tidegate.domain.judge.sentences import asked, calls_lacking, lacking_most
from tidegate.domain.schedule import DAY, HOUR, MINUTE, minute_of, readable_duration, visible_minutes

NEXT_TICK = "the next tick must confirm the failures"


def waits_for(combined: Combined, verdict: Verdict, shift: Shift, now: int) -> str:
    """Describe what a verdict waits for at the weight since the last shift; empty for a pass and a fail."""
    if verdict is Verdict.NO_DATA:
        return f"no call on the canary at {shift.weight:g} % yet"
    if verdict is not Verdict.INCONCLUSIVE:
        return ""
    if combined.unconfirmed:
        return NEXT_TICK
    slowest = lacking_most(asked(combined.metrics))
    more = calls_lacking(slowest)
    if more is None:
        return "no minute yet in which both versions were called"
    metric = slowest.metric
    needed = f"about {many(more, f'more {metric.unit}')} on the canary"
    since, minutes = minute_of(shift.at), visible_minutes(now, shift.until)
    calls = sum(minute.canary_total for start, minute in metric.minutes.items() if start >= since)
    return f"{needed}, {_time(ceil(more * minutes / calls))} at this traffic" if calls and minutes else needed


def _time(minutes: int) -> str:
    """Round a forecast of minutes: it is no more exact than that."""
    if minutes < 2 * HOUR // MINUTE:
        return f"~{readable_duration(minutes * MINUTE)}"
    if minutes < 2 * DAY // MINUTE:
        return f"~{round(minutes * MINUTE / HOUR)} h"
    return f"~{round(minutes * MINUTE / DAY)} days"
