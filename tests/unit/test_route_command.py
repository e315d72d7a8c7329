"""`tidegate route` on a ledger in memory."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from tests.builders import NOON, a_plan
from tests.failing import raising, refused
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tests.fakes.stack import EXECUTION, STACK
from tests.unit.routing_calls import item, keys
from tidegate.aws.lambda_ import aliases
from tidegate.aws.ledger import table
from tidegate_cli import time_at_aws
from tidegate_cli.command import Shared
from tidegate_cli.main import main

ANA, BOB, EVE = keys("ana", "bob", "eve")


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallAws]:
    monkeypatch.setattr(Shared, "connect", lambda _: None)
    monkeypatch.setattr(Shared, "stack", STACK)
    monkeypatch.setattr(time_at_aws, "now", lambda: NOON + 0.5)
    monkeypatch.setattr(aliases, "read", lambda _, name: None if "gone" in name else name)
    with small_aws() as made:
        yield made


def put(document: dict[str, Any], alias: str = "live") -> None:
    table.put({"pk": "route#checkout", "sk": alias, **document})


def said(*arguments: str) -> tuple[int, str]:
    called = CliRunner().invoke(main, ["route", *arguments])
    return called.exit_code, " ".join(called.output.split())


def kept(alias: str = "live") -> dict[str, Any]:
    return table.get("route#checkout", alias) or {}


def test_it_shows_the_share_of_the_users() -> None:
    put(item(0.25, always=keys("ana")))
    assert said("show", "checkout") == (
        0,
        "checkout:live: 0.25 % of the users go to live-canary (1 always), the others to live (salt rel-1)",
    )


def test_it_says_which_version_a_user_meets_and_why() -> None:
    put(item(10, always=keys("ana"), canary="beta-canary", stable="beta"), alias="beta")
    assert said("explain", "checkout:beta", "--user", "ana") == (0, f"ana ({ANA}) goes to beta-canary: in always")
    code, answer = said("explain", "checkout:beta", "--user", "bob", "--json")
    told = json.loads(answer[answer.index("} {") + 2 :])
    assert (code, told["type"], told["channel"], told["goes_to"]) == (0, "route", "stable", "beta")
    assert told["why"].startswith("position ")
    assert (told["percent"], told["always"]) == (10, [ANA])


def test_without_a_document_it_fails_and_says_where_to_read_on() -> None:
    code, answer = said("show", "checkout")
    assert code == 1
    assert "No users of checkout:live are routed: there is no document. See docs/routing.md" in answer


def test_a_document_that_callers_do_not_understand_is_named() -> None:
    put(item(500))
    code, answer = said("explain", "checkout", "--user", "ana")
    assert code == 1
    assert "is not valid: percent is a number from 0 to 100, not 500" in answer


def test_the_first_setting_makes_a_document() -> None:
    code, answer = said("set", "checkout", "--percent", "0.25", "--always", "ana", "--never", f"key:{BOB}")
    assert code == 0, answer
    assert answer.startswith(
        f"checkout:live: a new document, salt checkout-live-{NOON}. 0.25 % of the users go to live-"
    )
    assert "(1 always and 1 never)" in answer
    assert kept() == {
        "pk": "route#checkout",
        "sk": "live",
        **item(0.25, always=[ANA], never=[BOB], salt=f"checkout-live-{NOON}", release=f"checkout-live-{NOON}"),
        "revision": 1,
        "updated": NOON,
    }
    assert said("explain", "checkout", "--user", "ana") == (0, f"ana ({ANA}) goes to live-canary: in always")


def test_what_is_not_given_stays_and_the_answer_says_what_changed() -> None:
    put(item(5, always=[ANA], never=[BOB]))
    code, answer = said("set", "checkout", "--percent", "25", "--always", "eve", "--always", "bob", "--neither", "ana")
    assert code == 0
    assert answer == (
        f"checkout:live: percent 25 % instead of 5 %; always +{min(BOB, EVE)}, +{max(BOB, EVE)}, -{ANA}; never -{BOB}. "
        "25 % of the users go to live-canary (2 always), the others to live"
    )
    assert (kept()["salt"], kept()["revision"]) == ("rel-1", 1)
    code, answer = said("set", "checkout", "--salt", "rel-2", "--json")
    assert json.loads(answer[answer.index("} {") + 2 :])["changed"] == {"salt": ["rel-1", "rel-2"]}
    assert (kept()["salt"], kept()["release"], kept()["revision"]) == ("rel-2", "rel-2", 2)


def test_what_is_as_wished_is_not_written(aws: SmallAws) -> None:
    put(item(5, always=[ANA]))
    before = dict(aws.items)
    code, answer = said("set", "checkout", "--percent", "5", "--always", "ana")
    assert (code, answer.startswith("checkout:live: nothing to change. 5 % of the users")) == (0, True)
    assert aws.items == before


@pytest.mark.parametrize("wrong", [{"percent": 500}, {"percent": "?"}, {"percent": 500, "always": "ana"}], ids=str)
def test_a_document_that_is_not_valid_is_repaired_by_a_valid_setting(wrong: dict[str, Any]) -> None:
    put({**item(0), **wrong})
    assert said("set", "checkout", "--always", "ana")[0] == 1
    assert kept()["percent"] == wrong["percent"]
    assert said("set", "checkout", "--percent", "5")[0] == 0
    assert said("show", "checkout")[0] == 0
    assert kept()["percent"] == 5


def test_while_a_release_has_the_alias_only_named_users_change() -> None:
    put(item(5))
    take_on("rel-1", f"{EXECUTION}:rel-1", a_plan())
    for wish in (
        ["--percent", "50"],
        ["--canary", "other"],
        ["--salt", "rel-9"],
        ["--percent", "50", "--always", "ana"],
    ):
        code, answer = said("set", "checkout", *wish)
        assert (code, "checkout:live is locked by release rel-1, which sets the share itself" in answer) == (6, True), (
            answer
        )
    assert said("set", "checkout", "--always", "ana")[0] == 0
    assert (kept()["percent"], kept()["always"]) == (5, [ANA])


@pytest.mark.parametrize(
    "wish", [["--always", "ana"], ["--percent", "10"]], ids=["named users", "with the lock in a transaction"]
)
def test_a_document_that_somebody_else_wrote_meanwhile_is_read_again(aws: SmallAws, wish: list[str]) -> None:
    put(item(5, revision=3))
    reads = 1 if wish[0] == "--always" else 2
    aws.allow(reads, lambda: put(item(7, never=[BOB], revision=4)))
    code, answer = said("set", "checkout", *wish)
    assert code == 0, answer
    document = kept()
    assert (document["never"], document["revision"]) == ([BOB], 5)
    assert document["percent"] == (7 if wish[0] == "--always" else 10)


def test_a_release_that_begins_meanwhile_is_seen(aws: SmallAws) -> None:
    put(item(5))
    aws.allow(2, lambda: take_on("rel-2", f"{EXECUTION}:rel-2", a_plan()))
    code, answer = said("set", "checkout", "--percent", "10")
    assert (code, "checkout:live is locked by release rel-2" in answer) == (6, True), answer
    assert kept()["percent"] == 5


def test_a_document_that_others_write_all_the_time_is_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    put(item(5))
    monkeypatch.setattr(table, "transact_put", raising(refused("TransactionCanceledException")))
    code, answer = said("set", "checkout", "--percent", "10")
    assert (code, "Others are writing the document of checkout:live" in answer) == (1, True)


def test_users_are_not_sent_to_an_alias_that_is_not_there() -> None:
    code, answer = said("set", "checkout", "--percent", "1", "--canary", "gone")
    assert (code, "checkout has no alias gone, so calls of its users would fail" in answer) == (6, True)
    assert "aws lambda create-alias --function-name checkout --name gone" in answer
    assert kept() == {}
    assert said("set", "checkout", "--canary", "gone")[0] == 0, "nobody is sent there yet"


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        ([], "nothing to set: give --percent"),
        (["--percent", "101"], "101.0 is not in the range"),
        (["--percent", "nan"], "nan is no multiple of 0.01"),
        (["--percent", "0.125"], "0.125 is no multiple of 0.01"),
        (["--always", ""], "'' is not a user"),
        (["--never", "key:ana"], "'key:ana' is not a user: name one, or its pseudonym as key:c733865ee7d0b49a"),
        (["--always", "ana", "--never", "ana"], f"a user is named twice (pseudonym {ANA})"),
        (["--always", "ana", "--neither", f"key:{ANA}"], f"a user is named twice (pseudonym {ANA})"),
        (["--canary", "7"], "'7' is not an alias name"),
        (["--salt", "two words"], "'two words' is not a salt"),
        (["--salt", ""], "'' is not a salt"),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_reason(wish: list[str], answer: str) -> None:
    code, text = said("set", "checkout", *wish)
    assert (code, answer in text) == (2, True), text
    assert kept() == {}
