"""How decisions travel: W3C baggage in headers, client contexts and message attributes; a field in content.

`baggage: tidegate=PSEUDONYM;orders=canary;billing=stable`, and in content `{"tidegate": {"*": PSEUDONYM, "orders":
"canary"}}`, where filters can see it. An override names functions only: `tidegate-override: orders=canary`.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, NamedTuple

from tidegate_route.document import CANARY, STABLE, plain

HEADER, OVERRIDE, FIELD, USER = "baggage", "tidegate-override", "tidegate", "*"
_LONGEST = 8192
"""Bytes of a baggage header that everybody passes on (W3C Baggage, 3.3.2 Limits)."""


class Incoming(NamedTuple):
    """What a caller handed on: the user's pseudonym, decisions by function, overrides, and what was not honoured."""

    key: str | None
    channels: dict[str, str]
    overrides: dict[str, str]
    ignored: list[str]


def nothing(*ignored: str) -> Incoming:
    return Incoming(None, {}, {}, [*ignored])


def incoming(event: Any, context: Any = None, *, trust_header: bool = False, trust_payload: bool = False) -> Incoming:
    """Read what a call, or one record of a batch, hands on.

    Only an authenticated caller can set a client context or message attributes: those are adopted. A header is
    anybody's, and is adopted with `trust_header`; content (an event's detail, a body, a stream's data, an input) may
    repeat what a client sent, and is adopted with `trust_payload`.
    """
    try:
        return _incoming(event, context, trust_header, trust_payload)
    except Exception as error:
        return nothing(f"not understood: {type(error).__name__}")


def _incoming(event: Any, context: Any, trust_header: bool, trust_payload: bool) -> Incoming:
    event = event if isinstance(event, Mapping) else {}
    records = event.get("Records") or [event]
    record = records[0] if len(records) == 1 else {}
    headers = _texts({str(name).lower(): value for name, value in (event.get("headers") or {}).items()})
    found = _texts(getattr(getattr(context, "client_context", None), "custom", None)) or _texts(_attributes(record))
    found = found or (headers if trust_header else None) or _checked(_carried(record) if trust_payload else {}, {})
    if headers and not trust_header:
        found.ignored.append("the header: it is not trusted here")
    if not trust_payload and FIELD in (event.get("detail") or event):
        found.ignored.append(f"the field {FIELD}: content is not trusted here")
    return found


def _texts(texts: Any) -> Incoming | None:
    """Read baggage and override; None if there is neither."""
    baggage, override = (str((texts or {}).get(name) or "")[:_LONGEST] for name in (HEADER, OVERRIDE))
    member = _member(baggage)
    return _checked(member, _pairs(override.split(","))) if member or override else None


def _member(baggage: str) -> dict[str, str]:
    for member in baggage.split(","):
        first, *rest = member.split(";")
        name, _, user = first.partition("=")
        if name.strip() == FIELD:
            return {**_pairs(rest), USER: user.strip()}
    return {}


def _pairs(texts: list[str]) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _, value in (text.partition("=") for text in texts if text.strip())}


def _checked(fields: Mapping[str, Any], pins: Mapping[str, Any]) -> Incoming:
    user = fields.get(USER)
    valid = isinstance(user, str) and len(user) == 16 and not set(user) - set("0123456789abcdef")
    found = Incoming(user if valid else None, {}, {}, [])
    for into, given in ((found.channels, fields), (found.overrides, pins)):
        for name, channel in given.items():
            if channel in (CANARY, STABLE):
                into[name] = channel
            elif name != USER:
                found.ignored.append(f"{name!a:.80}={channel!a:.80}: a pin names {CANARY} or {STABLE}, never a version")
    return found


def _attributes(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message attributes of a record of SNS or SQS."""
    found = (record.get("Sns") or {}).get("MessageAttributes") or record.get("messageAttributes") or {}
    return {name: value.get("Value", value.get("stringValue")) for name, value in found.items()}


def _carried(record: Mapping[str, Any]) -> Any:
    """Return the field in the content of a record, an event or an input."""
    if "dynamodb" in record:
        carried = record["dynamodb"].get("NewImage", {}).get(FIELD, {}).get("M", {})
        return {name: plain(value) for name, value in carried.items()}
    if "kinesis" in record:
        record = json.loads(b64decode(record["kinesis"]["data"]))
    elif "body" in record and "headers" not in record:
        record = json.loads(record["body"])
    return record.get("detail", record).get(FIELD) or {}


def joined(present: str, key: str | None, channels: Mapping[str, str]) -> str:
    """Return a baggage header with our member in place of an older one; the others stay, unless it is too long."""
    others = [each for each in present.split(",") if each.strip() and each.partition("=")[0].strip() != FIELD]
    own = ";".join([f"{FIELD}={key or ''}", *(f"{name}={channel}" for name, channel in channels.items())])
    whole = ",".join([own, *others])
    return whole if len(whole.encode()) <= _LONGEST else present
