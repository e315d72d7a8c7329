"""`--json`: lines of JSON on stdout, of which the first says their form, whatever the command."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from click.testing import CliRunner

from tidegate.aws.ledger import index, locks
from tidegate_cli import stack
from tidegate_cli.commands import decisions, freezes
from tidegate_cli.main import main
from tidegate_cli.stack import Stack

FREEZE = {"pattern": "shop-*", "reason": "sale", "until": "2026-12-01T08:00:00Z", "by": "ana", "since": "now"}
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:tidegate-release"
DEPLOYED = Stack("tidegate", {"LedgerTable": "ledger", "StateMachineArn": MACHINE}, {})


def lines(monkeypatch: pytest.MonkeyPatch, answer: Mapping[str, Any], *arguments: str) -> list[dict[str, Any]]:
    """Give the documents that a call prints, where the function that it asks answers so."""
    for module in (decisions, freezes):
        monkeypatch.setattr(module, "ask", lambda *_: answer)
    monkeypatch.setattr(stack, "find_stack", lambda _name: DEPLOYED)
    monkeypatch.setattr(index, "listed", lambda: iter(()))
    monkeypatch.setattr(locks, "read_all", list)
    done = CliRunner().invoke(main, [*arguments, "--json"])
    return [json.loads(line) for line in done.stdout.splitlines()]


DECIDED = {"summary": "So it is.", "accepted": True}
FROZEN = {"summary": "So it is.", "freezes": [FREEZE]}


@pytest.mark.parametrize(
    ("arguments", "answer", "kinds"),
    [
        (["hold", "r"], DECIDED, ["decision"]),
        (["promote", "r"], {**DECIDED, "accepted": False}, ["decision"]),
        (["abort", "r", "--reason", "enough"], DECIDED, ["decision"]),
        (["freeze", "shop-*", "--reason", "sale", "--until", "2026-12-01T08:00:00Z"], FROZEN, ["frozen"]),
        (["thaw", "shop-*"], FROZEN, ["thawed"]),
        (["freezes"], {"freezes": [FREEZE, FREEZE]}, ["freeze", "freeze"]),
        (["freezes"], {"freezes": []}, []),
        (["history", "checkout"], {}, []),
    ],
)
def test_the_first_line_says_the_form_of_what_follows_if_anything_does(
    arguments: list[str], answer: dict[str, Any], kinds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *rest = lines(monkeypatch, answer, *arguments)
    assert (first["type"], first["version"]) == ("schema", "1.0")
    assert [each["type"] for each in rest] == kinds


def test_what_the_function_answers_is_in_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lines(monkeypatch, FROZEN, "thaw", "shop-*")[1] == {"type": "thawed", **FROZEN}
    assert lines(monkeypatch, {"freezes": [FREEZE]}, "freezes")[1] == {"type": "freeze", **FREEZE}
