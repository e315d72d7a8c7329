"""The page of a report: what it says, what it carries, and what it must not have."""

import json
import re
from xml.etree import ElementTree

import pytest

from tests import report_samples
from tests.builders import NOON
from tests.html_elements import Elements
from tidegate.domain.schedule import LAG, MINUTE
from tidegate.report.axis import Axis
from tidegate.report.document import document
from tidegate.report.markup import execution_link, safe
from tidegate.report.model import Report
from tidegate.report.page import POLICY, page, read_back
from tidegate.report.plot import Scale, above, path, weights

MOST_BYTES = 100_000
SAMPLES = {
    "released": report_samples.released,
    "rolled-back": report_samples.rolled_back,
    "running": report_samples.running,
}

each_sample = pytest.mark.parametrize("name", SAMPLES)


def report(name: str) -> Report:
    return SAMPLES[name]().report()


@each_sample
def test_the_outcome_comes_first_and_the_data_last(name: str) -> None:
    text = page(report(name))
    order = [
        "<h1",
        "What was compared",
        "Minute by minute",
        "Path of the execution",
        "What happened",
        "The data of this page",
    ]
    places = [text.index(each) for each in order]
    assert places == sorted(places)


@each_sample
def test_elements_are_closed_and_nothing_is_run_or_fetched(name: str) -> None:
    for tag, attributes in Elements(page(report(name))).found:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
        assert not [key for key in attributes if key.startswith("on") or key in {"src", "srcset"}]
        if "href" in attributes:
            assert tag == "a"
    assert "url(" not in page(report(name))
    assert f'content="{POLICY.replace(chr(39), "&#x27;")}"' in page(report(name))


