"""The document of a function's users, as `tidegate route` reads, changes and describes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegate_cli.outcome import Outcome, Stop

if TYPE_CHECKING:
    from tidegate_route import Document

SHOWN = ("stable", "canary", "percent", "salt", "release")


def parsed(target: str, item: Mapping[str, Any]) -> "Document":
    """Read a document as callers do.

    Raises
    ------
    Stop
        When they cannot.
    """
    from tidegate_route import Document

    try:
        return Document.parse(item)
    except (ValueError, TypeError) as error:
        alias = target.rpartition(":")[2]
        problem = f"The document of {target} is not valid: {error}. Until it is, every user goes to {alias}"
        raise Stop(Outcome.FAILED, problem) from None


def fields(target: str, document: "Document") -> dict[str, Any]:
    """Return what JSON lines say of a document, as whoever copies it elsewhere needs it."""
    from tidegate_route.document import SCHEMA

    function, _, alias = target.rpartition(":")
    shown = {"schema": SCHEMA} | {name: getattr(document, name) for name in SHOWN}
    lists = {"always": sorted(document.always), "never": sorted(document.never)}
    return {"function": function, "alias": alias, **shown, **lists}


def sentence(document: "Document") -> str:
    named = [f"{len(keys)} {name}" for name, keys in (("always", document.always), ("never", document.never)) if keys]
    also = f" ({' and '.join(named)})" if named else ""
    return f"{document.percent:g} % of the users go to {document.canary}{also}, the others to {document.stable}"


@dataclass(frozen=True)
class Wishes:
    """What `tidegate route set` changes: None and () change nothing. Users are pseudonyms."""

    percent: float | None = None
    canary: str | None = None
    salt: str | None = None
    always: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    neither: tuple[str, ...] = ()

    @property
    def shares(self) -> bool:
        """Return whether it changes more than the users who are named."""
        return (self.percent, self.canary, self.salt) != (None, None, None)

    def applied(self, alias: str, item: Mapping[str, Any] | None, new_salt: str) -> dict[str, Any]:
        """Return the document of an alias after the changes; `new_salt` is for one that did not exist."""
        from tidegate_route.document import SCHEMA

        first = {
            "schema": SCHEMA,
            "stable": alias,
            "canary": f"{alias}-canary",
            "percent": 0,
            "salt": new_salt,
            "release": new_salt,
        }
        document = {**first, "always": [], "never": [], **(item or {})}
        document.pop("closed", None)  # from now on it is not what a release left behind
        if self.salt is not None:  # lines of calls name a release, and each release has one salt
            document |= {"salt": self.salt, "release": self.salt}
        document |= {} if self.percent is None else {"percent": self.percent}
        document |= {} if self.canary is None else {"canary": self.canary}
        for name, added, others in (("always", self.always, self.never), ("never", self.never, self.always)):
            document[name] = sorted({*_listed(document[name]), *added} - {*others, *self.neither}, key=str)
        return document


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the fields that differ, each with the value before (None without a document) and the value after."""
    names = ("percent", "canary", "salt", "always", "never")
    found = {name: [(before or {}).get(name), after[name]] for name in names}
    return {name: values for name, values in found.items() if before is None or (values[0] or 0) != (values[1] or 0)}


def told(change: Mapping[str, list[Any]]) -> str:
    """Say in words what changed in a document that existed."""
    return "; ".join(_told(name, before, after) for name, (before, after) in change.items())


def _told(name: str, before: Any, after: Any) -> str:
    if not isinstance(after, list):
        return f"{name} {_number(after)} instead of {_number(before)}"
    old = _listed(before)
    signed = [f"+{key}" for key in after if key not in old] + [f"-{key}" for key in old if key not in after]
    return f"{name} {', '.join(signed) or 'is a list'}"


def _number(value: Any) -> Any:
    return f"{value:g} %" if isinstance(value, int | float) else value


def _listed(value: Any) -> list[Any]:
    """Return a list of a document; callers understand none in which it is something else."""
    return value if isinstance(value, list) else []
