"""The history of an alias: which version is live, and which versions were rolled back."""

from collections.abc import Collection, Mapping
from typing import Any

from tidegate.aws.ledger import optional, reading, table
from tidegate.aws.ledger.records import LONGEST, Release
from tidegate.domain.foreign_text import shortened
from tidegate.domain.ledger_items import (
    LIVE,
    PROBED,
    ROLLED_BACK,
    alias_partition,
    contract_key,
    probed_key,
    rolled_back_key,
)
from tidegate.domain.plan import TargetPlan


def record_live(target: str, version: str, release: str, now: int, *, previous: str | None) -> None:
    """Record the version of the alias after a release, and the version that it replaced."""
    item = {"version": version, "previous": previous, "release": release, "at": now}
    table.put({"pk": alias_partition(target), "sk": LIVE, **item})


def live_version(target: str) -> str | None:
    """Return the version of the alias after our last finished release; None before the first."""
    item = table.get(alias_partition(target), LIVE)
    return item.get("version") if item else None


def left_behind(target: str) -> set[str]:
    """Return the version of the alias after our last finished release, and the version that it replaced.

    Raises
    ------
    ItemUnreadable
        When that item is malformed.
    """
    item = table.get(alias_partition(target), LIVE) or {}
    with reading.of_item(alias_partition(target), LIVE):
        return {reading.typed(item, name, str) for name in ("version", "previous") if item.get(name)}


def prepare_contracts(release: str, schemas: Mapping[str, str], now: int, expires: int) -> None:
    """Write the schema of the messages of the version that a release prepares, by the name of its locked target."""
    for target, text in schemas.items():
        _write_contract(target, contract_key(), {"release": release, "at": now, "ttl": expires, "schema_text": text})


def record_contract(target: TargetPlan, release: str, now: int) -> None:
    """Record the prepared schema with the version that was released."""
    with optional.logged(f"the contract of {target.name}"):
        found = table.get(alias_partition(target.name), contract_key()) or {}
        if found.get("release") == release and found.get("schema_text"):
            kept = {"release": release, "at": now, "schema_text": found["schema_text"]}
            _write_contract(target.name, contract_key(str(target.canary)), kept)


def _write_contract(target: str, key: str, item: reading.Item) -> None:
    # Not by `optional.put`, which would cut it: it is smaller than an item may be.
    with optional.logged(f"the contract of {target}"):
        table.put({"pk": alias_partition(target), "sk": key, **item})


def contract_of(target: str, version: str) -> str:
    """Return the schema of a version's messages, as JSON; empty if none is recorded."""
    return str((table.get(alias_partition(target), contract_key(version)) or {}).get("schema_text", ""))


def record_failed(release: Release, failed: Collection[str], now: int, why: str, *, insist: bool = True) -> None:
    """Record the versions of failed targets, so that they are not released again by mistake.

    See `optional.put`.
    """
    for target in release.plan.targets:
        if target.name in failed and target.canary:
            optional.put(
                {
                    "pk": alias_partition(target.name),
                    "sk": rolled_back_key(target.canary),
                    "version": target.canary,
                    "release": release.name,
                    "at": now,
                    "why": shortened(why, LONGEST),
                },
                insist=insist,
            )


def record_probe(target: str, version: str, *, expires: int, details: dict[str, Any]) -> None:
    """Record the probe of a version: `init_seconds` (None: it was warm) and `log_group`."""
    table.put({"pk": alias_partition(target), "sk": probed_key(version), "version": version, "ttl": expires, **details})


def probed(target: str, version: str) -> dict[str, Any]:
    """Return the last probe of a version; empty if there is none."""
    return table.get(alias_partition(target), probed_key(version)) or {}


def starts(target: str) -> dict[str, float]:
    """Return the seconds of init by version, from the last probe of each."""
    found = table.query(alias_partition(target), PROBED)
    timed = [item for item in found if item.get("init_seconds") is not None]
    return dict(reading.each(timed, lambda item: (item["version"], float(item["init_seconds"]))))


def rolled_back(target: str, version: str) -> dict[str, Any] | None:
    """Return the record of the release that rolled this version back, if any: release, at, why."""
    item = table.get(alias_partition(target), rolled_back_key(version))
    return _rolled_back(item) if item else None


def last_rolled_back(target: str) -> dict[str, Any] | None:
    """Return the newest version that was rolled back on this alias."""
    items = reading.each(table.query(alias_partition(target), ROLLED_BACK), _numbered)
    return max(items, key=lambda item: int(item["version"]), default=None)


def _numbered(item: reading.Item) -> dict[str, Any]:
    found = _rolled_back(item)
    int(found["version"])
    return found


def _rolled_back(item: reading.Item) -> dict[str, Any]:
    """Read such an item; for a malformed one the sort key counts, which says that the version was rolled back."""
    at = item.get("at")
    return {
        **item,
        "version": str(item["sk"]).removeprefix(ROLLED_BACK),
        "release": str(item.get("release", "(unknown)")),
        "at": at if isinstance(at, int) else 0,
        "why": str(item.get("why", "the ledger does not say why")),
    }
