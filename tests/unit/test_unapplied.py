"""Options of a call that a running release of the same code does not have."""

from typing import Any

import pytest

from tidegate_cli.unapplied import differences, sentence

RUNS: dict[str, Any] = {"function": "checkout", "alias": "live", "labels": {"commit": "1"}}


def ignored(asked: dict[str, Any], runs: dict[str, Any] = RUNS, strategy: str = "guarded") -> list[str]:
    return list(differences({"function": "checkout", "alias": "live", **asked}, runs, strategy))


def test_a_repeated_call_asks_for_nothing_else() -> None:
    assert ignored({"labels": {"commit": "2"}, "on_conflict": "supersede"}) == []
    both = {"strategy": {"steps": [{"weight": 5, "bake": "3m"}]}, "analysis": {"max_bake": "1h"}}
    assert ignored(both, {**RUNS, **both}, "steps") == []


def test_a_strategy_is_compared_with_the_one_by_which_it_runs() -> None:
    assert ignored({"strategy": "guarded"}) == []
    assert ignored({"strategy": "all-at-once"}) == ["strategy all-at-once (it has guarded)"]
    listed = {"steps": [{"weight": 5, "bake": "3m"}]}
    assert ignored({}, {**RUNS, "strategy": listed}, "steps") == []
    assert ignored({"strategy": "guarded"}, {**RUNS, "strategy": listed}, "steps") == [
        'strategy guarded (it has {"steps": [{"weight": 5, "bake": "3m"}]})'
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"analysis": {"on_inconclusive": "promote"}}, "analysis.on_inconclusive promote (it has the default)"),
        ({"again": True}, "again true (it has the default)"),
        ({"approvals": [50]}, "approvals [50] (it has the default)"),
        ({"targets": [{"function": "checkout", "probe": {"payload": 1}}]}, 'checkout.probe {"payload": 1} (it has'),
    ],
)
def test_every_other_option_is_named_with_both_values(asked: dict[str, Any], said: str) -> None:
    (found,) = ignored(asked)
    assert found.startswith(said)


def test_the_sentence_says_what_runs_what_was_asked_for_and_how_to_supersede() -> None:
    text = sentence("r-1", ["strategy all-at-once (it has guarded)"], same_name=False)
    assert text == (
        "Release r-1 of the same code exists already and is followed; this call does not change it. Not applied: "
        "strategy all-at-once (it has guarded). To stop it, roll it back and release as asked: --on-conflict supersede"
    )
    assert sentence("r-1", ["again true"], same_name=True).endswith("--name NEW-KEY --on-conflict supersede")
