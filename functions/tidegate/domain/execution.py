"""The execution of a release: what Step Functions says of it, what it knows of its targets, and its name.

Tidegate makes the names of these pieces, so that Step Functions logs each release.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.alias import AliasState


@dataclass(frozen=True)
class Execution:
    """An execution as DescribeExecution gives it; times are seconds since 1970, `stopped` is None while it runs."""

    arn: str
    status: str
    started: int
    stopped: int | None = None
    error: str | None = None
    cause: str | None = None
    request: Any = None

    @property
    def running(self) -> bool:
        return self.status == "RUNNING"


@dataclass(frozen=True)
class Passage:
    """One visit of a state: the previous state (None: the start), and whether it was left."""

    state: str
    entered: int
    came_from: str | None = None
    left: bool = True


@dataclass(frozen=True)
class CarriedTarget:
    """One alias, and its two versions as far as there are any.

    The state machine keeps these in its variable `targets`: after Plan, and with the published versions after Prepare
    versions.
    """

    function: str
    alias: str
    stable: str | None = None
    canary: str | None = None

    @property
    def name(self) -> str:
        return f"{self.function}:{self.alias}"

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "CarriedTarget":
        return cls(document["function"], document["alias"], document.get("stable"), document.get("canary"))

    def whole(self, found: AliasState) -> AliasState | None:
        """Return what the alias has to be made; None where it is not as this release divides it."""
        if self.stable is None or found.version != self.stable or not set(found.weights) <= {self.canary}:
            return None
        return AliasState(self.stable)


LONGEST_NAME = 80
"""Characters of an execution's name (Step Functions, StartExecution)."""

KEY = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)
"""What may be a sender's key."""

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)
"""What may not be in a name if CloudWatch Logs is to have the execution's log (StartExecution, `name`)."""


def plain_name(text: str) -> str:
    """Give the text with `-` for what a logged execution's name may not have."""
    return _FOREIGN.sub("-", text)


def distinct_name(key: str) -> str:
    """Give the key as a part of a name: no two keys give the same."""
    return key if key == plain_name(key) else f"{plain_name(key)}-{name_digits(key, 6)}"


def name_digits(text: str, digits: int) -> str:
    """Give so many hex digits that stand for the text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:digits]
