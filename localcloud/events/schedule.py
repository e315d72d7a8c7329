"""rate() and cron() expressions, on the emulated clock."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from localcloud.clock import Event, Thread, current

UNITS = {"minute": 60, "hour": 3600, "day": 86400}
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
FURTHEST = timedelta(days=366)
LOOK_AROUND_SECONDS = 5.0
SHORTEST_REAL_SECONDS = 0.02


class ScheduleError(ValueError):
    """The expression is neither rate() nor cron() as far as they are known here."""


def next_time(expression: str, after: float) -> float | None:
    """Give the next moment, in epoch seconds, at which a rule with this expression is due."""
    if rate := RATE.fullmatch(expression):
        return after + int(rate[1]) * UNITS[rate[2]]
    if cron := CRON.fullmatch(expression):
        return _next_match(cron.groups(), after)
    raise ScheduleError(f"{expression!r} is not a schedule; an example: rate(1 minute)")


def _next_match(fields: tuple[str, ...], after: float) -> float | None:
    minutes, hours, dates, months, weekdays, years = fields
    moment = datetime.fromtimestamp(after, UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    latest = moment + FURTHEST
    while moment < latest:
        if not (
            _is_in(moment.month, months, 1, 12, MONTHS)
            and _is_in(moment.day, dates, 1, 31, [])
            and _is_in(moment.isoweekday() % 7 + 1, weekdays, 1, 7, DAYS)
            and _is_in(moment.year, years, 1970, 2199, [])
        ):
            moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
        elif not _is_in(moment.hour, hours, 0, 23, []):
            moment = moment.replace(minute=0) + timedelta(hours=1)
        elif not _is_in(moment.minute, minutes, 0, 59, []):
            moment += timedelta(minutes=1)
        else:
            return moment.timestamp()
    return None


def _is_in(value: int, field: str, low: int, high: int, names: list[str]) -> bool:
    return any(value in _values(part, low, high, names) for part in field.split(","))


def _values(part: str, low: int, high: int, names: list[str]) -> range:
    whole, _, step = part.partition("/")
    if whole in {"*", "?"}:
        return range(low, high + 1, int(step or 1))
    first, _, last = whole.partition("-")
    start = _number(first, low, names)
    end = _number(last, low, names) if last else high if step else start
    return range(start, end + 1, int(step or 1))


def _number(text: str, low: int, names: list[str]) -> int:
    return names.index(text.upper()) + low if text.upper() in names else int(text)


class Scheduler:
    """Tells when a rule is due. `rules` gives each rule's key and expression, as they are now."""

    def __init__(self, rules: Callable[[], dict[str, str]], due: Callable[[str], None]) -> None:
        self._rules = rules
        self._due = due
        self._next: dict[tuple[str, str], float | None] = {}
        self._stopped = Event()
        self._thread = Thread(target=self._run, daemon=True, name="schedules")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        clock = current()
        while not clock.wait(self._stopped, max(LOOK_AROUND_SECONDS, SHORTEST_REAL_SECONDS * clock.factor)):
            self.look(clock.time())

    def look(self, now: float) -> None:
        """Announce what is due by `now`; a beat that was missed is not made up for."""
        rules = self._rules()
        self._next = {key: at for key, at in self._next.items() if rules.get(key[0]) == key[1]}
        for rule, expression in rules.items():
            key = (rule, expression)
            at = self._next.setdefault(key, next_time(expression, now))
            if at is not None and at <= now:
                following = next_time(expression, at)
                self._next[key] = following if following and following > now else next_time(expression, now)
                self._due(rule)
