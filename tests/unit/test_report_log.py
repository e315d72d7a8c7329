"""The evidence of the logs in a report: a metric like the others, on the same axis."""

from tests import report_samples
from tests.builders import NOON
from tidegate.domain.analysis.log_calls import SLOT
from tidegate.domain.judge import Metric, Minute, judge_metrics
from tidegate.report.document import document
from tidegate.report.markdown import markdown
from tidegate.report.page import page

SLOTS = [[NOON + 10 * place, 3, place, 57, 0] for place in range(4)]


def sample() -> report_samples.Sample:
    shown = report_samples.running()
    shown.record["plan"]["targets"][0]["looks_at_logs"] = True
    shown.items.append({"sk": "counts#0#900", "at": NOON + 45, "rows": {shown.target: {"log": SLOTS}}})
    (verdict,) = next(item for item in reversed(shown.items) if item.get("kind") == "judged")["verdicts"]
    said = {"name": "log", "canary": [6, 12], "stable": [0, 228], "log_e_value": 2.5, "share": 0.1, "information": 1.0}
    verdict["metrics"].append(said)
    return shown


def test_a_report_shows_what_the_logs_said_beside_the_metrics() -> None:
    report = sample().report()
    (target,) = report.targets
    (log,) = (metric for metric in target.metrics if metric.name == "log")

    assert (log.what, log.share, log.limit) == ("failed in the log", 0.1, report.limit)
    assert log.fails_from == {}, "a column has several slots"
    assert list(log.minutes) == [NOON, NOON + 10, NOON + 20, NOON + 30]
    text = page(report)
    assert "Calls that failed in the log" in text
    assert "6/12" in text, "the slots of a minute are one column"


def test_the_data_has_the_sums_of_its_slots_by_minute() -> None:
    report = sample().report()
    (target,) = document(report)["targets"]
    (log,) = (metric for metric in target["metrics"] if metric["metric"] == "log")
    assert (log["start"], log["canary_minutes"], log["stable_minutes"]) == (
        "2027-01-15T12:00:00Z",
        [[6, 12]],
        [[0, 228]],
    )


def test_a_window_that_begins_within_a_minute_is_named_to_the_second() -> None:
    bad, good = Minute(20, 18, 380, 1), Minute(20, 0, 380, 1)
    slots = {NOON + SLOT * place: good if place < 3 else bad for place in range(1, 9)}
    errors = Metric("errors", {NOON: Minute(20, 0, 380, 1)})
    whole, failed = (
        judge_metrics([errors, Metric("log", each, noun="failed in the log", seconds=SLOT)], alpha=0.05)
        for each in (dict.fromkeys(slots, good), slots)
    )
    assert whole.metric("log").shown.named_since is None, "the first slot is the first data of the release"
    assert failed.metric("log").shown.named_since == NOON + 3 * SLOT
    assert "log: since 2027-01-15 12:00:30 UTC, on the canary 108 of 120 calls failed in the log" in failed.summary


def test_the_markdown_names_it_too() -> None:
    assert "failed in the log" in markdown(sample().report())
