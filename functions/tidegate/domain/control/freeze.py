"""Freezes: times in which functions of a name may not be released."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tidegate.domain.request.limits import matches
from tidegate.domain.schedule import format_time, is_time
from tidegate.domain.truncation import first_names


@dataclass(frozen=True)
class Freeze:
    """A freeze of all functions whose name matches `pattern` (`*`, `?`), until a moment; seconds since 1970.

    `by` is who created it, and `since` when.
    """

    pattern: str
    reason: str
    until: int
    by: str
    since: int

    def covers(self, function: str, now: int) -> bool:
        return now < self.until and matches(function, [self.pattern])

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Freeze":
        """Read a freeze; raises KeyError or TypeError where it is none."""
        freeze = cls(**{name: document[name] for name in cls.__dataclass_fields__})
        texts, times = (freeze.pattern, freeze.reason, freeze.by), (freeze.until, freeze.since)
        if not all(isinstance(text, str) for text in texts) or not all(map(is_time, times)):
            raise TypeError(f"{freeze!r:.200} has a value of another type")
        return freeze

    def shown(self) -> dict[str, Any]:
        """Return it with times as text."""
        return {**asdict(self), "until": format_time(self.until), "since": format_time(self.since)}

    def __str__(self) -> str:
        return f"frozen until {format_time(self.until)} ({self.reason})"


def covering(freezes: Iterable[Freeze], functions: Collection[str], now: int) -> Freeze | None:
    """Return the freeze that covers one of these functions now; if there are several, the one that ends last."""
    found = (freeze for freeze in freezes if any(freeze.covers(function, now) for function in functions))
    return max(found, key=lambda freeze: freeze.until, default=None)


def in_spite_of(freeze: Freeze) -> str:
    """Say that a release runs under a freeze, and why it may."""
    return (
        f"runs in spite of the freeze of {freeze.pattern!r} until {format_time(freeze.until)} ({freeze.reason}; by "
        f"{freeze.by}), because it goes back to an earlier version"
    )


def refusal(freeze: Freeze, functions: Iterable[str]) -> str:
    """Say which functions a freeze blocks, why, and what to do."""
    names = sorted({function for function in functions if freeze.covers(function, freeze.since)})
    return (
        f"{first_names(names)} may not be released until {format_time(freeze.until)}: {freeze.reason} "
        f"(frozen as {freeze.pattern!r} by {freeze.by} at {format_time(freeze.since)}). Start the release again after "
        f"that, or remove the freeze; example: tidegate thaw '{freeze.pattern}'"
    )
