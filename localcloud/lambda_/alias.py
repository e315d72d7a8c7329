"""Aliases and the rules of their weights (Lambda developer guide, "Implement Lambda canary deployments")."""

import re
from collections.abc import Mapping
from typing import Any

from moto.awslambda.policy import Policy

from localcloud.lambda_ import errors
from localcloud.lambda_.versions import LATEST, new_revision

_NAME = re.compile(r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)")
_KEY_RULES = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have "
    "length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]"
)
_VALUE_RULES = (
    "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have "
    "value greater than or equal to 0.0, Member must not be null]"
)


class Alias:
    """`weights` has at most one entry: the second version and its share of the invocations, 0…1."""

    def __init__(self, function_arn: str, name: str, function_version: str, description: str) -> None:
        self.function_arn = function_arn
        self.arn = f"{function_arn}:{name}"
        self.name = name
        self.function_version = function_version
        self.description = description
        self.weights: dict[str, float] = {}
        self.revision_id = new_revision()
        self.policy = Policy(self)  # type: ignore[arg-type] # it needs `function_arn` only

    def to_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "AliasArn": self.arn,
            "Name": self.name,
            "FunctionVersion": self.function_version,
            "Description": self.description,
            "RevisionId": self.revision_id,
        }
        if self.weights:
            shown["RoutingConfig"] = {"AdditionalVersionWeights": dict(self.weights)}
        return shown

    def change(self, function_version: str, weights: dict[str, float], description: str | None) -> None:
        """Set what is given. The revision changes always, even when nothing else does (recorded)."""
        self.function_version, self.weights = function_version, dict(weights)
        if description is not None:
            self.description = description
        self.revision_id = new_revision()

    def versions(self) -> set[str]:
        return {self.function_version, *self.weights}


def check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise errors.violates(name, "name", f"Member must satisfy regular expression pattern: {_NAME.pattern}")
    if len(name) > 128:
        raise errors.violates(name, "name", "Member must have length less than or equal to 128")


def parse_weights(routing: Mapping[str, Any] | None) -> dict[str, float] | None:
    """Check the form of a RoutingConfig. None when there is none: then weights stay as they are."""
    if routing is None:
        return None
    weights = routing.get("AdditionalVersionWeights") or {}
    for key, weight in weights.items():
        shown = f"{{{key}={weight}}}"
        if not re.fullmatch("[0-9]+", key):
            raise errors.violates(shown, "routingConfig.additionalVersionWeights", _KEY_RULES)
        if not 0.0 <= float(weight) <= 1.0:
            shown = f"{{{key}={float(weight)}}}"
            raise errors.violates(shown, "routingConfig.additionalVersionWeights", _VALUE_RULES)
    if len(weights) > 1:
        raise errors.invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    return {key: float(weight) for key, weight in weights.items()}


def check_weights(function_version: str, weights: Mapping[str, float]) -> None:
    """Hold the rules between an alias' version and its weights."""
    if not weights:
        return
    if function_version == LATEST:
        raise errors.invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    if function_version in weights:
        raise errors.invalid(
            f"Invalid function version {function_version}. Function version {function_version} "
            "is already included in routing configuration."
        )
