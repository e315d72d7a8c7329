"""Whatever a function answers and logs, what is made of it is small, on one line, and never an exception."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.probe_logs import JSON_INIT_TIMEOUT, JSON_SLOW, TEXT_CRASH, TEXT_INIT_TIMEOUT, TEXT_SLOW
from tests.unit.probing import judged
from tidegate.domain.analysis.log_errors import MOST, LogLine, distinct_errors, request_after
from tidegate.domain.errors import LONGEST, sentence_of
from tidegate.domain.foreign_text import one_line
from tidegate.domain.probe_answer import ProbeAnswer

RECORDED = (JSON_INIT_TIMEOUT, JSON_SLOW, TEXT_CRASH, TEXT_INIT_TIMEOUT, TEXT_SLOW)
OF_TEXT = (
    "INIT_REPORT ",
    "REPORT RequestId: ",
    "Phase: invoke",
    "\tStatus: error",
    "Init Duration: ",
    "1.2.3 ms",
    "\n",
)
OF_ERRORS = (
    '{"type": "platform.report", "record": ',
    '"errorType": "',
    " Task timed out after ",
    "0d1b2a3c-",
    "[ERROR] ",
)
PIECES = (*RECORDED, *OF_TEXT, *OF_ERRORS)
TEXT = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=40)), max_size=12).map("".join)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)
PAYLOAD = st.one_of(
    JSON, st.fixed_dictionaries({}, optional=dict.fromkeys(("errorType", "errorMessage", "requestId"), JSON))
)


@given(PAYLOAD, st.sampled_from([None, "Unhandled"]), TEXT, st.booleans())
def test_an_answer_of_any_form_is_told_in_a_short_line(
    payload: Any, error: str | None, log: str, given_one: bool
) -> None:
    finding = judged(ProbeAnswer(payload, error, log), has_payload=given_one, max_init_seconds=1)
    assert one_line(finding.sentence) == finding.sentence
    assert len(finding.sentence) < 700
    assert finding.init_seconds is None or 0 <= finding.init_seconds < 1e8
    assert error or finding.error in {None, "InitTooSlow"}


@given(st.lists(st.builds(LogLine, st.sampled_from("ab"), TEXT), max_size=8))
def test_lines_of_any_form_give_few_errors_with_valid_names(lines: list[LogLine]) -> None:
    found = distinct_errors(lines)
    assert len(found) <= MOST
    for each in found:
        assert each.type.isprintable()
        assert len(each.type) <= 100
        assert each.request_id is None or len(each.request_id) == 36
        assert each.unnamed is None or request_after(each.unnamed, lines) is None or each.request_id is None


@given(TEXT)
def test_a_cause_of_any_form_is_a_short_line(cause: str) -> None:
    sentence = sentence_of(cause)
    assert sentence
    assert len(sentence) <= LONGEST + 1
    assert one_line(sentence) == sentence
