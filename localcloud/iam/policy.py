"""Policy documents, read into statements."""

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from localcloud.iam import conditions
from localcloud.iam.context import Context
from localcloud.iam.matching import action_like, arn_like

VARIABLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class Statement:
    """`id` is "policy/Sid", or "policy/place" where there is no Sid."""

    id: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    all_actions_but: bool = False
    all_resources_but: bool = False
    conditions: dict[str, Any] = field(default_factory=dict)

    def applies(self, action: str, resource: str, context: Context) -> bool:
        return (
            self.names_action(action)
            and self._names_resource(resource, context)
            and conditions.met(self.conditions, context)
        )

    def names_action(self, action: str) -> bool:
        return self.all_actions_but != any(action_like(action, one) for one in self.actions)

    def _names_resource(self, resource: str, context: Context) -> bool:
        named = any(arn_like(resource, _filled_in(one, context)) for one in self.resources)
        return self.all_resources_but != named


@lru_cache(maxsize=2_000)
def statements(policy: str, document: str) -> tuple[Statement, ...]:
    """Read a document; `policy` is its name."""
    listed = _listed(json.loads(document)["Statement"])
    return tuple(_statement(policy, place, statement) for place, statement in enumerate(listed))


def _statement(policy: str, place: int, statement: dict[str, Any]) -> Statement:
    return Statement(
        id=f"{policy}/{statement.get('Sid', place)}",
        effect=statement["Effect"],
        actions=_listed(statement.get("Action", statement.get("NotAction"))),
        resources=_listed(statement.get("Resource", statement.get("NotResource", "*"))),
        all_actions_but="NotAction" in statement,
        all_resources_but="NotResource" in statement,
        conditions=statement.get("Condition", {}),
    )


def _filled_in(pattern: str, context: Context) -> str:
    """Replace policy variables such as ${aws:PrincipalTag/team}."""
    if "${" not in pattern:
        return pattern
    return VARIABLE.sub(lambda match: _value(match[1], context), pattern)


def _value(variable: str, context: Context) -> str:
    if variable in {"*", "?", "$"}:
        return variable
    return next(iter(context.values(variable) or []), "${" + variable + "}")


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)
