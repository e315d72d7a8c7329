"""A log, as in CI: routine lines are delayed, so that an hour has at most 120 lines and is never silent."""

from collections.abc import Iterator, Sequence

from tidegate.domain.alias import percent
from tidegate.domain.events.form import Milestone
from tidegate.domain.events.milestone import Held, Judged, Probed, Published, Settled, Started, Waiting, WakingUp
from tidegate.domain.routing import share_of
from tidegate.domain.truncation import first_sentences
from tidegate_cli.views.lines import Lines, ambers, elapsed, sentence

BEAT = 55.0
"""Seconds without a line after which one is written: a call to AWS may take some more, and the limit is a minute."""

BEAT_UNJUDGED = 290.0
"""The same while the release waits for a person before any traffic; some CI systems end a job that is silent for
600."""

EACH = 5
"""Most targets for which each preparation gets its own line; for more targets, only their number is written."""

NAMED = 3


class Log(Lines):
    """Writes news at once. A tick with an unchanged verdict waits; then only the newest is written."""

    def __init__(self, *, verbose: bool = False) -> None:
        super().__init__(verbose=verbose)
        self._waiting: list[Milestone] = []
        self._said: set[tuple[str, str]] = set()
        self._targets, self._share = 0, ""
        self._last: Milestone | None = None
        self._weight = self._judged_at = 0.0
        self._verdict = ""

    def show(self, milestones: Sequence[Milestone]) -> None:
        for milestone in milestones:
            self._saw(milestone)
            if isinstance(milestone, Judged):  # its counts include those of the ones before
                self._waiting = [each for each in self._waiting if not isinstance(each, Judged)]
            if self._is_routine(milestone):
                self._waiting.append(milestone)
            else:
                self._tell_waiting()
                super().show([milestone])

    def note(self, kind: str, sentence: str) -> None:
        self._tell_waiting()
        super().note(kind, sentence)

    def alive(self, trouble: str = "") -> float:
        if self.silent >= self._beat():
            if trouble or not self._waiting:
                self.note("waiting", trouble or self._where())
            self._tell_waiting()
        return self._beat() - self.silent

    def _beat(self) -> float:
        unjudged = isinstance(self._last, Held) and not self._last.weight
        return BEAT_UNJUDGED if unjudged else BEAT

    def _saw(self, milestone: Milestone) -> None:
        self._last = milestone
        self._weight = getattr(milestone, "weight", self._weight)
        if isinstance(milestone, Started):
            self._targets, self._share = len(milestone.targets), share_of(milestone.routing)

    def _is_routine(self, milestone: Milestone) -> bool:
        if not isinstance(milestone, Judged):
            return self._targets > EACH and isinstance(milestone, (Published, Settled, Waiting, WakingUp, Probed))
        if milestone.weight != self._judged_at:
            self._judged_at = milestone.weight
            self._said = {(self._verdict, "bake")}
        self._verdict = milestone.verdict
        said = (milestone.verdict, f"{milestone.next}, amber" if ambers(milestone) else milestone.next)
        known = said in self._said
        self._said.add(said)
        return known and milestone.verdict != "fail"

    def _tell_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        super().show(list(counted(waiting)))

    def _where(self) -> str:
        if self._last is None:
            return "nothing is known about the release yet"
        held = "held, with " if isinstance(self._last, Held) else ""
        since = elapsed(self._last.at - self._clock.started)
        return f"{held}{percent(self._weight / 100)}{self._share} on the new version; no change since {since}"


def counted(milestones: Sequence[Milestone]) -> Iterator[Milestone]:
    """Merge several milestones of one type into one that names the first targets."""
    for kind in dict.fromkeys(each.type for each in milestones):
        alike = [each for each in milestones if each.type == kind]
        if len(alike) == 1:
            yield alike[0]
            continue
        named = first_sentences([sentence(each) for each in alike], NAMED)
        newest = max(each.at for each in alike)
        yield alike[0].model_copy(update={"at": newest, "summary": f"{len(alike)} targets: {named}"})
