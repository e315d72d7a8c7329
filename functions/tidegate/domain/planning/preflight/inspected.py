"""The state of a target in AWS and the ledger before anything changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.domain.alias import AliasState
from tidegate.domain.request.configuration import Configuration
from tidegate.domain.version import Content

SNAPSHOTS = "PublishedVersions"
"""The value of SnapStart's ApplyOn with which versions start from a snapshot."""


@dataclass(frozen=True)
class Inspected:
    """The state of one target in AWS and the ledger.

    `configuration` is that of $LATEST, None when there is no such function; `timeouts` are those of both
    versions, in seconds; `rolled_back` is the record of an earlier release that rolled back the
    same version. `latest`, `stable` and `released` are code and settings of $LATEST, of the alias' version and
    of the content to release, without the request's own changes; None if there is no such version. `reserved` is the
    reserved concurrency, None for none. `runtimes` are the ARNs of the runtime versions of stable and of what is
    released, empty where Lambda shows none.
    """

    configuration: Mapping[str, Any] | None
    alias: AliasState | None = None
    provisioned: bool = False
    version_exists: bool = True
    timeouts: tuple[int, ...] = ()
    rolled_back: Mapping[str, Any] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    latest: Content | None = None
    stable: Content | None = None
    released: Content | None = None
    reserved: int | None = None
    runtimes: tuple[str, str] = ("", "")

    def snap_starts(self, change: Configuration | None) -> bool:
        """Return whether the version to release starts from a snapshot, after a change that the request makes."""
        if change and change.snap_start:
            return change.snap_start.apply_on == SNAPSHOTS
        return self.released is not None and self.released.settings.get("SnapStart") == SNAPSHOTS
