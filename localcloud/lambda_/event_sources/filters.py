"""Which records a mapping's filter criteria let through (Lambda guide, "Control which events Lambda sends").

The body of a message and the data of a Kinesis record are matched as JSON where they are JSON.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from moto.events.models import EventPattern


def passes(criteria: Mapping[str, Any] | None, record: Mapping[str, Any]) -> bool:
    patterns = [one["Pattern"] for one in (criteria or {}).get("Filters") or [] if "Pattern" in one]
    if not patterns:
        return True
    shown: Any = _shown(record)
    return any(EventPattern(pattern, json.loads(pattern)).matches_event(shown) for pattern in patterns)


def _shown(record: Mapping[str, Any]) -> dict[str, Any]:
    if "body" in record:
        return {**record, "body": _content(record["body"])}
    if "kinesis" in record:
        kinesis = record["kinesis"]
        return {**record, "data": _content(base64.b64decode(kinesis["data"])), "partitionKey": kinesis["partitionKey"]}
    return dict(record)


def _content(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text if isinstance(text, str) else text.decode(errors="replace")
