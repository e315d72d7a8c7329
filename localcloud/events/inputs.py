"""What of an event a target is given: all of it, a part, a constant, or a template filled in."""

import json
import re
from collections.abc import Mapping
from typing import Any

from localcloud.clock import current
from localcloud.stepfunctions.waiting import iso

PATH_PART = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\['([^']+)'\]")
VARIABLE = re.compile(r"<([^<>\s]+)>")
MISSING = object()


def target_input(target: Mapping[str, Any], event: Mapping[str, Any], rule: Any) -> str:
    """Give the text that is delivered; strings are quoted by the place they stand in.

    EventBridge guide, "Amazon EventBridge input transformation".
    """
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        part = at_path(event, target["InputPath"])
        return "" if part is MISSING else json.dumps(part)
    if "InputTransformer" in target:
        return _transformed(target["InputTransformer"], event, rule)
    return json.dumps(event)


def at_path(value: Any, path: str) -> Any:
    """Give what is at a JSON path of names and indices; MISSING where there is nothing."""
    for name, index, quoted in PATH_PART.findall(path.removeprefix("$")):
        try:
            value = value[int(index)] if index else value[name or quoted]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return value


def _transformed(transformer: Mapping[str, Any], event: Mapping[str, Any], rule: Any) -> str:
    values = {name: at_path(event, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule.arn,
        "aws.events.rule-name": rule.name,
        "aws.events.event.ingestion-time": iso(current().now()),
        "aws.events.event": {name: part for name, part in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }
    template = str(transformer["InputTemplate"])

    def filled(match: re.Match[str]) -> str:
        value = values.get(match[1], MISSING)
        if value is MISSING:
            return "" if match[1] in values else match[0]
        inside_a_string = template.count('"', 0, match.start()) % 2 == 1
        return value if inside_a_string and isinstance(value, str) else json.dumps(value)

    return VARIABLE.sub(filled, template)
