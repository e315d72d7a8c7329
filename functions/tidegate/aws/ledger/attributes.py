"""Attributes of items as DynamoDB has them, from plain values and back."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

SMALLEST = Decimal("1E-100")


def encode(values: Mapping[str, Any]) -> dict[str, Any]:
    # DynamoDB takes no floats; through text they become exact decimals. Half a surrogate pair, in which a text may end
    # that was cut off, is no UTF-8, and NaN is no number of DynamoDB's: they become "?" and null.
    text = json.dumps(values, ensure_ascii=False).encode("utf-8", "replace").decode()
    plain = json.loads(text, parse_float=_decimal, parse_constant=lambda _: None)
    return {name: TypeSerializer().serialize(value) for name, value in plain.items()}


def _decimal(text: str) -> Decimal:
    """Read a number; DynamoDB has none below 1E-130, and refuses them."""
    number = Decimal(text)
    return number if abs(number) >= SMALLEST else Decimal(0)


def decode(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(TypeDeserializer().deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value
