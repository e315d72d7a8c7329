"""The documents that say which users meet a canary: one for each alias whose users are routed. Callers read them, too.

What a document says, `tidegate_route.Document` defines. `revision` counts its writes; one that a pipeline wrote by
itself has none.
"""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.failures import code_of
from tidegate.aws.ledger import table
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.domain.ledger_items import LOCKS, route_partition


def read(function: str, alias: str) -> table.Item | None:
    return table.get(route_partition(function), alias)


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
