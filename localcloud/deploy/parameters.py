"""The values of a template's parameters, held against what the template allows."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.deploy.errors import TemplateError


def check(declared: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """Raise TemplateError for values that are unknown, missing or outside their constraints."""
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise TemplateError(f"the template has no parameter {', '.join(unknown)}; it has {', '.join(declared)}")
    missing = [name for name, details in declared.items() if "Default" not in details and name not in given]
    if missing:
        raise TemplateError(f"the template needs a value for {', '.join(missing)}")
    for name, value in given.items():
        wrong = next(_violations(declared[name], value), None)
        if wrong:
            explained = declared[name].get("ConstraintDescription")
            raise TemplateError(f"parameter {name}: {value!r} {wrong}" + (f" ({explained})" if explained else ""))


def _violations(details: Mapping[str, Any], value: str) -> Iterator[str]:
    kind = str(details.get("Type"))
    items = value.split(",") if kind.startswith(("CommaDelimitedList", "List<")) else [value]
    allowed = [_text(each) for each in details.get("AllowedValues", [])]
    if allowed and not set(items) <= set(allowed):
        yield f"must be one of {', '.join(allowed)}"
    pattern = details.get("AllowedPattern")
    if pattern and not all(re.fullmatch(pattern, item) for item in items):
        yield f"does not match {pattern}"
    if kind == "Number":
        yield from _outside(details, "Value", _number(value), "is")
    elif kind == "String":
        yield from _outside(details, "Length", len(value), "has a length")


def _outside(details: Mapping[str, Any], of: str, size: float | None, says: str) -> Iterator[str]:
    if size is None:
        yield "is not a number"
    elif size < float(details.get(f"Min{of}", -math.inf)):
        yield f"{says} below {details[f'Min{of}']}"
    elif size > float(details.get(f"Max{of}", math.inf)):
        yield f"{says} above {details[f'Max{of}']}"


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _text(value: object) -> str:
    """Write a value of YAML as it is given to CloudFormation."""
    return str(value).lower() if isinstance(value, bool) else str(value)
