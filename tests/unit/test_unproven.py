"""A promotion without proof: its words in the record, the command, CI, the report and the widget."""

from typing import Any

import pytest

from tests.builders import NOON, a_plan
from tests.fakes.small_aws import small_aws, take_on
from tidegate.aws.ledger import notes, records
from tidegate.domain.events.milestone import Finished
from tidegate.domain.ledger_items import ReleaseItems
from tidegate.entry.widget import _known_by
from tidegate.report import words
from tidegate.report.model import Report
from tidegate_cli.ci import KNOWN_TO_THE_LEDGER
from tidegate_cli.ending import ending_of
from tidegate_cli.outcome import Outcome
from tidegate_cli.release_state import ExecutionState, Sight
from tidegate_cli.views.lines import GOOD, WAITING, style_of

BOTH = [
    ("not-compared", "released-not-compared", "Released, not compared"),
    ("not-proven", "promoted-not-proven", "Promoted, not proven"),
]


def a_report(**fields: Any) -> Report:
    return Report("r-1", "released", "So it is", "", NOON, NOON, NOON, **fields)


@pytest.mark.parametrize(("proof", "word", "title"), BOTH)
def test_the_report_and_the_widget_have_an_amber_badge(proof: str, word: str, title: str) -> None:
    report = a_report(proof=proof)
    assert (report.state, words.title(report.state), words.tone(report.state)) == (word, title, "warn")
    record = {"started": NOON, "ended": "released", "proof": proof}
    assert words.title(_known_by("r-1", ["checkout:live"], record).state) == title
    assert words.tone(a_report().state) == "good"


@pytest.mark.parametrize(("proof", "word", "_"), BOTH)
def test_the_command_has_a_word_for_it_and_exits_with_0(proof: str, word: str, _: str) -> None:
    record = {"sk": "record", "status": "promoted", "started": NOON, "labels": {}, "plan": a_plan().document()}
    for ended in ({"ended": "released", "outcome": "So it is."}, {}):
        items = ReleaseItems([{**record, **ended, "proof": proof}])
        ending = ending_of(Sight("r-1", ExecutionState("SUCCEEDED"), items))
        assert ending is not None
        assert (ending.outcome.word, ending.outcome.code) == (word, 0)
        assert ending.outcome.promoted
        assert ending.outcome in KNOWN_TO_THE_LEDGER


def test_only_those_two_outcomes_are_unproven() -> None:
    assert {each for each in Outcome if each.unproven} == {Outcome.NOT_COMPARED, Outcome.NOT_PROVEN}
    assert {each for each in Outcome if each.promoted} == {Outcome.RELEASED, Outcome.NOT_COMPARED, Outcome.NOT_PROVEN}


def test_the_last_line_is_amber() -> None:
    def finished(proof: str) -> Finished:
        return Finished(at=NOON, release="r-1", summary="checkout:live is on version 43", proof=proof)

    assert (style_of(finished("not-proven")), style_of(finished(""))) == (WAITING, GOOD)


def test_the_record_keeps_it_with_the_targets_that_lack_proof() -> None:
    with small_aws():
        take_on("r-1", "arn:r-1", a_plan())
        assert (records.read("r-1").proof, records.read("r-1").unproven) == ("", ())
        notes.note_proof("r-1", "not-proven", ("checkout:live",))
        notes.note_expiry("r-1", NOON + 3600)
        release = records.read("r-1")
    assert (release.proof, release.unproven, release.expiry_told) == ("not-proven", ("checkout:live",), NOON + 3600)
