"""How decisions travel: W3C baggage in headers, client contexts and message attributes; a field in content.

`baggage: tidegate=PSEUDONYM;orders=canary;orders.chance=10.0@1a2b3c4d;billing=stable`, and in content `{"tidegate":
{"*": PSEUDONYM, "orders": "canary", …}}`, where filters can see it. `.chance` marks a decision by position: only those
count as evidence. An override names functions only, `tidegate-override: orders=canary`, and travels on as `.override`.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, NamedTuple

from tidegate_route.document import CANARY, STABLE, plain

HEADER, OVERRIDE, FIELD, USER, PIN, CHANCE = "baggage", "tidegate-override", "tidegate", "*", ".override", ".chance"
_MARK = re.compile(r"(\d\d?(\.\d+)?|100(\.0)?)@[0-9a-f]{8}")
_LONGEST = 8192
"""Bytes of a baggage header that everybody passes on (W3C Baggage, 3.3.2 Limits)."""


class Incoming(NamedTuple):
    """What a caller handed on: the user's pseudonym, by function decisions and overrides, and what was not honoured.

    `chances` has a mark, PERCENT@DIGEST_OF_SALT, for each decision that was by position.
    """

    key: str | None
    channels: dict[str, str]
    overrides: dict[str, str]
    chances: dict[str, str]
    ignored: list[str]


def nothing(*ignored: str) -> Incoming:
    return Incoming(None, {}, {}, {}, [*ignored])


def incoming(event: Any, context: Any = None, *, trust_header: bool = False, trust_payload: bool = False) -> Incoming:
    """Read what a call, or one record of a batch, hands on.

    Only an authenticated caller can set a client context or message attributes: those are adopted. A header is
    anybody's, and is adopted with `trust_header`; content (an event's detail, a body, a stream's data, an input) may
    repeat what a client sent, and is adopted with `trust_payload`.
    """
    try:
        custom = getattr(getattr(context, "client_context", None), "custom", None)
        return _texts(custom) or _incoming(_fields(event), trust_header, trust_payload)
    except Exception as error:
        return nothing(f"not understood: {type(error).__name__}")


def _incoming(event: Mapping[str, Any], trust_header: bool, trust_payload: bool) -> Incoming:
    records = event.get("Records")
    record = event if not isinstance(records, list) else _fields(records[0]) if len(records) == 1 else {}
    headers = _texts({str(name).lower(): value for name, value in _fields(event.get("headers")).items()})
    found = _texts(_attributes(record)) or (headers if trust_header else None)
    found = found or _checked(_fields(_carried(record)) if trust_payload else {})
    if headers and not trust_header:
        found.ignored.append("the header: it is not trusted here")
    if not trust_payload and FIELD in (_fields(event.get("detail")) or event):
        found.ignored.append(f"the field {FIELD}: content is not trusted here")
    return found


def _fields(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(texts: Any) -> Incoming | None:
    """Read baggage and override; None if there is neither."""
    baggage, override = (str(_fields(texts).get(name) or "")[:_LONGEST] for name in (HEADER, OVERRIDE))
    members = [member.partition("=") for member in baggage.split(",")]
    own = [f"{USER}={user_and_fields}" for name, _, user_and_fields in members if name.strip() == FIELD][:1]
    pins = {f"{name}{PIN}": channel for name, channel in _pairs(override.split(",")).items()}
    return _checked({**_pairs(";".join(own).split(";")), **pins}) if own or pins else None


def _pairs(texts: list[str]) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _, value in (text.partition("=") for text in texts if text.strip())}


def _checked(fields: Mapping[str, Any]) -> Incoming:
    user = str(fields.get(USER))
    found = nothing()._replace(key=user if re.fullmatch("[0-9a-f]{16}", user) else None)
    for name, value in fields.items():
        function, dot, kind = name.partition(".")
        if dot + kind == CHANCE and found.key and _MARK.fullmatch(str(value)):
            found.chances[function] = value
        elif dot + kind in ("", PIN) and value in (CANARY, STABLE):
            (found.overrides if dot else found.channels)[function] = value
        elif name != USER:
            found.ignored.append(f"{name!a:.80}={value!a:.80}: a pin names {CANARY} or {STABLE}, never a version")
    return found


def _attributes(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message attributes of a record of SNS or SQS."""
    found = _fields(record.get("Sns")).get("MessageAttributes") or record.get("messageAttributes")
    values = [(name, _fields(value)) for name, value in _fields(found).items()]
    return {name: value.get("Value", value.get("stringValue")) for name, value in values}


def _carried(record: Mapping[str, Any]) -> Any:
    """Return the field in the content of a record, an event or an input."""
    if "dynamodb" in record:
        carried = record["dynamodb"].get("NewImage", {}).get(FIELD, {}).get("M", {})
        return {name: plain(value) for name, value in carried.items()}
    if "kinesis" in record:
        record = json.loads(b64decode(record["kinesis"]["data"]))
    elif "body" in record and "headers" not in record:
        record = json.loads(record["body"])
    return (_fields(record.get("detail")) or record).get(FIELD)


def joined(present: str, fields: Mapping[str, str]) -> str:
    """Return a baggage header with our member in place of an older one; the others stay, unless it is too long."""
    others = [each for each in present.split(",") if each.strip() and each.partition("=")[0].strip() != FIELD]
    named = [f"{name}={value}" for name, value in fields.items() if name != USER]
    whole = ",".join([";".join([f"{FIELD}={fields.get(USER, '')}", *named]), *others])
    return whole if len(whole.encode()) <= _LONGEST else present
