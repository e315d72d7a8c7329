"""Following a release: new events, until it ends, or until there is a reason to stop watching."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Any

from tidegate.domain.events.form import Milestone
from tidegate.domain.events.milestone import Judged, Refused, Started
from tidegate.domain.schedule import readable_duration
from tidegate_cli.ending import Ending, as_it_is_now, ending_of, results, verified
from tidegate_cli.hints import unchanged
from tidegate_cli.outcome import Outcome
from tidegate_cli.release_state import Eye, Sight
from tidegate_cli.retrying import SightLost, patiently
from tidegate_cli.views import View

SHORTEST_REST = 0.05

APPEARS_WITHIN = 60.0
"""Seconds for which a new release may be unknown: DescribeExecution is eventually consistent."""

RECOVERS_WITHIN = 600.0
"""Seconds after which Recover, which runs every minute, should have restored the aliases of an execution."""


@dataclass(frozen=True)
class Wish:
    """How to follow: seconds between polls, when to stop, and for how many seconds to follow at most.

    `reword` writes the hints of a refusal and of findings as the caller wrote the request.
    """

    poll: float = 2.0
    until: str = "released"
    timeout: float | None = None
    abort_on_interrupt: bool = False
    reword: Callable[[str], str] = unchanged


class Follower:
    """Follows one release; `resume` is the command that continues this."""

    def __init__(self, eye: Eye, view: View, wish: Wish, *, resume: str, link: str) -> None:
        self._eye = eye
        self._view = view
        self._wish = wish
        self._resume = resume
        self._link = link
        self._shown: set[tuple[Any, ...]] = set()
        self._began = time.monotonic()
        self._left_at: float | None = None
        self.told: list[Milestone] = []
        self.sight: Sight | None = None

    def follow(self) -> Ending:
        """Return how it ended, or why watching stopped."""
        while True:
            try:
                ending = self._look()
            except SightLost as lost:
                return self.lost(str(lost))
            if ending:
                return replace(ending, sentence=self._wish.reword(ending.sentence))
            self._rest(self._wish.poll)

    def _rest(self, seconds: float, trouble: str = "") -> None:
        """Wait, with periodic output; `trouble` is the reason for missing news."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, max(self._view.alive(trouble), SHORTEST_REST)))

    def lost(self, why: str) -> Ending:
        """Report that the release is no longer visible; this does not affect it."""
        return replace(self._unknown(Outcome.UNKNOWN, self._elsewhere(why)), lost=True)

    def detached(self, why: str = "Interrupted") -> Ending:
        """Report that somebody interrupted the command; this does not affect the release."""
        return self._unknown(Outcome.INTERRUPTED, self._elsewhere(why))

    def _elsewhere(self, why: str) -> str:
        return f"{why.rstrip('.')}. The release continues; to follow it: {self._resume}"

    def _unknown(self, outcome: Outcome, sentence: str) -> Ending:
        return Ending(outcome, sentence, results(self.sight, promoted=None) if self.sight else ())

    def _look(self) -> Ending | None:
        sight = patiently(self._eye.look, self._rest)
        first, self.sight = self.sight is None, sight
        self._show(sight.new, compress=first)
        ending = ending_of(sight)
        if ending:
            return self._late(ending) if first else patiently(partial(verified, ending, sight), self._rest)
        return self._enough(sight) or self._missing(sight)

    def _late(self, ending: Ending) -> Ending:
        """Describe the versions that serve now; unknown if they cannot be read."""
        try:
            return patiently(partial(as_it_is_now, ending), self._rest)
        except SightLost as lost:
            targets = tuple(replace(target, version=None) for target in ending.targets)
            sentence = f"{ending.sentence.rstrip('.')}. The current state of the aliases could not be read: {lost}."
            return replace(ending, sentence=sentence, targets=targets)

    def _show(self, milestones: Sequence[Milestone], *, compress: bool) -> None:
        new = [each for each in milestones if each.key not in self._shown]
        began = not self._shown and bool(new)
        self._shown |= {each.key for each in new}
        shown = compressed(new) if compress else new
        shown = [self._reworded(each) for each in shown]
        self.told += shown
        if began:
            self._view.show(shown[:1])
            self._view.link(self._link, self._resume)
            shown = shown[1:]
        self._view.show(shown)

    def _reworded(self, milestone: Milestone) -> Milestone:
        reword = self._wish.reword
        if isinstance(milestone, Refused):
            return milestone.model_copy(update={"summary": reword(milestone.summary)})
        if isinstance(milestone, Started):
            findings = tuple(replace(each, fix=reword(each.fix)) for each in milestone.findings)
            return milestone.model_copy(update={"findings": findings})
        return milestone

    def _enough(self, sight: Sight) -> Ending | None:
        """Check whether the awaited event has occurred, or the time-out has expired."""
        if self._wish.until == "shifted" and any(each.type == "shifted" for each in sight.milestones):
            return self._unknown(Outcome.STARTED, f"The new version has traffic; to follow the release: {self._resume}")
        held = sight.held
        over = self._wish.timeout is not None and time.monotonic() - self._began >= self._wish.timeout
        if held and (over or self._wish.until == "held"):
            return self._unknown(Outcome.HELD, f"It is held and still judged; to follow it: {self._resume}")
        if over:
            waited = f"Not finished after {readable_duration(self._wish.timeout or 0)}"
            return self._unknown(Outcome.UNKNOWN, f"{waited}; the release continues. To follow it: {self._resume}")
        return None

    def _missing(self, sight: Sight) -> Ending | None:
        """Check whether the release should have appeared, or have been restored, by now."""
        if sight.execution is None and sight.record is None:
            if time.monotonic() - self._began < APPEARS_WITHIN:
                return None
            return Ending(Outcome.FAILED, f"There is no release {sight.release}. See: tidegate status --all")
        if sight.execution is None or sight.execution.running:
            return None
        return self._left(sight.execution.status)

    def _left(self, status: str) -> Ending | None:
        if self._left_at is None:
            self._left_at = time.monotonic()
            soon = "Recover restores the aliases within a minute or two"
            self._view.note("recovering", f"the execution is {status}; {soon}")
        if time.monotonic() - self._left_at < RECOVERS_WITHIN:
            return None
        sentence = (
            f"The execution is {status}, and Recover has not restored the aliases in "
            f"{readable_duration(RECOVERS_WITHIN)}. "
            "Check now: Recover's log shows the reason, and `tidegate status` shows the aliases."
        )
        return self._unknown(Outcome.NEEDS_HUMAN, sentence)


def compressed(milestones: Sequence[Milestone]) -> list[Milestone]:
    """Omit ticks that the next one repeats: the history is short."""

    def repeated(this: Milestone, following: Milestone | None) -> bool:
        if not isinstance(this, Judged) or not isinstance(following, Judged):
            return False
        return (this.weight, this.verdict, this.next) == (following.weight, following.verdict, following.next)

    return [each for each, after in zip_longest(milestones, milestones[1:]) if not repeated(each, after)]
