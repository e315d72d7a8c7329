"""Deleting old versions that nothing uses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.clients import lambda_client
from tidegate.aws.failures import code_of
from tidegate.aws.ledger import history, locks, records
from tidegate.domain.errors import ItemUnreadable, ReleaseUnknown
from tidegate.domain.schedule import DAY


@dataclass(frozen=True)
class OldVersion:
    """A published version, and when it was last modified (seconds since 1970)."""

    number: int
    modified: int

    @classmethod
    def of(cls, listed: Any) -> "OldVersion":
        return cls(int(listed["Version"]), int(datetime.fromisoformat(listed["LastModified"]).timestamp()))


def superfluous(versions: Sequence[OldVersion], *, keep: int, in_use: Collection[str], now: int) -> list[str]:
    """Return the versions to delete, oldest first.

    Never the newest `keep`, a version `in_use`, or a version younger than a day, which its publisher may be about to
    use.
    """
    if keep < 1:
        raise ValueError(f"at least one version must be kept, not {keep}")
    by_age = sorted(versions, key=lambda version: version.number)
    return [
        str(version.number)
        for version in by_age[:-keep]
        if str(version.number) not in in_use and now - version.modified >= DAY
    ]


LATEST = "$LATEST"


def versions(function: str) -> list[OldVersion]:
    """Return every published version."""
    found = _listed("list_versions_by_function", "Versions", function)
    return [OldVersion.of(each) for each in found if each["Version"] != LATEST]


def in_use(function: str) -> set[str]:
    """Return the versions that something may invoke or restore.

    These are: versions of any alias, including weights; versions that a running release has locked, released or may
    restore; the version that the last release on each alias replaced; and versions with provisioned concurrency.

    Raises
    ------
    ItemUnreadable
        When an item of the ledger that names such versions is malformed.
    """
    used: set[str] = set()
    for alias in _listed("list_aliases", "Aliases", function):
        weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        used |= {alias["FunctionVersion"], *weights}
        used |= history.left_behind(f"{function}:{alias['Name']}")
    for config in _listed("list_provisioned_concurrency_configs", "ProvisionedConcurrencyConfigs", function):
        used.add(config["FunctionArn"].rpartition(":")[2])
    return used | _of_running_releases(function)


def _of_running_releases(function: str) -> set[str]:
    used: set[str] = set()
    found = locks.find_all()
    for target in found.unreadable:
        if target.rpartition(":")[0] == function:
            raise ItemUnreadable(
                f"The lock on {target} cannot be read: the versions that its release needs are unknown."
            )
    for lock in found.locks:
        if lock.function == function:
            used |= {lock.snapshot.version, *lock.snapshot.weights} if lock.snapshot else set()
            used |= _canaries(lock.release, function)
    return used


def _canaries(release: str, function: str) -> set[str]:
    try:
        targets = records.read(release).plan.targets
    except ReleaseUnknown:  # it was unlocked and forgotten meanwhile
        return set()
    return {target.canary for target in targets if target.function == function and target.canary}


def delete(function: str, version: str) -> bool:
    """Delete a version; a missing version counts as deleted. False if an alias now uses it.

    Without its number the same call would delete the whole function; the permission also covers only versions.
    """
    if not version.isdecimal():
        raise ValueError(f"{version!r} is not a version number of {function}")
    try:
        lambda_client().delete_function(FunctionName=function, Qualifier=version)
    except ClientError as error:
        if code_of(error) not in {"ResourceConflictException", "ResourceNotFoundException"}:
            raise
        return code_of(error) == "ResourceNotFoundException"
    return True


def _listed(call: str, member: str, function: str) -> list[Any]:
    client: Any = lambda_client()
    pages = client.get_paginator(call).paginate(FunctionName=function)
    return [one for page in pages for one in page[member]]
