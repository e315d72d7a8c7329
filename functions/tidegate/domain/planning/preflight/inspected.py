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
    released, empty where Lambda shows none; `code` is where the code of what is released lies. `environments` are the
    numbers of provisioned environments by alias and version; `carries` is whether the stack lets those of the old
    version go with a release.
    """

    configuration: Mapping[str, Any] | None
    alias: AliasState | None = None
    version_exists: bool = True
    timeouts: tuple[int, ...] = ()
    rolled_back: Mapping[str, Any] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    latest: Content | None = None
    stable: Content | None = None
    released: Content | None = None
    reserved: int | None = None
    runtimes: tuple[str, str] = ("", "")
    environments: Mapping[str, int] = field(default_factory=dict)
    carries: bool = False
    code: Mapping[str, Any] = field(default_factory=dict)

    def snap_starts(self, change: Configuration | None) -> bool:
        """Return whether the version to release starts from a snapshot, after a change that the request makes."""
        if change and change.snap_start:
            return change.snap_start.apply_on == SNAPSHOTS
        return self.released is not None and self.released.settings.get("SnapStart") == SNAPSHOTS

    @property
    def managed(self) -> bool:
        """Return whether the function runs on Lambda Managed Instances."""
        return bool((self.configuration or {}).get("CapacityProviderConfig"))

    def only_stable_has(self, version: str | None) -> int:
        """Return how many provisioned environments the old version has, if `version` (None: a new one) has none."""
        stays = self.alias is None or version == self.alias.version or version in self.environments
        return 0 if stays else self.environments.get(str(self.alias and self.alias.version), 0)

    def carried(self, version: str | None, change: Configuration | None) -> int:
        """Return how many provisioned environments of the old version go with the release of `version`, or of $LATEST.

        With SnapStart, a version can have none.
        """
        return self.only_stable_has(version) if self.carries and not self.snap_starts(change) else 0
