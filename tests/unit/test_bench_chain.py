"""The benchmark of a chain counts the users and the orders that met a new version, and draws them."""

import json
import re
from typing import Any

import pytest

from bench.chain.__main__ import figures
from bench.chain.picture import MET, drawn
from bench.chain.run import Counts, counted
from localcloud.lambda_ import Invocation
from tests.reading import ROOT

README = (ROOT / "README.md").read_text()
PICTURE = (ROOT / "docs/pictures/users.svg").read_text()


def ran(function: str, order: str, version: str, **changed: Any) -> Invocation:
    content = {"user": order.partition("/")[0], "order": order}
    event = content if function.endswith("api") else {"detail": {"order": order, "tidegate": {}}}
    fields: dict[str, Any] = {
        "function_name": function,
        "alias": "live",
        "qualifier": "live",
        "executed_version": version,
    }
    fields |= {
        "qualifier": "live",
        "started": 0,
        "ended": 0,
        "duration_ms": 1,
        "init_ms": None,
        "request_id": "1",
        "error_type": None,
    }
    fields |= {"throttled": False, "role_arn": "", "caller": None, "payload": json.dumps(event).encode()}
    return Invocation(**{**fields, **changed})


def chain(way: str, order: str, *versions: str) -> list[Invocation]:
    names = [f"{way}-{function}" for function in ("api", "kitchen", "billing")]
    return [ran(name, order, version) for name, version in zip(names, versions, strict=True)]


def counts() -> dict[str, Counts]:
    """Give one order of each of four users; by weights three meet a new version, two of them mixed."""
    by_weights = ["111", "211", "122", "222"]
    by_users = ["111", "111", "111", "222"]
    ran_all = [ran("tidegate-Plan", "x/1", "2")]
    for way, all_versions in (("weights", by_weights), ("users", by_users)):
        for user, versions in enumerate(all_versions):
            ran_all += chain(way, f"user-{user}/0", *versions)
    return dict(counted(ran_all))


def test_users_and_orders_are_counted_by_chain() -> None:
    found = counts()
    assert found.keys() == {"weights", "users"}
    assert (found["weights"].reached(), found["weights"].mixed()) == ({"user-1", "user-2", "user-3"}, 2)
    assert (found["users"].reached(), found["users"].mixed()) == ({"user-3"}, 0)


def test_the_figures_name_both_chains() -> None:
    met, mixed = figures(counts())
    assert (met.value, mixed.value) == (15.0, 0.0)
    assert "25.0 % of 4 users" in met.note
    assert "by weights 75.0 %" in met.note
    assert "by weights 50.0 %" in mixed.note
    assert not met.ok


def test_a_call_that_failed_or_was_throttled_is_not_counted_as_one_that_ran() -> None:
    with pytest.raises(RuntimeError, match="weights-api failed: Runtime"):
        counted([ran("weights-api", "user-1/1", "1", error_type="Runtime.ImportModuleError")])
    assert counted([ran("weights-api", "user-1/1", "1", throttled=True)]) == {}


def test_each_user_is_a_dot() -> None:
    picture = drawn(counts())
    assert picture.count("<circle") == 8
    assert picture.count(f'r="5" fill="{MET}"') == 4
    assert "3 of 4 users met it" in picture
    assert "2 of 4 orders mixed old and new" in picture
    assert "0 of 4 orders mixed old and new" in picture


def test_the_pages_say_what_the_picture_shows() -> None:
    """Weights draw anew in each run; the users of a salt are always the same."""
    (weights, everybody), (users, _) = re.findall(r"(\d+) of (\d+) users met it", PICTURE[: PICTURE.index("</title>")])
    said = f"![By weights of 10 %, nearly every user meets the new version; by users, {users} of {everybody}]"
    assert int(weights) > 0.85 * int(everybody)
    assert said in README
    assert said in (ROOT / "docs/routing.md").read_text()
    assert "0 of 1,600 orders mixed old and new" in PICTURE
