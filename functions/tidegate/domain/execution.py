"""The execution of a release: its data in Step Functions, its targets, and its name.

Tidegate makes the names of these pieces, so that Step Functions logs each release.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tidegate.domain.alias import AliasState
from tidegate.domain.routing import CANARY, STABLE, canary_alias


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
    """One alias, its versions, if known, and its wave; `provisioned` environments are requested for the canary.

    With a `channel`, users are routed (`TargetPlan`). The state machine keeps these in its variable `targets`: after
    Plan, and with the published versions after Prepare versions.
    """

    function: str
    alias: str
    stable: str | None = None
    canary: str | None = None
    provisioned: int = 0
    wave: int = 1
    channel: str = ""

    @property
    def aliases(self) -> tuple["CarriedTarget", ...]:
        """Return the alias, and the one that carries its canary if users are routed."""
        if self.channel != STABLE or self.stable is None:
            return (self,)
        return self, replace(self, alias=canary_alias(self.alias), channel=CANARY, provisioned=0)

    @property
    def name(self) -> str:
        return f"{self.function}:{self.alias}"

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "CarriedTarget":
        versions = document.get("stable"), document.get("canary")
        others = document.get("provisioned", 0), document.get("wave", 1), document.get("channel", "")
        return cls(document["function"], document["alias"], *versions, *others)

    @property
    def left_over(self) -> str:
        """Return the end of a sentence about provisioned environments that may be left without the ledger, or ""."""
        if not self.provisioned:
            return ""
        version = f"version {self.canary}" if self.canary else "the new version"
        return (
            f"; {version} of {self.function} may keep the {self.provisioned} provisioned environments that the release "
            f"requested: aws lambda delete-provisioned-concurrency-config --function-name {self.function} --qualifier "
            f"{self.canary or 'VERSION'}"
        )

    def whole(self, found: AliasState, *, early: bool) -> AliasState | None:
        """Return the state to restore; None if this release did not leave the alias so.

        It left the alias split; or fully on the canary with its wave, if that was promoted `early`, before the others.
        An alias of the canary alone has been on it since the first shift.
        """
        if self.stable is None:
            return None
        if self.channel == CANARY:
            return AliasState(self.stable) if found.whole and found.version in {self.stable, self.canary} else None
        split = found.version == self.stable and set(found.weights) <= {self.canary}
        return AliasState(self.stable) if split or (early and found == AliasState(self.canary or "")) else None


FINISH, COMPARE = "Finish", "Compare versions"
"""The state that promotes the whole release, after the waves before the last one; and the one that judges before it."""

BEFORE_FINISH = {"Prepare versions", "Before traffic", "Run hooks", "Shift traffic", "Look at logs", COMPARE}
"""States whose failure rolls a release back before Finish; one that has an outcome survives a failure of its hooks."""

LONGEST_NAME = 80
"""Characters of an execution's name (Step Functions, StartExecution)."""

KEY = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)
"""Valid keys of a sender."""

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)
"""Characters that prevent logging of an execution to CloudWatch Logs (StartExecution, `name`)."""


def plain_name(text: str) -> str:
    """Return the text with `-` for characters that a logged execution's name must not contain."""
    return _FOREIGN.sub("-", text)


def distinct_name(key: str) -> str:
    """Return the key as a part of a name: no two keys give the same."""
    return key if key == plain_name(key) else f"{plain_name(key)}-{name_digits(key, 6)}"


def name_digits(text: str, digits: int) -> str:
    """Return a hash of the text with the given number of hex digits."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:digits]
