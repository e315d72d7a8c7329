"""What the ledger and Step Functions say of a release becomes what its report shows."""

from math import log
from typing import Any

import pytest

from tests import report_samples
from tests.builders import NOON
from tests.report_samples import ARN, NAME, STARTED
from tidegate.domain.execution import Execution
from tidegate.domain.schedule import MINUTE
from tidegate.report import model
from tidegate.report.load import load
from tidegate.report.model import Counts, Pair, Report
from tidegate.report.story import consequence, sentence


def execution(status: str, **details: Any) -> Execution:
    stopped = None if status == "RUNNING" else STARTED + 5
    return Execution(ARN, status, STARTED, stopped, **details)


def of_execution(status: str, **details: Any) -> Report:
    """Load a release that the ledger does not know."""
    return load(NAME, [], now=NOON, execution=execution(status, **details))


def test_a_released_one_says_what_was_compared() -> None:
    report = report_samples.released().report()
    assert report.outcome == model.RELEASED
    assert sentence(report).startswith("On version 43 of checkout:live, ")
    assert report.targets[0].verdict == "pass"
    assert len(report.ticks) == 60


def test_a_rolled_back_one_gives_the_numbers_of_both_versions_and_the_limit() -> None:
    report = report_samples.rolled_back().report()
    assert report.outcome == model.ROLLED_BACK
    whole = report.targets[0].metrics[0].whole
    assert f"{whole.canary.bad} of {whole.canary.total:,} calls failed" in sentence(report)
    assert "the limit is once in 20" in sentence(report)
    assert consequence(report) == "checkout:live is 100 % on version 42 again."


def test_a_difference_is_one_within_the_minutes() -> None:
    """In a brown-out while the weight rises, the whole rates differ though no minute's do."""
    quiet = Pair(stable=Counts(0, 900), canary=Counts(0, 100))
    brown_out = Pair(stable=Counts(50, 500), canary=Counts(50, 500))
    metric = model.Metric("errors", "failed", {0: quiet, 60: brown_out}, quiet + brown_out)
    assert metric.whole.canary.rate == pytest.approx(0.083, abs=0.001)
    assert metric.whole.stable.rate == pytest.approx(0.036, abs=0.001)
    assert metric.difference == 0
    assert model.Metric("errors", "failed", {0: Pair(stable=Counts(1, 9))}, Pair()).difference is None


def test_a_running_one_says_how_it_stands_and_has_no_end() -> None:
    report = report_samples.running().report()
    assert (report.outcome, report.ended) == (model.RUNNING, None)
    assert sentence(report).startswith("50 % of the requests go to the new version since 12:19 UTC.")


def test_what_the_ledger_says_last_of_a_minute_counts() -> None:
    """Late calls appear in a minute after it was first read."""
    sample = report_samples.running()
    *_, newest = (item for item in sample.items if item.get("kind") == "judged")
    minute = newest["evidence"]["checkout:live"]["minutes"][-2]
    minute |= {"canary_total": 77, "canary_bad": 7}
    assert sample.report().targets[0].metrics[0].minutes[minute["start"]].canary == Counts(7, 77)


def test_a_minute_without_calls_is_not_there() -> None:
    minutes = report_samples.released().report().targets[0].metrics[0].minutes
    silent = {NOON + minute * MINUTE for minute in report_samples.SILENT}
    assert silent.isdisjoint(minutes)
    assert Pair() not in minutes.values()
    assert Counts(0, 0).rate is None


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
    plan = sample.record["plan"]
    plan["targets"].append(plan["targets"][0] | {"function": "cart"})
    for item in sample.items:
        if item.get("kind") == "judged":
            item["verdicts"].append(item["verdicts"][0] | {"target": "cart:live", "verdict": "no_data"})
            item["evidence"]["cart:live"] = {"problem": "it answered in part", "minutes": []}
    report = sample.report()
    assert report.limit == pytest.approx(log(2 / 0.05))
    cart = report.targets[1]
    assert (cart.verdict, cart.problem) == ("no_data", "it answered in part")


def test_a_record_with_the_least_that_any_ledger_had_is_shown() -> None:
    target = {"function": "checkout", "alias": "live", "snapshot": None}
    plan = {"targets": [target], "strategy": {"name": "all-at-once", "steps": []}}
    record = {"sk": "record", "started": NOON, "execution": ARN, "plan": plan}
    report = load(NAME, [record | {"ended": "reverted", "ended_at": NOON + 5}], now=NOON + 60)
    assert (report.outcome, report.targets[0].stable) == ("reverted", None)
