"""What the ledger and Step Functions say of a release becomes what its report shows."""

from dataclasses import replace
from math import log
from typing import Any

import pytest

from tests import report_samples
from tests.builders import NOON
from tests.report_samples import ARN, NAME, STARTED
from tidegate.domain.execution import Execution, Passage
from tidegate.domain.judge import FLEET_SHARE
from tidegate.domain.ledger_items import VERSION_ERRORS
from tidegate.domain.schedule import MINUTE
from tidegate.report import model, words
from tidegate.report.counts import BothVersions, CallCounts, MetricCounts
from tidegate.report.load import load
from tidegate.report.markdown import markdown
from tidegate.report.model import Report
from tidegate.report.page import page
from tidegate.report.words import consequence, headline, sentence


def execution(status: str, **details: Any) -> Execution:
    stopped = None if status == "RUNNING" else STARTED + 5
    return Execution(ARN, status, STARTED, stopped, **details)


def of_execution(status: str, **details: Any) -> Report:
    """Load a release that the ledger does not know."""
    return load(NAME, [], now=NOON, execution=execution(status, **details))


def test_a_released_one_says_what_was_compared() -> None:
    report = report_samples.released().report()
    assert report.outcome == model.RELEASED
    assert sentence(report).startswith("checkout:live is on version 43. Errors: on the canary ")
    assert report.targets[0].verdict == "pass"
    assert [metric.what for metric in report.targets[0].metrics] == ["failed", "took over 160 ms", "took over 320 ms"]
    assert len(report.ticks) == 60


def test_a_rolled_back_one_gives_the_numbers_of_both_versions_and_the_limit() -> None:
    report = report_samples.rolled_back().report()
    assert report.outcome == model.ROLLED_BACK
    assert sentence(report).startswith("Version 43 of checkout:live failed. Errors: since 2027-01-15 12:16 UTC, on the")
    assert sentence(report).endswith("less than once in 3,212 (limit: once in 20).")
    assert consequence(report) == "checkout:live is 100 % on version 42 again."


def test_the_metric_that_failed_is_told_from_those_that_did_not() -> None:
    report = report_samples.rolled_back().report()
    assert [metric.verdict for metric in report.targets[0].metrics] == ["fail", None, None]


def test_a_metric_that_only_reports_has_no_verdict() -> None:
    sample = report_samples.running()
    sample.record["plan"]["metrics"][1]["gates"] = False
    for item in sample.items:
        for verdict in item.get("verdicts", []):
            for metric in verdict["metrics"][1:]:
                metric["share"] = 0.0
    errors, *latency = sample.report().targets[0].metrics
    assert (errors.gates, errors.verdict) == (True, "pass")
    assert [(metric.gates, metric.verdict, metric.limit) for metric in latency] == [(False, None, None)] * 2


def test_totals_that_give_a_wrong_impression_are_shown_beside_the_difference_within_the_minutes() -> None:
    """In a brown-out while the weight rises, the total rates differ though no minute's do."""
    quiet = BothVersions(stable=CallCounts(0, 900), canary=CallCounts(0, 100))
    brown_out = BothVersions(stable=CallCounts(50, 500), canary=CallCounts(50, 500))
    metric = MetricCounts("errors", "failed", {0: quiet, 60: brown_out}, quiet + brown_out, within=0.0)
    assert words.difference(metric) == ("+4.76 points", "0 points within the same minutes")
    assert words.difference(replace(metric, within=0.05)) == ("+4.76 points", "")
    assert words.difference(replace(metric, whole=BothVersions(stable=CallCounts(1, 9)))) == (words.NOTHING, "")


def test_a_running_one_says_how_it_stands_and_has_no_end() -> None:
    report = report_samples.running().report()
    assert (report.outcome, report.ended) == (model.RUNNING, None)
    assert sentence(report).startswith("50 % of the requests have gone to the new version since 12:19 UTC.")


def test_one_that_is_held_before_any_traffic_says_so_and_not_that_it_is_prepared() -> None:
    sample = report_samples.Sample(minutes=0, over=False)
    assert sentence(sample.report()).startswith("Its versions are being prepared")
    sample.record["held"] = "held for an answer: Shall traffic shift?"
    report = sample.report()
    assert (report.outcome, report.state, headline(report)) == ("running", "held", "checkout:live: held")
    assert sentence(report) == (
        "No request has reached the new version yet. It is held for an answer: Shall traffic shift?"
    )


def test_a_held_one_says_why_it_stays() -> None:
    sample = report_samples.running()
    *_, newest = (item for item in sample.items if item.get("kind") == "judged")
    newest.update(held=True, summary=f"{newest['summary']}; held for an answer: Go on to 50 %?")
    report = sample.report()
    assert (report.outcome, report.state, headline(report)) == ("running", "held", "checkout:live: held")
    assert sentence(report).endswith("It is held for an answer: Go on to 50 %?")


@pytest.mark.parametrize("place", ["an item of its own", "the record, as it was before"])
def test_what_a_failed_version_logged_is_shown_with_the_way_to_its_log(place: str) -> None:
    sample = report_samples.rolled_back()
    link = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home#log"
    error = {"target": "checkout:live", "type": "ValueError", "count": 9, "request_id": None, "link": link}
    if place == "an item of its own":
        sample.items.append({"sk": VERSION_ERRORS, "at": sample.items[-1]["at"], "errors": [error]})
    else:
        sample.record["blame"]["errors"] = [error]
    report = sample.report()
    assert f'<a href="{link}">ValueError</a>' in page(report)
    assert "It logged `ValueError` 9\N{MULTIPLICATION SIGN} (checkout:live)." in markdown(report)


