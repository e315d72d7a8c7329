"""A batch on its way to a function, and which of its records failed.

Lambda guide, "Implementing partial batch responses": what counts as a complete success and as a complete failure.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError, ServiceException

from localcloud.lambda_.event_sources.records import Record, identifier

if TYPE_CHECKING:
    from localcloud.lambda_.event_sources.mapping import EventSource

Invoke = Callable[[bytes], tuple[bytes, dict[str, str]]]
"""Invokes the function with an event: gives its answer, and the headers of the response."""


@dataclass(frozen=True)
class Delivery:
    """What became of a batch. `failed` has the identifiers of the records that are to come again."""

    failed: frozenset[str]
    headers: dict[str, str]
    throttled: bool = False

    @property
    def succeeded(self) -> bool:
        return not self.failed


def deliver(mapping: "EventSource", invoke: Invoke, records: Sequence[Record]) -> Delivery:
    every = frozenset(map(identifier, records))
    try:
        answer, headers = invoke(json.dumps({"Records": list(records)}).encode())
    except (JsonRESTError, ServiceException) as error:
        mapping.result = f"PROBLEM: {error.message}"
        return Delivery(every, {}, throttled=error.code == 429)
    failed = every if "X-Amz-Function-Error" in headers else _reported(mapping, answer, every)
    mapping.result = "PROBLEM: Function call failed" if "X-Amz-Function-Error" in headers else "OK"
    return Delivery(failed, headers)


def _reported(mapping: "EventSource", answer: bytes, every: frozenset[str]) -> frozenset[str]:
    if "ReportBatchItemFailures" not in (mapping.function_response_types or ()):
        return frozenset()
    try:
        content: Any = json.loads(answer)
        items = (content or {}).get("batchItemFailures") or []
        named = frozenset(item["itemIdentifier"] for item in items)
    except (ValueError, AttributeError, KeyError, TypeError):
        return every
    return named if named <= every else every
