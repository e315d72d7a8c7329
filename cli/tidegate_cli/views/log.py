"""A log, as in CI: what is routine waits for a beat, so that an hour is 120 lines at most, and never silent."""

from collections.abc import Iterator, Sequence

from tidegate.domain.alias import percent
from tidegate.domain.events.milestone import Held, Judged, Milestone, Probed, Published, Settled, Started, WakingUp
from tidegate_cli.views.lines import Lines, elapsed, sentence

BEAT = 55.0
"""Seconds without a line after which one comes: a look at AWS may take some more, and a minute is the limit."""

BEAT_UNJUDGED = 290.0
"""The same while there is no traffic to judge and a person is waited for; some CI systems end a job silent for 600."""

EACH = 5
"""Targets up to which a release tells of each what was done to it; of more, it is told how many there were."""

NAMED = 3


class Log(Lines):
    """Tells at once what is new. A tick that says what one said before waits for the beat, which tells the newest."""

    def __init__(self, *, verbose: bool = False) -> None:
        super().__init__(verbose=verbose)
        self._waiting: list[Milestone] = []
        self._said: set[tuple[str, str]] = set()
        self._targets = 0
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
            self._targets = len(milestone.targets)

    def _is_routine(self, milestone: Milestone) -> bool:
        if not isinstance(milestone, Judged):
            return self._targets > EACH and isinstance(milestone, (Published, Settled, WakingUp, Probed))
        if milestone.weight != self._judged_at:
            self._judged_at = milestone.weight
            self._said = {(self._verdict, "bake")}
        self._verdict = milestone.verdict
        said = (milestone.verdict, milestone.next)
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
        return f"{held}{percent(self._weight / 100)} on the new version; no change since {since}"


def counted(milestones: Sequence[Milestone]) -> Iterator[Milestone]:
    """Make one of several of a kind, which names the first of them."""
    for kind in dict.fromkeys(each.type for each in milestones):
        alike = [each for each in milestones if each.type == kind]
        if len(alike) == 1:
            yield alike[0]
            continue
        named = "; ".join(sentence(each) for each in alike[:NAMED])
        more = f"; and {len(alike) - NAMED} more" if len(alike) > NAMED else ""
        newest = max(each.at for each in alike)
        yield alike[0].model_copy(update={"at": newest, "summary": f"{len(alike)} targets: {named}{more}"})
