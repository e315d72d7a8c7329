"""Whatever text a release brings along, its report stays a report."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.builders import NOON
from tests.hostile_report import SAMPLE, hostile
from tests.html_elements import Elements
from tests.property.examples import examples
from tidegate.report.axis import Axis
from tidegate.report.document import document
from tidegate.report.markdown import MOST_BYTES, markdown
from tidegate.report.model import WeightChange
from tidegate.report.page import page, read_back

HOSTILE = (
    "</pre><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><svg onload=alert(1)>",
    "<!--",
    "]]>",
    "javascript:alert(1)",
    "\ud800",
    "\x00\x1b[31m",
    "&lt;b&gt;",
    "``` | @all\n# x",
    "\u202e",
)
texts = st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=40)


def attributes(page: str) -> set[tuple[str, str]]:
    return {(tag, key) for tag, each in Elements(page).found for key in (*each, "")}


USUAL = attributes(page(SAMPLE.report()))


@given(texts)
@examples(60)
def test_foreign_text_adds_no_element_and_no_attribute(text: str) -> None:
    written = page(hostile(text))
    assert attributes(written) <= USUAL
    links = {each["href"] for tag, each in Elements(written).found if tag == "a"}
    assert all((link or "").startswith(("https://", "http://")) for link in links)


@given(texts)
@examples(60)
def test_the_data_comes_back_as_it_was_whatever_is_in_it(text: str) -> None:
    report = hostile(text)
    assert read_back(page(report)) == json.loads(json.dumps(document(report)))


@given(texts)
@examples(60)
def test_a_summary_stays_small_and_no_text_becomes_markup_in_it(text: str) -> None:
    written = markdown(hostile(text))
    assert len(written.encode()) <= MOST_BYTES
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(written)
    tags = {tag for tag, _ in Elements(html).found}
    assert tags <= {"h3", "p", "table", "thead", "tbody", "tr", "th", "td", "pre", "code", "details", "summary"}


@given(st.integers(0, 20_000), st.integers(1, 5))
@examples(100)
def test_any_length_of_time_fits_on_the_axis(minutes: int, shifts: int) -> None:
    changes = tuple(WeightChange(NOON + 60 * n, 10.0 * n + 10) for n in range(shifts))
    axis = Axis.of(replace(SAMPLE.report(), shifts=changes, ended=NOON + 60 * minutes))
    assert axis is not None
    assert 1 <= axis.columns <= 180
    assert axis.end > NOON + 60 * minutes
    assert len(list(axis.labels())) <= 9