def test_a_look_back_that_alerts_is_told_first() -> None:
    sample = report_samples.released()
    sample.event(sample.items[-1]["at"] + 150, "looked-back", "errors after promotion: 9 % failed.", alerts=True)
    report = sample.report()
    assert (report.outcome, headline(report)) == ("released", "checkout:live: released, but worse than before")
    assert consequence(report) == "Looked back: errors after promotion: 9 % failed."


def test_the_weight_is_100_percent_from_finish_on_also_while_a_release_looks_back() -> None:
    sample = report_samples.running()
    at = sample.way[-1].entered
    sample.way += [Passage("Finish", at, "What next?"), Passage("Look back?", at + 7, "Finish")]
    assert sample.report().promoted_at == at + 7
    assert report_samples.running().report().promoted_at is None


def test_what_the_ledger_says_last_of_a_minute_counts() -> None:
    """Late calls appear in a minute after it was first read."""
    sample = report_samples.running()
    start = NOON + 3 * MINUTE
    late = {"sk": "counts#later#000", "at": NOON + 600, "rows": {"checkout:live": {"errors": [[start, 77, 7, 500, 1]]}}}
    sample.items.append(late)
    assert sample.report().targets[0].metrics[0].minutes[start] == BothVersions(CallCounts(1, 500), CallCounts(7, 77))


def test_a_ledger_that_kept_minutes_in_the_ticks_is_read_too() -> None:
    """Compare first wrote the newest three minutes of errors into each tick, with no metric beside them."""
    sample = report_samples.running()
    sample.items = [item for item in sample.items if not item["sk"].startswith(("counts#", "baseline"))]
    for name in ("mde", "metrics", "alarms", "after_minutes", "on_worse"):
        sample.record["plan"].pop(name, None)
    for item in sample.items:
        if item.get("kind") == "judged":
            minute = {"start": item["at"] - 150, "canary_total": 30, "canary_bad": 1, "stable_total": 570}
            item["evidence"] = {"checkout:live": {"problem": None, "minutes": [minute | {"stable_bad": 2}]}}
            del item["verdicts"][0]["metrics"]
    (errors,) = sample.report().targets[0].metrics
    assert (errors.name, errors.what, errors.verdict) == ("errors", "failed", "pass")
    assert errors.minutes[NOON] == BothVersions(CallCounts(2, 570), CallCounts(1, 30))
    assert errors.whole
    assert errors.whole.canary.total > 30


def test_a_minute_without_calls_is_not_there() -> None:
    minutes = report_samples.released().report().targets[0].metrics[0].minutes
    silent = {NOON + minute * MINUTE for minute in report_samples.SILENT}
    assert silent.isdisjoint(minutes)
    assert BothVersions() not in minutes.values()
    assert CallCounts(0, 0).rate is None


def test_items_of_an_earlier_release_of_the_name_are_left_out() -> None:
    sample = report_samples.running()
    sample.event(STARTED - 1, "rolled-back", "long ago")
    assert "long ago" not in {event.text for event in sample.report().events}


def test_a_refused_one_is_known_by_its_execution_alone() -> None:
    report = of_execution("FAILED", error="LockHeld", cause='{"errorMessage": "checkout:live is held."}')
    assert (report.outcome, report.error, sentence(report)) == (model.REFUSED, "LockHeld", "checkout:live is held.")
    assert report.targets == ()


def test_a_dry_run_changed_nothing() -> None:
    assert of_execution("SUCCEEDED").outcome == model.DRY_RUN


def test_one_that_has_just_begun_is_running() -> None:
    assert of_execution("RUNNING").outcome == model.RUNNING


def test_one_whose_execution_ended_before_the_record_was_closed_is_left_to_recover() -> None:
    report = report_samples.running().report(execution=execution("ABORTED", cause="Stopped by hand."))
    assert report.outcome == model.LEFT_TO_RECOVER
    assert sentence(report).startswith("Stopped by hand. Recover brings")


def test_an_execution_that_is_forgotten_leaves_what_the_ledger_has() -> None:
    report = report_samples.rolled_back().report(execution=None, way=None)
    assert (report.outcome, report.execution, report.error) == (model.ROLLED_BACK, ARN, "VersionFailed")
    assert report.way is None


def test_what_is_nowhere_is_not_made_up() -> None:
    with pytest.raises(ValueError, match="nothing is known"):
        load(NAME, [], now=NOON)


def test_a_release_of_several_targets_shares_the_limit() -> None:
    sample = report_samples.running()
    sample.record["plan"]["targets"].append(sample.record["plan"]["targets"][0] | {"function": "cart"})
    sample.items.append({"sk": "target#cart:live", "target": "cart:live", "canary": "9", "at": NOON})
    why = "CloudWatch could not be read: it failed."
    unread = {"target": "cart:live", "verdict": "no_data", "explanation": why, "canary": [0, 0], "stable": [0, 0]}
    for item in sample.items:
        if item.get("kind") == "judged":
            item["verdicts"].append(unread)
    report = sample.report()
    cart = report.targets[1]
    assert (cart.verdict, cart.canary, cart.log_e_value) == ("no_data", "9", None)
    assert report.limit == pytest.approx(log(2 / (0.05 * (1 - FLEET_SHARE))))
    assert report.ticks[-1].targets[1].log_e_value is None


def test_an_outcome_that_is_not_known_is_shown_by_its_word() -> None:
    sample = report_samples.running()
    sample.record.update(ended="reverted", outcome="It was reverted.", ended_at=NOON + 5)
    report = sample.report()
    assert (report.outcome, sentence(report), headline(report)) == (
        "reverted",
        "It was reverted",
        "checkout:live: reverted",
    )
