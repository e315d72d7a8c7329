"""A release of several Regions as its report, the dashboard and the command show it, and what people may decide."""

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import NOON, a_plan
from tidegate.domain.control.decision import Decisions
from tidegate.domain.control.decision_rules import NextLook, Standing, rule
from tidegate.domain.control.requests import parse_decision
from tidegate.domain.ledger_items import ReleaseItems
from tidegate.domain.region_releases import RegionRelease, Stage
from tidegate.domain.schedule import format_time
from tidegate.domain.strategy import Strategy
from tidegate.report.document import document
from tidegate.report.load import load
from tidegate.report.markdown import markdown
from tidegate.report.model import Report
from tidegate.report.page import page
from tidegate.report.widget import Frame, widget
from tidegate_cli.ending import ending_of
from tidegate_cli.outcome import Outcome
from tidegate_cli.release_state import ExecutionState, Sight

STRATEGY = Strategy("guarded", (), "hold", bakes_on=False)
PLAN = replace(a_plan(), targets=(), strategy=STRATEGY, regions=(("eu-west-1",), ("us-east-1",)))
ARN = "arn:aws:states:{}:123456789012:execution:tidegate-release:r-1-{}"


def items(*stages: Stage, **record: Any) -> list[dict[str, Any]]:
    found = [
        RegionRelease(
            region, "123456789012", "tidegate", n, stage, NOON, execution=ARN.format(region, region), summary=f"<{n}>"
        )
        for n, (region, stage) in enumerate(zip(("eu-west-1", "us-east-1"), stages, strict=True))
    ]
    usual = {"execution": ARN.format("eu-west-1", "x"), "status": "running", "started": NOON, "labels": {}}
    return [
        {"pk": "release#r-1", "sk": "record", "plan": PLAN.document(), **usual, **record},
        *({"pk": "release#r-1", "sk": f"region#{n:03}", **one.document()} for n, one in enumerate(found)),
    ]


def a_report(*stages: Stage, **record: Any) -> Report:
    return load("r-1", items(*stages, **record), now=NOON + 60)


ENDED = {"ended": "partly-released", "ended_at": NOON + 60, "outcome": "us-east-1 failed."}


def test_a_region_that_cannot_be_followed_says_why_and_since_when() -> None:
    written = items(Stage.RELEASED, Stage.RELEASING)
    written[2] |= {"unreached": NOON + 5, "trouble": "no answer from states"}
    report = load("r-1", written, now=NOON + 60)
    for text in (page(report), markdown(report)):
        assert "no answer from states" in text
    assert [one["unreached"] for one in document(report)["regions"]] == [None, format_time(NOON + 5)]


def test_the_report_says_where_each_region_is_with_a_link_to_its_release() -> None:
    report = a_report(Stage.RELEASED, Stage.UNCHANGED, **ENDED)
    for text in (page(report), markdown(report)):
        assert "Partly released" in text or "partly released" in text
        assert "&lt;0&gt;" in text, "escaped"
        assert "r-1-us-east-1" in text
        assert "as before" in text
    assert [(one["region"], one["stage"]) for one in document(report)["regions"]] == [
        ("eu-west-1", "released"),
        ("us-east-1", "unchanged"),
    ]


def test_a_running_one_is_told_by_its_regions_and_the_dashboard_shows_it() -> None:
    report = a_report(Stage.RELEASED, Stage.RELEASING)
    said = "eu-west-1 (123456789012) is released; us-east-1 (123456789012) is being released."
    assert said in page(report)
    assert said in widget(Frame("arn:of:widget"), report, [])


@pytest.mark.parametrize(("decision", "accepted"), [("hold", False), ("promote", False), ("abort", True)])
def test_it_can_be_aborted_and_nothing_else(decision: str, accepted: bool) -> None:
    standing = Standing(PLAN, Decisions(), NextLook("arn:of:r-1", [], NOON + 60), weight=0, status="running")
    order = {"release": "r-1", "decision": decision, "by": "ana", "reason": "orders are missing"}
    ruling = rule(parse_decision(order), standing, NOON)
    assert ruling.accepted is accepted
    assert ("can only be aborted" in ruling.summary) is not accepted


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (ENDED, Outcome.NEEDS_HUMAN),
        ({**ENDED, "ended": "released"}, Outcome.RELEASED),
        ({**ENDED, "ended": "rolled-back"}, Outcome.ROLLED_BACK),
    ],
)
def test_the_command_ends_as_the_record_says(record: dict[str, Any], outcome: Outcome) -> None:
    sight = Sight("r-1", ExecutionState("FAILED"), ReleaseItems(items(Stage.RELEASED, Stage.UNCHANGED, **record)))
    ending = ending_of(sight)
    assert ending is not None
    assert ending.outcome is outcome
    assert ("us-east-1 is as before" in ending.sentence) is (outcome is Outcome.NEEDS_HUMAN)
