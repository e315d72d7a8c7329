"""Requests that are malformed, refused before a call sees them: by the API's own model, as AWS does.

What is in the path and in the query has to satisfy the model's patterns, lengths and ranges, or it is a
ValidationException; a body that is no JSON is InvalidRequestContentException, and one whose members are of other types
SerializationException (Lambda API reference, "Invoke" and "Common errors").
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from moto.core.utils import get_service_model

from localcloud.lambda_ import errors

TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "blob": (str,),
    "timestamp": (int, float, str),
}
JSON_VALUES = ((bool, "BOOLEAN"), (str, "STRING"), ((int, float), "NUMBER"), (list, "LIST"), (dict, "STRUCTURE"))


@dataclass(frozen=True)
class Request:
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: str | bytes


def check(action: str, request: Request) -> None:
    """Raise LambdaError for the first thing that is wrong."""
    operation = get_service_model("lambda").operation_model(action)
    shape = operation.input_shape
    if not isinstance(shape, StructureShape):
        return
    for name, value in _written(operation, request):
        _check_text(shape.members[name], name, value)
    if "payload" not in shape.serialization:
        _check_body(shape, request.body)


def _written(operation: OperationModel, request: Request) -> Iterator[tuple[str, str]]:
    """Give the members that are in path, query and headers, as they are written; an empty one is none."""
    shape: Any = operation.input_shape
    found = _pattern(operation.http["requestUri"]).fullmatch(request.path)
    for name, member in shape.members.items():
        place, label = member.serialization.get("location"), member.serialization.get("name", name)
        value: str | None = None
        if place == "uri" and found:
            value = unquote(found[label])
        elif place == "querystring":
            value = next(iter(request.query.get(label, ())), None)
        elif place == "header":
            value = request.headers.get(label)
        if value:
            yield name, value


@cache
def _pattern(uri: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\+?\}", uri.partition("?")[0].rstrip("/"))
    names = [f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)]
    return re.compile("".join(names) + "/?")


def _check_text(shape: Shape, name: str, value: str) -> None:
    rules, member = shape.metadata, name[0].lower() + name[1:]
    if shape.type_name in {"integer", "long"}:
        _check_number(rules, member, value)
        return
    if shape.type_name != "string":
        return
    pattern = rules.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        raise errors.violates(value, member, f"Member must satisfy regular expression pattern: {pattern}")
    if len(value) > rules.get("max", len(value)):
        raise errors.violates(value, member, f"Member must have length less than or equal to {rules['max']}")
    if "enum" in rules and value not in rules["enum"]:
        raise errors.violates(value, member, f"Member must satisfy enum value set: [{', '.join(rules['enum'])}]")


def _check_number(rules: Mapping[str, Any], member: str, value: str) -> None:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise _unserialisable(f"'{value}' can not be converted to an Integer")
    if int(value) < rules.get("min", int(value)):
        raise errors.violates(value, member, f"Member must have value greater than or equal to {rules['min']}")
    if int(value) > rules.get("max", int(value)):
        raise errors.violates(value, member, f"Member must have value less than or equal to {rules['max']}")


def _check_body(shape: StructureShape, body: str | bytes) -> None:
    members = {name: member for name, member in shape.members.items() if "location" not in member.serialization}
    if not members:
        return
    content = parsed(body or b"{}")
    if not isinstance(content, dict):
        raise _unserialisable("Unexpected content: the body is no JSON object")
    for name, member in members.items():
        _check_type(member, content.get(name))
        if name in shape.required_members and content.get(name) is None:
            raise errors.violates_null(name[0].lower() + name[1:])


def _check_type(shape: Shape, value: Any) -> None:
    if value is None:
        return
    inside: Any = value
    if not isinstance(value, TYPES.get(shape.type_name, (object,))):
        kind = next((name for types, name in JSON_VALUES if isinstance(value, types)), "NULL")
        raise _unserialisable(f"{kind}_VALUE can not be converted to {shape.type_name.capitalize()}")
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            _check_type(member, inside.get(name))
    elif isinstance(shape, ListShape | MapShape):
        for each in inside if isinstance(shape, ListShape) else inside.values():
            _check_type(shape.member if isinstance(shape, ListShape) else shape.value, each)


def parsed(body: str | bytes) -> Any:
    """Read a body as JSON. Raises InvalidRequestContentException."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        message = f"Could not parse request body into json: Could not parse payload into json: {error}"
        raise errors.LambdaError("InvalidRequestContentException", 400, message) from error


def _unserialisable(message: str) -> errors.LambdaError:
    return errors.LambdaError("SerializationException", 400, message)
