"""The evidence of the logs in a report: a metric like the others, on the same axis."""

from tests import report_samples
from tests.builders import NOON
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


def test_the_markdown_names_it_too() -> None:
    assert "failed in the log" in markdown(sample().report())
