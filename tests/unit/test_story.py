"""Milestones of a release, from what the ledger has of it, and their schema in docs/."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.builders import NOON, a_plan, a_target
from tests.reading import ROOT
from tidegate.domain.events.milestone import KINDS, Decided, Held, Judged, Started
from tidegate.domain.events.timeline import story
from tidegate.domain.schedule import format_time
from tidegate.domain.strategy import Step
from tidegate_cli.schema import milestones_schema

DOCUMENT = ROOT / "docs/milestones.schema.json"


def event(kind: str, at: int, **fields: Any) -> dict[str, Any]:
    summary = f"{kind} it was"
    return {"sk": f"event#{format_time(at)}#{kind}", "kind": kind, "at": at, "summary": summary, **fields}


def tick(at: int, *, weight: float = 10) -> dict[str, Any]:
    target = {"target": "checkout:live", "verdict": "pass", "canary": [0, 812], "stable": [3, 7310]}
    judged = {"weight": weight, "verdict": "pass", "next": "bake", "verdicts": [target]}
    return event("judged", at, **judged)


def record(**fields: Any) -> dict[str, Any]:
    return {"sk": "record", "started": NOON, "labels": {"commit": "4f2c"}, "plan": a_plan().document(), **fields}


WHOLE = [
    event("finished", NOON + 400),
    tick(NOON + 200),
    event("planned", NOON),
    event("probed#checkout:live", NOON + 20, version="43", init_seconds=0.4),
    event("settled#checkout:live", NOON + 20, version="43"),
    record(),
    {"sk": "shift#000", "at": NOON + 60, "until": NOON + 61, "weight": 10, "summary": "10 % it is", "skew_seconds": 0},
    {"sk": "target#checkout:live", "target": "checkout:live", "canary": "43", "at": NOON + 10, "created": True},
]


def test_a_story_is_told_in_the_order_in_which_things_happened() -> None:
    kinds = [one.type for one in story("r", WHOLE)]
    assert kinds == ["started", "published", "settled", "probed", "shifted", "judged", "finished"]


def test_a_release_starts_with_what_is_released_from_where_and_how() -> None:
    started = story("r", [record()])[0]
    assert isinstance(started, Started)
    assert started.summary == "checkout:live from version 42, by steps: 10 % for 5 min, then 100 %"
    assert (started.targets[0].stable, started.steps[0].weight, started.labels) == ("42", 10, {"commit": "4f2c"})


def test_many_targets_and_steps_are_told_in_short() -> None:
    targets = [a_target(f"f{number}") for number in range(5)]
    steps = tuple(Step(weight, 1) for weight in (1, 2, 3, 4, 5, 6, 7, 8))
    (started,) = story("r", [record(plan=a_plan(*targets, steps=steps).document())])
    assert started.summary == (
        "f0:live from version 42, f1:live from version 42, f2:live from version 42 and 2 more, "
        "by steps: 1 % for 1 min, 2 % for 1 min, 3 % for 1 min, …, 7 % for 1 min, 8 % for 1 min, then 100 %"
    )


def test_a_tick_has_the_counts_of_both_versions() -> None:
    (judged,) = [one for one in story("r", WHOLE) if isinstance(one, Judged)]
    assert (judged.targets[0].canary, judged.targets[0].stable) == ((0, 812), (3, 7310))


def test_a_hold_is_told_with_why() -> None:
    (held,) = story("r", [event("held", NOON + 120, weight=10, why="held by ana"), record()])[1:]
    assert isinstance(held, Held)
    assert (held.weight, held.why) == (10, "held by ana")


def test_a_decision_is_told_with_who_it_was_said_to_be_and_why() -> None:
    item = event("decided", NOON + 120, decision="promote", by="ana", reason="fine", via="command", to=50)
    (decided,) = story("r", [{**item, "sk": f"{item['sk']}#2"}, record()])[1:]
    assert isinstance(decided, Decided)
    assert (decided.decision, decided.by, decided.reason, decided.to) == ("promote", "ana", "fine", 50)


def test_why_a_release_was_undone_goes_with_how_it_is_now() -> None:
    undone = event("rolled-back", NOON + 400, why="It failed.")
    assert story("r", [undone, record()])[-1].summary == "rolled-back it was; It failed"


def test_an_event_of_a_kind_that_is_not_known_is_told_all_the_same() -> None:
    (told,) = [one for one in story("r", [event("frobnicated", NOON + 1), record()]) if one.type not in KINDS]
    assert (told.type, told.summary) == ("frobnicated", "frobnicated it was")


def test_there_is_no_story_without_a_record() -> None:
    assert story("r", []) == []


def test_the_published_schema_is_what_the_models_give() -> None:
    assert json.loads(DOCUMENT.read_text()) == milestones_schema(), "make schema"


def test_milestones_fit_the_schema_and_are_read_back() -> None:
    schema = json.loads(DOCUMENT.read_text())
    Draft202012Validator.check_schema(schema)
    for one in story("r", [*WHOLE, event("frobnicated", NOON + 1)]):
        written = one.model_dump(mode="json")
        Draft202012Validator(schema).validate(written)
        assert type(one).model_validate(written) == one


@pytest.mark.parametrize("wrong", [{"weight": "ten"}, {"at": 5}, {"targets": [{"target": "checkout:live"}]}])
def test_a_milestone_that_is_none_does_not_fit_the_schema(wrong: dict[str, Any]) -> None:
    (judged,) = [one for one in story("r", WHOLE) if isinstance(one, Judged)]
    schema = json.loads(DOCUMENT.read_text())
    assert not Draft202012Validator(schema).is_valid({**judged.model_dump(mode="json"), **wrong})
