"""The data about one target from which the checks of the preflight conclude."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tidegate.domain.analysis.guards import Guard
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.models import TargetRequest

MALFORMED = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What reading an answer raises that has another form than AWS documents."""


class CannotLook(Exception):
    """A fact could not be read; the message says why."""


@dataclass(frozen=True)
class Unseen:
    """Stands for a fact that could not be read, for example for lack of a permission."""

    why: str


class Partial(NamedTuple):
    """A fact of which a part could not be read in time."""

    value: Any
    why: str


class Listed(NamedTuple):
    """Callers of the unqualified function, and what the same reading shows `besides`: other facts, by name."""

    callers: list[tuple[str, str]]
    besides: Mapping[str, Any]


@dataclass(frozen=True)
class Survey:
    """One target of a request, its state, the plan, and facts by name (`tidegate.aws.preflight.facts`).

    `facts` has only those that the checks of this release need and that the rights of the stack allow. `now` is in
    seconds since 1970. `alarms` are those of the release, at its first target. `pattern` are the functions that may be
    released.
    """

    wanted: TargetRequest
    state: Inspected
    plan: ReleasePlan
    facts: Mapping[str, Any] = field(default_factory=dict)
    now: int = 0
    alarms: tuple[Guard, ...] = ()
    pattern: str = "*"

    @property
    def target(self) -> str:
        return f"{self.wanted.function}:{self.wanted.alias}"

    @property
    def stepwise(self) -> bool:
        """Return whether the strategy splits the alias between two versions."""
        return bool(self.plan.strategy.steps) and self.plan.routing is None

    def read(self, fact: str) -> Any:
        """Return a fact, perhaps a Partial one; None if the stack's rights do not include it.

        Raises
        ------
        CannotLook
            If it could not be read.
        """
        value = self.facts.get(fact)
        if isinstance(value, Unseen):
            raise CannotLook(f"{fact}: {value.why}")
        return value

    def known(self, fact: str) -> Any:
        """Return a fact; None if it could not be read, which another check reports."""
        value = self.facts.get(fact)
        return None if isinstance(value, Unseen) else value


class Conclusion(NamedTuple):
    """What a check concludes: without full stops, `why` and `fix` may be empty; not `looked` if data is missing."""

    found: str
    why: str = ""
    fix: str = ""
    looked: bool = True

    @property
    def sentence(self) -> str:
        return ". ".join(filter(None, (self.found, self.why, self.fix)))

    @classmethod
    def not_looked(cls, check: str, why: str) -> "Conclusion":
        """Report that a check is incomplete: whatever its severity, this never refuses a release."""
        fix = f'Allow Tidegate to read it, or ignore this check: "preflight": {{"{check}": "ignore"}}'
        return cls(f"could not look: {why}", "", fix, looked=False)


Conclusions = Iterator[Conclusion]


def in_parts(check: str, survey: Survey, *parts: Callable[[Survey], Conclusions]) -> Conclusions:
    """Conclude by parts: what one of them cannot read costs only that part, and is told once for all."""
    unread = []
    for part in parts:
        try:
            yield from part(survey)
        except CannotLook as problem:
            unread.append(str(problem))
    if unread:
        yield Conclusion.not_looked(check, "; ".join(unread))
