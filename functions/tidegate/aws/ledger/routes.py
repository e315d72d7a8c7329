"""The documents that say which users meet a canary: one for each alias whose users are routed. Callers read them, too.

What a document says, `tidegate_route.Document` defines. `revision` grows with each write; a document that a pipeline
wrote by itself has none.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.failures import code_of
from tidegate.aws.ledger import locks, optional, table
from tidegate.aws.ledger.lock import SHIFTING, Lock
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.domain.errors import AwsBusy
from tidegate.domain.ledger_items import LOCKS, route_partition
from tidegate.domain.plan import TargetPlan
from tidegate.domain.routing import FORGOTTEN, Routing, canary_alias, routed_alias
from tidegate.domain.truncation import first_names


def read(function: str, alias: str) -> table.Item | None:
    return table.get(route_partition(function), alias)


def closed(targets: Sequence[TargetPlan]) -> list[TargetPlan]:
    """Return the targets whose users were routed before, and are not now."""
    found = {(item["pk"], item["sk"]): item for item in table.get_all([_key(each) for each in targets])}
    return [each for each in targets if is_closed(found.get(_key(each)), canary_alias(each.alias))]


def _key(target: TargetPlan) -> tuple[str, str]:
    return route_partition(target.function), target.alias


def is_closed(document: table.Item | None, carrier: str) -> bool:
    """Return whether a release closed a document that names this alias for the canary, and nobody changed it since.

    One that sends nobody there may still be somebody's: of a pipeline before its first share, say.
    """
    closed = document is not None and document.get("canary") == carrier and bool(document.get("closed"))
    return closed and not sends(document or {})


def sends(document: Mapping[str, Any]) -> bool:
    """Return whether a document sends anybody to the canary: a share of the users, or some by name."""
    return document.get("percent") != 0 or bool(document.get("always"))


def quiet_at(targets: Sequence[TargetPlan], release: str) -> int:
    """Return from when on no caller sends users by a document of before the release, in seconds since 1970."""
    found = table.get_all([_key(each) for each in targets])
    return max((int(item.get("quiet_at", 0)) for item in found if item.get("release") == release), default=0)


def write(
    function: str, alias: str, document: Mapping[str, Any], *, over: Mapping[str, Any] | None, unlocked: bool
) -> table.Item:
    """Write a document over the one that was read, and return it; `over` is None if there was none.

    With `unlocked`, only if no release has locked the alias.

    Raises
    ------
    ConditionUnmet
        When somebody wrote the document, or locked the alias, in the meantime; nothing was written.
    """
    revision = (over or {}).get("revision")
    item = {**document, "pk": route_partition(function), "sk": alias, "revision": (revision or 0) + 1}
    condition, bound = "attribute_not_exists(#pk)", dict[str, Any]()
    if revision is not None:
        condition, bound = "#revision = :seen", {"seen": revision}
    elif over is not None:
        condition = "attribute_exists(#pk) AND attribute_not_exists(#revision)"
    if not unlocked:
        return table.put(item, condition=condition, **bound)
    free = table.check_request(LOCKS, f"{function}:{alias}", condition="attribute_not_exists(#pk)")
    try:
        table.transact_put([table.put_request(item, condition=condition, **bound)], [free])
    except ClientError as error:
        if code_of(error) != "TransactionCanceledException":
            raise
        raise ConditionUnmet from error
    return item


def widen(targets: Sequence[TargetPlan], routing: Routing, percent: float, release: str, now: int) -> None:
    """Write which share of the users goes to the canaries of these targets, at the same time for all of them.

    The first write of a release, of 0 %, ends what earlier documents said; it tells when callers have forgotten them.

    DynamoDB writes nothing unless this release may still shift them: a late step changes no document of a newer one.
    Users whom somebody named since the release began stay named.

    Raises
    ------
    LockLost
        When the release was finished, rolled back or recovered in the meantime.
    AwsBusy
        When somebody else changed one of the items at the same moment.
    """
    known = {(item["pk"], item["sk"]): item for item in table.get_all([_key(each) for each in targets])}
    writes = [
        _over(known.get(_key(each), {}), {**_keyed(each), **routing.sent(each.alias, percent, release, now)})
        for each in targets
    ]
    names = [f"{each.function}:{canary_alias(each.alias)}" for each in targets]
    held = "#release = :release AND #generation = :first AND #phase = :shifting"
    bound: Any = {"release": release, "first": 1, "shifting": SHIFTING}
    checks = [table.check_request(locks.PARTITION, name, condition=held, **bound) for name in names]
    try:
        table.transact_put(writes, checks)
    except ClientError as error:
        if code_of(error) != "TransactionCanceledException":
            raise
        locks.require(names, release)
        raise AwsBusy(f"The users of {first_names(names)} could not be routed just now: {error}") from None


def _keyed(target: TargetPlan) -> table.Item:
    return dict(zip(("pk", "sk"), _key(target), strict=True))


def _over(known: Mapping[str, Any], sent: table.Item) -> Any:
    """Return the write of a document over the one that is `known`, whose lists people may have changed."""
    if known.get("release") == sent["release"] and "closed" not in known:
        sent = {**sent, **{name: known[name] for name in ("always", "never", "quiet_at") if name in known}}
    elif known:
        since = known.get("updated")
        left = sent["updated"] if sends(known) or not isinstance(since, int) else since
        sent = {**sent, "quiet_at": left + FORGOTTEN}
    revision = known.get("revision")
    item = {**sent, "revision": (revision or 0) + 1}
    if revision is None:
        return table.put_request(item, condition="attribute_not_exists(#revision)")
    return table.put_request(item, condition="#revision = :seen", seen=revision)


def close(function: str, alias: str, release: str, *, begun: bool = True) -> None:
    """Send nobody to the canary any more; a document of another release, or none, stays as it is.

    One that has `begun` has perhaps sent a share of the users there already; without it, such a document stays, too.
    """
    changes = {"percent": 0, "always": [], "updated": int(time.time()), "closed": True}
    with suppress(ConditionUnmet):
        table.update(
            route_partition(function),
            alias,
            changes,
            count="revision",
            condition="#release = :release" if begun else "#release = :release AND #percent = :none",
            release=release,
            **({} if begun else {"none": 0}),
        )


def close_behind(lock: Lock) -> None:
    """Close the document if the lock's alias carries a canary; it is on stable by then, so nothing depends on it."""
    if alias := routed_alias(lock.alias):
        with optional.logged(f"the document of {lock.function}:{alias}"):
            close(lock.function, alias, lock.release)
