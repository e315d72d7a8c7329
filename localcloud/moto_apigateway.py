"""Loading moto's API Gateway, which its CloudFormation imports: its validator of OpenAPI takes a seventh of a start.

The validator is imported when there is something to validate.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

VALIDATOR = "openapi_spec_validator"


class OpenAPIValidationError(Exception):
    """What moto catches, in place of the validator's own; it tells the `message`."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def validate(document: Any) -> None:
    """Validate an OpenAPI document. Raises OpenAPIValidationError."""
    errors = import_module(f"{VALIDATOR}.validation.exceptions")
    try:
        import_module(VALIDATOR).validate(document)
    except errors.OpenAPIValidationError as error:
        raise OpenAPIValidationError(error.message) from error


def load() -> None:
    stand_ins = {name: ModuleType(name) for name in (VALIDATOR, f"{VALIDATOR}.validation")}
    stand_ins[f"{VALIDATOR}.validation.exceptions"] = exceptions = ModuleType("exceptions")
    vars(stand_ins[VALIDATOR])["validate"] = validate
    vars(exceptions)["OpenAPIValidationError"] = OpenAPIValidationError
    if VALIDATOR in sys.modules:
        return
    sys.modules.update(stand_ins)
    try:
        import_module("moto.apigateway.models")
    finally:
        for name in stand_ins:
            del sys.modules[name]


load()
