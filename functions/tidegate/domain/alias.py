"""States of an alias during a release, and its state after a roll back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class AliasState:
    """Where an alias points: its primary version and the weights (0..1) of the second one, if any."""

    version: str
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Return whether one version gets every request."""
        return not any(weight > 0 for weight in self.weights.values())

    def weight_of(self, version: str) -> float:
        """Return the share (0..1) of requests that go to `version`."""
        if version == self.version:
            return 1 - sum(self.weights.values())
        return self.weights.get(version, 0.0)

    def document(self) -> dict[str, Any]:
        return {"version": self.version, "weights": dict(self.weights)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "AliasState":
        if not isinstance(document["version"], str):
            raise TypeError(f"version is {document['version']!r:.100}")
        return cls(document["version"], {key: float(value) for key, value in document["weights"].items()})

    def __str__(self) -> str:
        if self.whole:
            return f"100 % on version {self.version}"
        shares = ", ".join(f"{percent(share)} on {version}" for version, share in self.weights.items())
        return f"version {self.version} with {shares}"


def percent(share: float) -> str:
    """Format a share (0..1): 0.05 -> `5 %`."""
    return f"{round(share * 100, 4):g} %"


def shifted(stable: str, canary: str, weight: float) -> AliasState:
    """Return the alias with `weight` percent on the canary; the primary stays stable."""
    return AliasState(stable, {canary: round(weight / 100, 6)})


def restored(found: AliasState, snapshot: AliasState, canary: str | None, *, finishing: bool) -> AliasState | None:
    """Return the state of an alias after a roll back; None if the alias is no longer ours.

    Ours is: the snapshot's version, with or without weight on our canary, and, once Finish has begun, the
    canary alone. If someone else moved the alias, their version stays, but our canary loses its weight.
    """
    if found.version == snapshot.version and set(found.weights) <= {canary}:
        return AliasState(snapshot.version)
    if finishing and found == AliasState(canary or ""):
        return AliasState(snapshot.version)
    if canary in found.weights:
        return AliasState(found.version)
    return None