@each_sample
def test_each_drawing_says_what_it_is_to_who_cannot_see_it(name: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", page(report(name)), re.DOTALL)
    assert len(drawings) == 8
    for each in drawings:
        root = ElementTree.fromstring(each)
        assert root.get("role") == "img"
        assert root.get("aria-label") or root.findtext("title") or root.findtext("{http://www.w3.org/2000/svg}title")


def test_an_hour_fits_into_100_kb() -> None:
    assert len(page(report("released")).encode()) <= MOST_BYTES


def test_days_of_holding_are_drawn_no_larger() -> None:
    """A screen has no more columns; all minutes are in the data."""
    held = report_samples.held_for_days()
    axis = Axis.of(held)
    assert axis is not None
    assert axis.columns <= 180
    drawn = page(held).split('id="data"', 1)[0]
    assert len(drawn.encode()) < 1.5 * MOST_BYTES
    assert len(document(held)["ticks"]) == len(held.ticks) > 2000


@each_sample
def test_the_data_can_be_read_back_from_the_page(name: str) -> None:
    shown = report(name)
    assert read_back(page(shown)) == json.loads(json.dumps(document(shown)))


def test_a_page_that_is_no_report_is_told_apart() -> None:
    with pytest.raises(ValueError, match="not a report"):
        read_back("<!doctype html><title>Something else</title><pre>{}</pre>")


def test_no_traffic_breaks_a_line_and_is_never_a_zero() -> None:
    assert path([1.0, 2.0, 1.0, None, 4.0], Scale(4.0)) == ("M0.5 300l1-100 1 100", "M4.5 0h0")
    assert path([None, None], Scale(4.0)) == ("", "")


def test_what_would_have_failed_is_above_its_values_and_has_the_same_gaps() -> None:
    assert above([1.0, 1.0, 2.0, None, 9.0], Scale(4.0)) == "M0 0V300h2V200h1V0zM4 0V0h1V0z"
    assert above([None], Scale(4.0)) == above([], Scale(4.0)) == ""


def test_the_minute_that_failed_is_in_the_band_and_no_minute_of_a_release_that_went_well_is() -> None:
    def inside(name: str) -> list[int]:
        """Number the minutes in which the errors of the new version were enough to fail it."""
        metric = report(name).targets[0].metrics[0]
        assert set(metric.fails_from) <= set(metric.minutes)
        rates = ((minute, metric.minutes[minute].canary.rate or 0.0) for minute in metric.fails_from)
        return [(minute - NOON) // MINUTE for minute, rate in rates if rate >= metric.fails_from[minute]]

    assert inside("released") == []
    assert inside("rolled-back") == [18]
    assert report("rolled-back").ticks[-1].at == NOON + 19 * MINUTE + LAG


def test_a_metric_that_only_shows_has_no_band_and_neither_have_minutes_that_share_a_column() -> None:
    sample = report_samples.running()
    for item in sample.items:
        for verdict in item.get("verdicts", ()):
            for metric in verdict["metrics"]:
                metric["share"] = 0.0 if metric["name"] == "latency-p99" else metric["share"]
    assert [bool(each.fails_from) for each in sample.report().targets[0].metrics] == [True, True, False]
    assert "would have failed" not in page(report_samples.held_for_days())


def test_starts_are_shown_as_far_as_probes_found_them() -> None:
    def shown(**known: dict[str, dict[str, float]]) -> list[tuple[str, str]]:
        figure = page(report_samples.running().report(**known)).partition("<b>Start</b>")[2].partition("</figure>")[0]
        return re.findall(r"<div[^>]*><span>(.*?)</span>.*?<b>(.*?)</b>", figure)

    assert shown() == [("version 41", "362 ms"), ("version 42, before", "370 ms"), ("version 43, new", "412 ms")]
    assert shown(starts={}) == [("version 43, new", "412 ms")]
    many = {str(number): 0.1 for number in range(1, 43)}
    assert shown(starts={"checkout:live": many})[0] == ("version 38", "100 ms")


def test_the_stair_ends_where_the_release_does() -> None:
    back, out = report("rolled-back"), report("released")
    for shown, last in ((back, 0.0), (out, 100.0)):
        axis = Axis.of(shown)
        assert axis is not None
        assert weights(shown, axis)[-1][1] == last


def test_a_scale_has_a_round_half() -> None:
    assert [Scale.over(value, least=0.01).top for value in (0.003, 0.011, 0.05, 0.07, 0.9)] == pytest.approx(
        [0.01, 0.02, 0.06, 0.08, 1.0]
    )


def test_only_an_address_that_runs_nothing_becomes_a_link() -> None:
    assert safe("https://ci.example.com/runs/1")
    assert not any(
        safe(each) for each in ("javascript:alert(1)", "data:text/html,x", "//host", "https://", "ci", "https://[x")
    )


def test_the_execution_is_linked_in_the_console_of_its_region() -> None:
    assert execution_link(report_samples.ARN) == (
        "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/"
        + report_samples.ARN
    )
    assert execution_link("") is None
    assert execution_link("arn:aws:states:eu-west-1:1:stateMachine:x") is None


def test_several_targets_have_a_row_each_and_the_worst_is_first() -> None:
    sample = report_samples.rolled_back()
    plan = sample.record["plan"]
    plan["targets"].insert(0, plan["targets"][0] | {"function": "cart"})
    for item in sample.items:
        if item.get("kind") == "judged":
            item["verdicts"].insert(
                0, item["verdicts"][0] | {"target": "cart:live", "verdict": "pass", "log_e_value": 0.1}
            )
    text = page(sample.report())
    table = text[text.index("What was compared") : text.index("Minute by minute")]
    assert table.index("checkout:live") < table.index("cart:live")


def test_one_that_never_shifted_has_no_charts() -> None:
    sample = report_samples.running()
    sample.items = [item for item in sample.items if item["sk"].startswith(("record", "target#", "event#"))]
    sample.items = [item for item in sample.items if item.get("kind") != "judged"]
    text = page(sample.report())
    assert "Minute by minute" not in text
    assert "no request has reached them yet" in text
