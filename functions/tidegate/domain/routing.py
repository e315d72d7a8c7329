"""Routing of users instead of calls: the alias that carries the canary, and the document that says who is sent there.

Callers read the document with the library tidegate_route; docs/routing.md describes both.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tidegate.domain.truncation import first_names

USERS = "users"
STABLE, CANARY = "stable", "canary"
"""The channels, as the library names them."""

SUFFIX = "-canary"
SCHEMA = 1
"""Of the document; the library sends every user of a document with another schema to stable."""

CACHED = 37
"""Seconds until every caller decides by a new percentage: it keeps a document for 30 seconds and 20 % more, and a read
takes a second at most."""

FORGOTTEN = 62
"""Seconds after which no caller decides by a document that was replaced: if reads fail, it keeps the last one for a
minute and a quarter of a second, and times are whole seconds."""


def canary_alias(alias: str) -> str:
    return f"{alias}{SUFFIX}"


def routed_alias(alias: str) -> str:
    """Return the alias whose users an alias may get; empty if it is none that carries a canary."""
    return alias.removesuffix(SUFFIX) if alias.endswith(SUFFIX) else ""


def share_of(routing: "Routing | str | None") -> str:
    """Return what follows a percentage of a release, if it is of the users and not of the requests.

    `routing` is that of the plan, or the mode.
    """
    return " of the users" if routing else ""


@dataclass(frozen=True)
class Routing:
    """How the users of a release are chosen.

    `salt` chooses them, `always` and `never` are pseudonyms; `log_groups` are those of the callers, whose lines say
    which users failed. When the share of the users changed, and to what, is in the changes of weight of the release.
    """

    salt: str
    log_groups: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    mode: str = USERS

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Routing":
        lists = {name: tuple(document.get(name, ())) for name in ("log_groups", "always", "never")}
        return cls(**{**document, **lists})

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def told(self) -> str:
        """Say what decides."""
        where = first_names(self.log_groups) if self.log_groups else "of its functions"
        return (
            f"Users decide, by the lines of the callers' library in the logs {where}; metrics of calls are only shown"
        )

    def sent(self, alias: str, percent: float, release: str, now: int) -> dict[str, Any]:
        """Return the document for callers of an alias: who is sent to its canary, from `now` on (seconds since 1970).

        It names aliases, never a version, so that an old one reaches no version that was withdrawn.
        """
        return {
            "schema": SCHEMA,
            "salt": self.salt,
            "percent": round(percent, 2),
            "stable": alias,
            "canary": canary_alias(alias),
            "always": list(self.always),
            "never": list(self.never),
            "release": release,
            "updated": now,
        }
