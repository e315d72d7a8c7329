"""JSON Schemas from the models: `python -m tidegate_cli.schema request > docs/request.schema.json`."""

import json
import re
import sys
from typing import Any

from pydantic import TypeAdapter

from tidegate.domain.events.milestone import KINDS, Known
from tidegate.domain.request.models import Request
from tidegate.domain.request.parse import NOTES
from tidegate.domain.request.selection import BY, NAMED
from tidegate_cli.project import ONE_TIME, PATTERN


def request_schema() -> dict[str, Any]:
    """Return the schema of both forms: with `targets`, and with one target's fields at the top."""
    schema = Request.model_json_schema(by_alias=True, mode="validation")
    definitions: dict[str, Any] = schema.pop("$defs")
    shared: dict[str, Any] = schema.pop("properties")
    of_target: dict[str, Any] = definitions["TargetRequest"]["properties"]
    listed = {"required": ["targets"], "properties": dict.fromkeys([*of_target, *BY, "wave_tag"], False)}
    short = {"required": ["function"], "properties": dict.fromkeys(["targets", *BY, "wave_tag"], False)}
    by_tag, by_stack = ({"required": [by], "properties": dict.fromkeys([*NAMED, *BY], False) | {by: True}} for by in BY)
    return _tidied(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A release request of Tidegate",
            "description": 'The smallest request is {"function": "checkout"}. The fields of a single target may be at '
            "the top level.",
            "type": "object",
            "additionalProperties": False,
            "oneOf": [listed, short, by_tag, by_stack],
            "properties": {**shared, **of_target, **{name: {"description": "Ignored."} for name in NOTES}},
            "$defs": definitions,
        }
    )


def milestones_schema() -> dict[str, Any]:
    """Return the schema of the milestones of a release."""
    schema = TypeAdapter(Known).json_schema(mode="serialization")
    kinds = list(KINDS)
    return _tidied(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A milestone of a release",
            "description": "Types and fields may be added: ignore unknown ones.",
            "type": "object",
            "required": ["type", "at", "release", "summary"],
            # Not anyOf: a type that is not here is no mistake.
            "allOf": [
                {"if": {"properties": {"type": {"const": kind}}}, "then": {"$ref": f"#/$defs/{KINDS[kind].__name__}"}}
                for kind in kinds
            ],
            "properties": {},
            "$defs": schema["$defs"],
        }
    )


def project_schema() -> dict[str, Any]:
    """Return the schema of the project file; its settings are the fields of a request, except one-time ones."""
    request = request_schema()
    place = {
        "stack": {"type": "string", "minLength": 1, "description": "Tidegate's stack.", "examples": ["tidegate"]},
        "region": {"type": "string", "minLength": 1, "description": "Its Region.", "examples": ["eu-west-1"]},
    }
    fields = {name: each for name, each in request["properties"].items() if name not in {*ONE_TIME, *NOTES, *BY}}
    settings = {"$ref": "#/$defs/Settings"}
    return {
        "$schema": request["$schema"],
        "title": "The project file of Tidegate, tidegate.yaml",
        "description": "Later settings win: defaults, patterns in their order, then the function's own name. Options "
        "and requests have priority over this file.",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            **place,
            "defaults": {"oneOf": [settings, {"type": "null"}], "description": "Settings of every function."},
            "functions": {
                "type": ["object", "null"],
                "description": "Settings by function, or by pattern with * and ?.",
                "propertyNames": {"pattern": f"^{PATTERN.pattern}$"},
                "additionalProperties": {"oneOf": [settings, {"type": "null"}]},
            },
            "fleets": {
                "type": ["object", "null"],
                "description": "Functions that belong together, by the fleet's name: `tidegate release --fleet NAME`.",
                "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                "examples": [{"shop": ["shop-orders", "shop-mail"]}],
            },
        },
        "$defs": {
            "Settings": {"type": "object", "additionalProperties": False, "properties": {**place, **fields}},
            **_used(request["$defs"], fields),
        },
    }


def _used(definitions: dict[str, Any], fields: Any) -> dict[str, Any]:
    """Return the definitions that fields refer to, directly or not."""
    used: dict[str, Any] = {}
    waiting = [fields]
    while waiting:
        for name in re.findall(r'"#/\$defs/(\w+)"', json.dumps(waiting.pop())):
            if name not in used:
                used[name] = definitions[name]
                waiting.append(definitions[name])
    return {name: used[name] for name in definitions if name in used}


SCHEMAS = {"request": request_schema, "milestones": milestones_schema, "project": project_schema}


def _tidied(schema: dict[str, Any]) -> dict[str, Any]:
    """Drop titles, which only repeat names, and defaults of null, which only say that a field is optional."""
    for definition in [schema, *schema["$defs"].values()]:
        for field in definition.get("properties", {}).values():
            field.pop("title", None)
            if field.get("default", ...) is None:
                del field["default"]
    for definition in schema["$defs"].values():
        definition.pop("title", None)
    return schema


def main() -> None:
    json.dump(SCHEMAS[sys.argv[1]](), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
