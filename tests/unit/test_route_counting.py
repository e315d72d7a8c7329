"""Only decisions by chance are counted, in every function of a chain, and at the percentage by which they were made."""

from typing import Any

import pytest

from tests.unit.routing_calls import CALLED, Cloud, context, item, keys, router, written
from tidegate_route import Router, incoming, position

FAILING = Cloud(lambda: {"X-Amz-Function-Error": "Unhandled"})
USERS = [f"u-{number}" for number in range(90)]


def chosen(users: list[str], percent: float = 10) -> list[tuple[str, str, float]]:
    """Give what has to be written about users whom a percentage assigned."""
    pairs = [(key, "canary" if position("rel-1", key) < 100 * percent else "stable") for key in keys(*users)]
    return [(key, channel, percent) for key, channel in pairs]


def after_a_hop(first: Router, second: Router, overrides: str = "") -> None:
    """Let one router decide for each user, and the next one call the function, which fails."""
    client = second.instrument(FAILING.client(), "orders")
    for user in USERS:
        with first.serving(user, incoming=incoming({}, context(**{"tidegate-override": overrides}))):
            sent = first.headers("orders")
        with second.serving(None, incoming=incoming({"headers": sent}, trust_header=True)):
            client.invoke(FunctionName="orders")


def counted(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, float]]:
    return [(each["user"], each["channel"], each["percent"]) for each in written(capsys)]


def test_a_decision_by_position_counts_at_the_percentage_by_which_it_was_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    after_a_hop(router({"orders": item(10)}), router({"orders": item(60)}))
    assert counted(capsys) == chosen(USERS)
    assert {channel for _, channel, _ in chosen(USERS)} == {"canary", "stable"}


@pytest.mark.parametrize(
    ("first", "second", "override"),
    [
        (router({"orders": item(10)}), router({"orders": item(10)}), "orders=canary"),
        (router({}), router({"orders": item(10)}), "orders=canary"),
        (router({}), router({"orders": item(10)}), ""),
        (router({"orders": item(10)}, decide=lambda *_: "stable"), router({"orders": item(10)}), ""),
        (router({"orders": item(10, always=keys(*USERS))}), router({"orders": item(10)}), ""),
        (router({"orders": item(10, never=keys(*USERS))}), router({"orders": item(10)}), ""),
        (router({"orders": item(10, salt="rel-0")}), router({"orders": item(10)}), ""),
        (router({"orders": item(10)}), router({"orders": item(10, never=keys(*USERS))}), ""),
        (router({"orders": item(10)}), router({"orders": item(10, always=keys(*USERS))}), ""),
    ],
    ids=[
        "override",
        "override of another",
        "no document",
        "decider",
        "always",
        "never",
        "another salt",
        "never later",
        "always later",
    ],
)
def test_a_decision_that_was_not_by_chance_is_not_counted_further_down_either(
    first: Router, second: Router, override: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counting those that agree with the position would count one channel only."""
    after_a_hop(first, second, override)
    assert counted(capsys) == []


@pytest.mark.parametrize("alias", ["live", "live-canary"])
def test_a_callee_counts_who_was_assigned_whichever_alias_the_caller_took(
    alias: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Callers who take one alias for everybody would make all failing users those of its channel."""
    first, second = (router({"orders": item(10)}) for _ in range(2))

    @second.handler(key=lambda event, context: event["user"])
    def handle(event: Any, context: Any) -> None:
        raise LookupError("as planned")

    for user in USERS:
        with first.serving(user):
            sent = first.headers("orders")
        for handed in ({}, sent):
            with pytest.raises(LookupError):
                handle({"user": user}, context(CALLED.replace("live-canary", alias), **handed))
    assert counted(capsys) == chosen(USERS)
