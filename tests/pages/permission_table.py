"""The permissions of template.yaml as docs/permissions.md shows them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.reading import TEMPLATE, Document, function_of, functions, listed, machine, policies, tasks, unconditional

SHARED = re.compile(r"^arn:\$\{AWS::Partition\}:(\w+):(?:\$\{AWS::Region\})?:(?:\$\{AWS::AccountId\})?:")
HEAD = "| state | may | on | why | if |\n|---|---|---|---|---|"


class Row(NamedTuple):
    """One statement; those of several states that say the same are one row."""

    may: str
    on: str
    why: str
    condition: str


def table() -> str:
    states_of = defaultdict[Row, list[str]](list)
    for state, name, properties in _roles():
        for row in _rows(name, properties):
            states_of[row].append(state)
    lines = [f"| {', '.join(states)} | {' | '.join(row)} |" for row, states in states_of.items()]
    return "\n".join([HEAD, *lines])


def _roles() -> Iterator[tuple[str, str, Document]]:
    yield "(the state machine)", "ReleaseStateMachine", machine()
    states = {function_of(task): name for name, task in tasks().items()}
    for name, properties in functions().items():
        yield states.get(name, f"({name.removesuffix('Function')})"), name, properties


def _rows(name: str, properties: Document) -> Iterator[Row]:
    for policy, shared, policy_condition in policies(properties):
        reasons = _reasons(shared or name)
        for each in policy["Statement"]:
            statement, own_condition = unconditional(each)
            condition = own_condition or policy_condition
            verb = "not: " if statement["Effect"] == "Deny" else ""
            yield Row(
                verb + _code(listed(statement["Action"])),
                _code(_resource(one) for one in listed(statement["Resource"])),
                reasons[statement["Sid"]],
                f"`{condition}`" if condition else "",
            )


def _reasons(name: str) -> dict[str, str]:
    """Give the comment above each statement of a resource."""
    section = re.split(r"^  (?=\w)", TEMPLATE.read_text().split(f"\n  {name}:\n")[1], maxsplit=1, flags=re.MULTILINE)[0]
    found = re.findall(r"# (.+)\n(?:\s+- !If\n\s+- \w+\n)?\s+- Sid: (\w+)", section)
    return {sid: reason for reason, sid in found}


def _resource(written: Any) -> str:
    """Write a resource without the beginning that they all share."""
    text = written if isinstance(written, str) else ".".join(listed(next(iter(written.values()))))
    return SHARED.sub(r"\1: ", text)


def _code(words: Any) -> str:
    return ", ".join(f"`{word}`" for word in words)


if __name__ == "__main__":
    print(table())  # noqa: T201 - it is a command
