"""`tidegate route` on a ledger in memory."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from tests.fakes.small_aws import small_aws
from tests.fakes.stack import STACK
from tests.unit.routing_calls import item, keys
from tidegate.aws.ledger import table
from tidegate_cli.command import Shared
from tidegate_cli.main import main


@pytest.fixture(autouse=True)
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Shared, "connect", lambda _: None)
    monkeypatch.setattr(Shared, "stack", STACK)
    with small_aws():
        yield


def put(document: dict[str, Any], alias: str = "live") -> None:
    table.put({"pk": "route#checkout", "sk": alias, **document})


def said(*arguments: str) -> tuple[int, str]:
    called = CliRunner().invoke(main, ["route", *arguments])
    return called.exit_code, called.output.strip()


def test_it_shows_the_share_of_the_users() -> None:
    put(item(0.25, always=keys("ana")))
    assert said("checkout") == (
        0,
        "checkout:live: 0.25 % of the users go to live-canary, and 1 always; the others to live (salt rel-1)",
    )


def test_it_says_which_version_a_user_meets_and_why() -> None:
    put(item(10, always=keys("ana"), canary="beta-canary", stable="beta"), alias="beta")
    (ana,) = keys("ana")
    assert said("checkout:beta", "--user", "ana") == (0, f"ana ({ana}) goes to beta-canary: in always")
    code, answer = said("checkout:beta", "--user", "bob", "--json")
    told = json.loads(answer.splitlines()[-1])
    assert (code, told["type"], told["channel"], told["goes_to"]) == (0, "route", "stable", "beta")
    assert told["why"].startswith("position ")
    assert (told["percent"], told["always"]) == (10, [ana])


def test_without_a_document_it_fails_and_says_where_to_read_on() -> None:
    code, answer = said("checkout")
    assert code == 1
    assert "No users of checkout:live are routed: there is no document. See docs/routing.md" in answer


def test_a_document_that_callers_do_not_understand_is_named() -> None:
    put(item(500))
    code, answer = said("checkout", "--user", "ana")
    assert code == 1
    assert "is not valid: percent is a number from 0 to 100, not 500" in answer
