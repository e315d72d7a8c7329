"""The targets in an execution's own data: enough to restore an alias when the ledger cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.alias import AliasState


@dataclass(frozen=True)
class CarriedTarget:
    """One alias, and its versions, if known.

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
        """Return the state to restore; None if the alias is not split by this release."""
        if self.stable is None or found.version != self.stable or not set(found.weights) <= {self.canary}:
            return None
        return AliasState(self.stable)
