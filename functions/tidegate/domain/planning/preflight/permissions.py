"""Who may invoke a function by its resource policy, and how to permit the same on an alias."""

import json
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

INVOKE, INVOKE_URL = "lambda:InvokeFunction", "lambda:InvokeFunctionUrl"

OPTIONS: Mapping[str, str] = {
    "aws:sourcearn": "--source-arn",
    "aws:sourceaccount": "--source-account",
    "aws:principalorgid": "--principal-org-id",
    "lambda:eventsourcetoken": "--event-source-token",
    "lambda:functionurlauthtype": "--function-url-auth-type",
    "lambda:invokedviafunctionurl": "--invoked-via-function-url",
}
"""The conditions of a statement that AddPermission can make, by key, and the options of the AWS CLI for them."""

MADE = {"arnlike", "bool", "stringequals"}
"""The operators of the conditions that AddPermission makes."""

SOURCES = ("aws:sourcearn", "aws:sourceaccount", "aws:principalorgid")
"""The conditions that name a caller, the most exact first."""

ANYONE = "*"


class Permission(NamedTuple):
    """A principal, the action that it may call, and the conditions: pairs of a lower-case key and a value."""

    principal: str
    action: str
    conditions: tuple[tuple[str, str], ...]

    @property
    def source(self) -> str:
        """The condition that names the caller; empty if there is none."""
        found = {key.rpartition(" ")[2]: value for key, value in self.conditions}
        return next((found[key] for key in SOURCES if key in found), "")

    def __str__(self) -> str:
        who = "everybody" if self.principal == ANYONE else self.principal
        return f"{who} ({self.source})" if self.source else who

    def options(self) -> str | None:
        """Return the options that permit the same elsewhere; None if it is public, or AddPermission has no option."""
        public = self.principal == ANYONE and not self.source
        if public or any(key not in OPTIONS for key, _ in self.conditions):
            return None
        conditions = [OPTIONS[key] if value == "true" else f"{OPTIONS[key]} {value}" for key, value in self.conditions]
        return " ".join([f"--action {self.action} --principal {self.principal}", *conditions])


def permitted(policy: str | None) -> Iterator[Permission]:
    """Return what a policy permits: only invocations, by any of their names and patterns."""
    for statement in _listed((json.loads(policy) if policy else {}).get("Statement")):
        if statement.get("Effect") == "Allow":
            for principal in _principals(statement.get("Principal")):
                for action in _invocations(statement.get("Action")):
                    yield Permission(principal, action, _conditions(statement))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _principals(principal: Any) -> Iterable[str]:
    if not isinstance(principal, dict):
        return [str(principal or ANYONE)]
    return [str(one) for each in principal.values() for one in _listed(each)]


def _invocations(actions: Any) -> Iterator[str]:
    """IAM compares actions without their case."""
    patterns = [str(each).lower() for each in _listed(actions)]
    return (each for each in (INVOKE, INVOKE_URL) if any(fnmatchcase(each.lower(), pattern) for pattern in patterns))


def _conditions(statement: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the conditions in order of their keys, whose cases differ."""
    tests = (statement.get("Condition") or {}).items()
    return tuple(sorted(_condition(test, *pair) for test, pairs in tests for pair in pairs.items()))


def _condition(test: str, key: str, value: Any) -> tuple[str, str]:
    """Return a key and its value; what AddPermission does not make keeps its operator before the key."""
    values = [str(each) for each in _listed(value)]
    plain = test.lower() in MADE and len(values) == 1
    return (key if plain else f"{test} {key}").lower(), ", ".join(values)
