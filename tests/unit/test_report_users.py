"""What report, widget and summary show of a release whose users are routed."""

import json
import re

import pytest

from tests.builders import NOON
from tests.report_samples import Sample, running
from tidegate.domain.analysis.user_lines import UserLine
from tidegate.domain.analysis.users import Users
from tidegate.report.document import document
from tidegate.report.markdown import markdown
from tidegate.report.page import page
from tidegate.report.widget import Frame, widget


def lines() -> list[UserLine]:
    """Give three failing users on the canary in minute 2, one on stable in minute 3, and two of the sample."""
    users = [*((True, number, 2) for number in range(3)), (False, 9, 3)]
    found = [
        UserLine(NOON + 60 * minute, "checkout", f"{number:014x}01", 5.0, on_canary, failed=True)
        for on_canary, number, minute in users
    ]
    seen = [
        UserLine(NOON + 180, "checkout", f"{number:014x}00", 5.0, on_canary=number == 0, failed=False)
        for number in (0, 1)
    ]
    return [*found, *seen]


@pytest.fixture
def routed() -> Sample:
    sample = running()
    rows = {"checkout": Users().add(lines()), "another": Users().add(lines()[:1])}
    sample.items.append({"sk": "by-user#1#000", "at": NOON + 200, "rows": rows})
    last = [each for each in sample.items if each.get("kind") == "judged"][-1]["verdicts"][0]
    last.update(metric="users", canary=[3, 64], stable=[1, 640], since=None, within=None, log_e_value=1.5)
    return sample


def row_of(html: str, what: str) -> str:
    """Give the text of the row that begins so, cells parted by a bar."""
    row = next(row for row in re.findall(r"<tr>.*?</tr>", html) if f">{what}" in row)
    return re.sub(r"<[^>]+>", "", re.sub(r"</t[dh]>", "|", row))


def test_the_table_has_the_users_of_both_channels_and_calls_only_as_shown(routed: Sample) -> None:
    html = page(routed.report())
    assert row_of(html, "users failed, of about").startswith(
        "users failed, of about|0.156 %1 of 640|4.69 %3 of 64|+4.53 points|once in 4"
    )
    assert row_of(html, "failed").startswith("failed (only shown)|")


def test_a_chart_has_who_failed_first_in_each_minute(routed: Sample) -> None:
    html = page(routed.report())
    assert "Users who fail for the first time at their step" in html
    assert "12:02 new 3 of about 3, before 0 of about 0" in html
    assert "12:03 new 0 of about 64, before 1 of about 64" in html


def test_the_data_has_each_minute_too(routed: Sample) -> None:
    found = document(routed.report())["targets"][0]["metrics"][0]
    assert {name: found[name] for name in ("metric", "canary", "stable", "gates", "log_e_value")} == {
        "metric": "users",
        "canary": [3, 64],
        "stable": [1, 640],
        "gates": True,
        "log_e_value": 1.5,
    }
    assert (found["canary_minutes"], found["stable_minutes"]) == ([[3, 3], [0, 64]], [None, [1, 64]])


def test_widget_and_summary_show_them(routed: Sample) -> None:
    html = widget(Frame("arn:aws:lambda:eu-west-1:123456789012:function:widget"), routed.report(), [])
    assert "3 of 64" in row_of(html, "users failed, of about")
    assert "| users failed, of about | 42: 0.156 %, 1 of 640 | 43: 4.69 %, 3 of 64 |" in markdown(routed.report())


def test_without_minutes_the_last_tick_is_shown(routed: Sample) -> None:
    """The widget reads no minutes of a long release."""
    routed.items = [item for item in routed.items if not item["sk"].startswith("by-user#")]
    assert "3 of 64" in row_of(page(routed.report()), "users failed, of about")


def test_a_release_by_calls_shows_no_users() -> None:
    assert "users" not in [metric["metric"] for metric in document(running().report())["targets"][0]["metrics"]]
    assert "Users who fail" not in json.dumps(page(running().report()))
