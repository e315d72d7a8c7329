"""Resources of unsupported types: skipped, and reported once with our own message."""

import logging
from collections.abc import Callable
from typing import Any

from moto.cloudformation import parsing

log = logging.getLogger(__name__)

SAID = "The local cloud does not support resources of the type %s and skips them."

_class_of: Callable[[str], Any] = parsing.resource_class_from_type
_parse = parsing.parse_resource
_named: set[str] = set()


def install() -> None:
    """Suppress moto's logs and warnings about them."""
    _named.clear()
    parsing.resource_class_from_type = _known_class
    parsing.parse_resource = _parsed


def _known_class(resource_type: str) -> Any:
    if _is_made(resource_type):
        return _class_of(resource_type)
    if resource_type not in _named:
        _named.add(resource_type)
        log.warning(SAID, resource_type)
    return None


def _parsed(resource: dict[str, Any], resources: Any) -> Any:
    return _parse(resource, resources) if _known_class(resource["Type"]) else None


def _is_made(resource_type: str) -> bool:
    """Tell it of custom resources too, and of those that stand for nothing and need no word."""
    made = resource_type in parsing.get_model_map() or resource_type in parsing.NULL_MODELS
    return made or resource_type.startswith("Custom::")
