"""The widget of the dashboard: what it shows, what its buttons send, and what it makes of what it is sent."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests import browser, report_samples
from tests.fakes.widget_host import HOSTS, Parsed, hosted, shown_event
from tests.report_samples import Sample, held_for_days
from tidegate.entry.widget import Viewing, parse_viewing
from tidegate.report.widget import MOST_TARGETS, ButtonAnswer, Frame, Known, scoped, widget

ENDPOINT = "arn:aws:lambda:eu-west-1:123456789012:function:tidegate-WidgetFunction-1"
FRAME = Frame(ENDPOINT)
SAMPLES = {
    "released": report_samples.released,
    "rolled-back": report_samples.rolled_back,
    "running": report_samples.running,
}
MOST_BYTES = 64_000
TIMES = "\N{MULTIPLICATION SIGN}"
SCRIPT = "<script>alert(1)</script>"

each_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
in_a_browser = pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium is installed")
Make = Callable[[], Sample]


def shown(sample: Make, frame: Frame = FRAME) -> str:
    return widget(frame, sample().report(), [])


@each_sample
def test_it_has_nothing_that_cloudwatch_would_take_out_and_nothing_to_fetch(sample: Make) -> None:
    for tag, attributes in Parsed(shown(sample)).elements:
        assert tag not in {"script", "iframe", "use", "link", "img", "object", "embed", "base", "html", "body"}
        assert not [key for key in attributes if key.startswith("on") or key in {"src", "srcset"}]
    assert "url(" not in shown(sample)


@each_sample
def test_it_shows_the_drawing_of_the_state_machine_with_the_way_in_it(sample: Make) -> None:
    assert 'class="machine run"' in shown(sample)
    assert 'class="state done task" id="state-Plan"' in shown(sample)


@pytest.mark.parametrize(("shifts", "to"), [(0, 5), (1, 10), (3, 50), (4, 100)])
def test_a_running_release_can_be_promoted_to_its_next_step_held_and_aborted_each_confirmed(
    shifts: int, to: float
) -> None:
    report = report_samples.running().report()
    buttons = Parsed(widget(FRAME, replace(report, shifts=report.shifts[:shifts]), [])).buttons
    release = report_samples.NAME
    assert {label: button.event for label, button in buttons.items()} == {
        f"Promote to {to} %": {"release": release, "decision": "promote", "to": to},
        "Hold": {"release": release, "decision": "hold"},
        "Abort": {"release": release, "decision": "abort"},
    }
    for button in buttons.values():
        assert (button.action["action"], button.action["endpoint"]) == ("call", ENDPOINT)
        assert release in str(button.action["confirmation"])


@pytest.mark.parametrize("sample", [report_samples.released, report_samples.rolled_back])
def test_one_that_is_over_has_no_buttons(sample: Make) -> None:
    assert Parsed(shown(sample)).buttons == {}


def test_one_that_is_about_to_be_rolled_back_says_so_and_has_none() -> None:
    sample = report_samples.running()
    sample.items[-1].update(verdict="fail", next="roll_back")
    for shown_as in ("newest tick", "record"):
        parsed = Parsed(widget(FRAME, sample.report(), []))
        assert (parsed.buttons, "It is being rolled back." in parsed.text) == ({}, True), shown_as
        assert "Rolling back" in parsed.text
        sample.items[-1].update(next="bake")
        sample.record["status"] = "undoing"


def test_one_that_looks_back_says_so_and_can_only_be_aborted() -> None:
    sample = report_samples.running()
    for state in ("Finish", "Look back?"):
        sample.visit(state, 1_800_020_000)
    parsed = Parsed(widget(FRAME, sample.report(), []))
    assert "Every request has gone to the new version since 13:33 UTC; the look back" in parsed.text
    assert "50 % of the requests have gone to the new version" not in parsed.text
    assert list(parsed.buttons) == ["Abort"]


def test_without_one_it_says_so_and_shows_the_last_ones() -> None:
    past = [Known("checkout-1", ("checkout:live", "cart:live", "stock:live"), 1_800_014_400, "rolled-back")]
    parsed = Parsed(widget(FRAME, None, past))
    assert "No release is running." in parsed.text
    assert "checkout:live, cart:live and 1 more" in parsed.text
    assert "rolled back" in parsed.text
    assert parsed.buttons["checkout-1"].event == {"release": "checkout-1"}


def test_other_releases_stand_above_the_drawing_where_nobody_has_to_scroll_for_them() -> None:
    shown = widget(FRAME, report_samples.running().report(), [Known("cart-7", ("cart:live",), 0, "running")])
    assert shown.index("Recent events") < shown.index("cart-7") < shown.index("Path of the execution")


def test_the_fields_of_the_form_have_names_for_whoever_does_not_see_them() -> None:
    fields = [attributes for tag, attributes in Parsed(shown(report_samples.running)).elements if tag == "input"]
    assert [each["name"] for each in fields] == ["by", "reason"]
    assert all(each["aria-label"] for each in fields)


def test_what_was_asked_and_decided_last_is_shown() -> None:
    sample = report_samples.running()
    for minute in range(9):
        sample.event(1_800_020_000 + minute, "held", f"may it continue? {minute}", weight=50, why="it asks")
    text = Parsed(widget(FRAME, sample.report(), [])).text
    assert [f"may it continue? {minute}" in text for minute in range(9)] == [False] * 3 + [True] * 6


def test_of_a_way_that_was_not_read_whole_nothing_is_counted() -> None:
    report = report_samples.running().report()
    assert f"{TIMES}</text>" in widget(FRAME, report, [])
    cut = widget(FRAME, replace(report, way_whole=False), [])
    assert f"{TIMES}</text>" not in cut
    assert "its beginning and its last hour or two" in Parsed(cut).text


def test_foreign_text_stays_text() -> None:
    sample = report_samples.running()
    sample.record["labels"]["note"] = SCRIPT
    text = widget(FRAME, sample.report(), [Known("x", (SCRIPT,), 0, SCRIPT)], ButtonAnswer(SCRIPT))
    assert "<script" not in text
    assert Parsed(text).text.count(SCRIPT.lower()) + Parsed(text).text.count(SCRIPT) >= 3


def test_it_stays_small_however_long_and_wide_a_release_is() -> None:
    held = held_for_days()
    targets = tuple(replace(held.targets[0], name=f"function-{n}:live") for n in range(100))
    text = widget(FRAME, replace(held, targets=targets), [])
    assert len(text.encode()) < MOST_BYTES
    assert f"{100 - MOST_TARGETS} more targets" in Parsed(text).text
    assert "function-0:live, function-1:live and 98 more" in Parsed(text).text
    assert len(shown(report_samples.released).encode()) < MOST_BYTES


def test_no_rule_of_its_style_reaches_the_page_around_it() -> None:
    for dark in (False, True):
        shows = shown(report_samples.running, Frame(ENDPOINT, dark))
        styles = re.findall(r"<style>(.*?)</style>", shows, re.DOTALL)
        assert styles
        for style in styles:
            selectors = [rule.partition("{")[0] for rule in style.split("}") if rule.strip()]
            assert selectors
            for each in selectors:
                parts = re.split(r",(?![^(]*\))", each.strip())
                assert all(part.strip().split()[0] == ".tidegate" for part in parts), each


def test_rules_for_the_dark_are_applied_by_what_is_around() -> None:
    css = ":root{--a:1}@media(prefers-color-scheme:dark){:root{--a:2}b:is(.x,.y),i{c:d}}@media print{p{q:r}}"
    assert scoped(css, ".z", dark=False).split() == [".z{--a:1}"]
    assert scoped(css, ".z", dark=True).split("\n")[1:] == [".z{--a:1}", ".z{--a:2}", ".z b:is(.x,.y),.z i{c:d}"]


@in_a_browser
@pytest.mark.parametrize("dark", [False, True])
def test_it_shows_in_the_colours_of_the_console_with_no_complaint_and_fetches_nothing(
    dark: bool, tmp_path: Path
) -> None:
    """In a browser that prefers the other ones."""
    page = tmp_path / "widget.html"
    page.write_text(hosted(shown(report_samples.running, Frame(ENDPOINT, dark)), dark=dark))
    opened = browser.look(page, dark=not dark, height=400)
    assert (opened.console, opened.fetched) == ([], [])
    assert "#{:02x}{:02x}{:02x}".format(*opened.background) == HOSTS[dark], "the page around is as it was"


def pressed(**event: object) -> dict[str, object]:
    order = parse_viewing(shown_event(**event)).order  # type: ignore[arg-type] # anything may be sent
    assert order is not None
    return order


def test_who_pressed_is_what_they_wrote_and_says_that_nobody_checked_it() -> None:
    form = {"by": " ana ", "reason": "orders are missing"}
    assert pressed(release="x", decision="abort", form=form) == {
        "release": "x",
        "decision": "abort",
        "by": "ana (on the dashboard, unverified)",
        "via": "dashboard",
        "reason": "orders are missing",
    }
    assert pressed(release="x", decision="hold")["by"] == "somebody (on the dashboard, unverified)"


def test_a_dashboard_that_would_decide_by_being_looked_at_is_refused() -> None:
    viewing = parse_viewing(shown_event(params={"release": "x", "decision": "abort"}))
    assert viewing.order is None
    assert "must not decide when it is displayed" in str(viewing.problem)


@pytest.mark.parametrize("named", [SCRIPT, "", "a b", "x" * 81, 7, {"a": 1}, ["x"]])
@pytest.mark.parametrize("decision", [None, "abort"])
def test_what_is_no_name_is_answered_and_never_looked_for(named: object, decision: str | None) -> None:
    viewing = parse_viewing(shown_event(release=named, decision=decision))
    assert (viewing.release, viewing.order) == (None, None)
    assert str(viewing.problem).startswith("Not a valid release name: ")
    assert len(str(viewing.problem)) < 120


@pytest.mark.parametrize("event", [{}, {"widgetContext": 7}, {"widgetContext": {"forms": [], "params": "x"}}])
def test_a_context_that_cannot_be_read_shows_what_is_running(event: dict[str, object]) -> None:
    assert parse_viewing(event) == Viewing()


def test_the_theme_of_the_console_is_followed() -> None:
    assert [parse_viewing(shown_event(theme=theme)).dark for theme in ("dark", "light", "?")] == [True, False, False]
