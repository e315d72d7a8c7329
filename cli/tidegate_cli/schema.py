"""JSON Schemas from the models: `python -m tidegate_cli.schema request > docs/request.schema.json`."""

import json
import sys
from typing import Any

from pydantic import TypeAdapter

from tidegate.domain.events.milestone import KINDS, Known
from tidegate.domain.request.models import Request
from tidegate.domain.request.parse import NOTES


def request_schema() -> dict[str, Any]:
    """Return the schema of both forms: with `targets`, and with one target's fields at the top."""
    schema = Request.model_json_schema(by_alias=True, mode="validation")
    definitions: dict[str, Any] = schema.pop("$defs")
    shared: dict[str, Any] = schema.pop("properties")
    of_target: dict[str, Any] = definitions["TargetRequest"]["properties"]
    listed = {"required": ["targets"], "properties": dict.fromkeys(of_target, False)}
    short = {"required": ["function"], "properties": {"targets": False}}
    return _tidied(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A release request of Tidegate",
            "description": 'The smallest request is {"function": "checkout"}. The fields of a single target may be at '
            "the top level.",
            "type": "object",
            "additionalProperties": False,
            "oneOf": [listed, short],
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


SCHEMAS = {"request": request_schema, "milestones": milestones_schema}


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
