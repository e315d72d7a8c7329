"""Functions that a request does not name: every changed function with a tag, or of a CloudFormation stack."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.request.models import TargetRequest
from tidegate.domain.request.problems import Problem

BY = ("tag", "stack")
NAMED = ("targets", "function")


@dataclass(frozen=True)
class Selection:
    """Which functions: those with all tags of `tag`, or those of `stack`."""

    tag: Mapping[str, str]
    stack: str = ""

    @property
    def field(self) -> str:
        return "stack" if self.stack else "tag"

    def __str__(self) -> str:
        return f"stack {self.stack}" if self.stack else f"tag {', '.join(f'{k}={v}' for k, v in self.tag.items())}"


def selection_of(raw: Any) -> Selection | None:
    """Return how a request selects functions, None if it names them; its fields are validated with the others."""
    if not isinstance(raw, dict) or any(name in raw for name in NAMED):
        return None
    tag, stack = raw.get("tag"), raw.get("stack")
    if isinstance(tag, dict) and tag and all(isinstance(value, str) for value in tag.values()):
        return Selection(tag)
    return Selection({}, stack) if isinstance(stack, str) and stack else None


def expanded(raw: Mapping[str, Any], functions: Sequence[str]) -> dict[str, Any]:
    """Return a request that names these functions; fields of a target at the top are those of each."""
    own = {name: value for name, value in raw.items() if name in TargetRequest.model_fields}
    rest = {name: value for name, value in raw.items() if name not in own}
    return {**rest, "targets": [{**own, "function": function} for function in functions]}


def selection_problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Find a request that both names functions and selects some, or selects them in two ways."""
    given = [name for name in (*BY, *NAMED) if raw.get(name) is not None]
    if len(given) > 1 and given[0] in BY:
        yield Problem((given[0],), f"selects the functions of the release: omit {' and '.join(given[1:])}")
    if raw.get("wave_tag") is not None and given[:1] not in (["tag"], ["stack"]):
        yield Problem(("wave_tag",), "is for functions that tag or stack select: set wave of each target")
