"""All views of a release show the same counts, windows, limits and differences."""

import re
from collections.abc import Iterable
from datetime import datetime
from html import unescape
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from tests.property.examples import examples
from tests.property.one_release import NAME, OneRelease
from tidegate.domain.amounts import odds, points, signed_points
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.events.milestone import Judged
from tidegate.domain.judge import Verdict
from tidegate.report.document import document
from tidegate.report.markdown import MOST_LETTERS, markdown
from tidegate.report.page import page
from tidegate.report.widget import Frame, widget
from tidegate.report.words import sentence
from tidegate_cli.ci import JobSummary, summary
from tidegate_cli.ending import Ending
from tidegate_cli.outcome import Outcome
from tidegate_cli.views.lines import reasons
from tidegate_cli.views.lines import sentence as line
from tidegate_cli.views.progress import Progress

releases = st.integers(0, 10_000_000).map(OneRelease)
COUNTS = r"(\d[\d,]*) of (\d[\d,]*)"
CLOCK = r"\d\d:\d\d(?::\d\d)?"
SINCE = rf"(?:,? since ({CLOCK})(?: UTC)?)?"
BAD = r"failed in the log|failed|took over [\d.]+ ms|were throttled"
IN_LINE = re.compile(rf"on 43: {COUNTS} (?:{BAD}){SINCE}, 42: {COUNTS};")
IN_SENTENCE = re.compile(
    rf"(?:since \d{{4}}-\d\d-\d\d (?P<since>{CLOCK}) UTC, )?on the canary (?P<canary>{COUNTS}) calls? [^:;]*?, "
    rf"on stable (?P<stable>{COUNTS})"
)


class Numbers(NamedTuple):
    """Bad calls and all calls of both versions, and the start of their window, "" for the whole release."""

    canary: tuple[int, int]
    stable: tuple[int, int]
    since: str

    @property
    def difference(self) -> float:
        return self.canary[0] / self.canary[1] - self.stable[0] / self.stable[1]


def numbers(canary: tuple[str, str], stable: tuple[str, str], since: str | None) -> Numbers:
    return Numbers(pair(*canary), pair(*stable), since or "")


def pair(bad: str, total: str) -> tuple[int, int]:
    return int(bad.replace(",", "")), int(total.replace(",", ""))


def of_document(found: dict[str, Any]) -> Numbers | None:
    """Read what an event or the report's data says of a metric."""
    if found["canary"] is None:
        return None
    return Numbers(tuple(found["canary"]), tuple(found["stable"]), on_clock(found["since"]))


def on_clock(moment: str | None) -> str:
    """Return the time of a day as people read it: with seconds if there are any, as for a slot of a log."""
    return moment[11:19].removesuffix(":00") if moment else ""


def of_line(text: str) -> Numbers | None:
    found = IN_LINE.search(text)
    return numbers((found[1], found[2]), (found[4], found[5]), found[3]) if found else None


def of_sentence(text: str) -> Numbers | None:
    found = IN_SENTENCE.search(text)
    if found is None:
        return None
    (canary,), (stable,) = (re.findall(COUNTS, found[version]) for version in ("canary", "stable"))
    return numbers(canary, stable, found["since"])


def rows(text: str) -> list[dict[str, Any]]:
    """Read the rows of the table in the text of a page or in Markdown."""
    row = re.compile(
        rf"(?P<target>\w+:live)?[ |]*(?P<what>{BAD}){SINCE}"
        r"(?: \(only shown\))?[ |]*"
        rf"(?:42: )?[\d.e-]+ %,? (?P<stable>{COUNTS})[ |]*(?:43: )?[\d.e-]+ %,? (?P<canary>{COUNTS})[ |]*"
        r"(?P<difference>[+-]?[\d.e+-]+ points)(?:,? (?P<within>[+-]?[\d.e+-]+ points) within the same minutes)?[ |]*"
        r"(?P<evidence>no evidence|once in [\d,^]+)(?: \(?limit (?P<limit>once in [\d,^]+))?"
    )
    return [found.groupdict() | {"since": found[3]} for found in row.finditer(text)]


def of_row(row: dict[str, Any]) -> Numbers:
    (canary,), (stable,) = (re.findall(COUNTS, row[version]) for version in ("canary", "stable"))
    return numbers(canary, stable, row["since"])


def plain(html: str) -> str:
    """Return the text of a page."""
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@given(releases)
@examples(50)
def test_line_sentence_cause_and_event_have_the_same_counts_and_windows(release: OneRelease) -> None:
    judged = release.milestone
    assert line(judged) == release.line
    for verdict, told in zip(release.verdicts, judged.targets, strict=True):
        event = of_document(told.model_dump(mode="json"))
        if verdict.traffic and verdict.traffic.fails:
            check_share(verdict)
        else:
            assert of_line(verdict.summary(release.weight)) == event
        if verdict.better:
            check_better(verdict)
        if verdict.verdict is Verdict.FAIL:
            if not verdict.of_all and not (verdict.traffic and verdict.traffic.fails):
                check_sentence(release, verdict, event)
            assert verdict.summary(release.weight) in release.cause or release.cause.endswith("more")
    assert release.cause == "" or release.fails


def check_better(verdict: TargetVerdict) -> None:
    """A fix is better by the difference of its counts, in the line and in the sentence."""
    found = verdict.combined.better if verdict.combined else None
    assert found
    assert found.shown.difference
    fewer = f"{points(-found.shown.difference)} fewer"
    assert f"better: {fewer} {found.metric.noun}" in verdict.summary(10)
    assert f"{found.metric.name}: on the canary {found.shown.counts.canary_bad} of" in verdict.explanation()
    assert f": better: {fewer}" in verdict.explanation()


def check_share(verdict: TargetVerdict) -> None:
    """A canary that hangs fails by its share of the calls: line and sentence have the same one of the same minutes."""
    told = re.search(r"completes (.*?) of (\d+) calls \((.*?) to (.*?)\), (.*?) sent; fail", verdict.summary(10))
    said = re.search(
        r"calls: (.*?) of (\d+) since \S+ (.*?) UTC \(up to (.*?)\), but (.*?) are sent to it", verdict.explanation()
    )
    assert told
    assert said
    assert told.groups() == said.groups()


def check_sentence(release: OneRelease, verdict: TargetVerdict, event: Numbers | None) -> None:
    said = of_sentence(verdict.explanation())
    assert said
    assert event
    assert said[:2] == event[:2]
    assert event.since in {"", said.since}
    if said.difference > 0:
        assert f": {points(said.difference)} worse" in verdict.explanation()
    assert verdict.deciding
    assert verdict.combined
    alone = verdict.deciding.shown.evidence >= release.plan.limit
    evidence = verdict.deciding.shown.evidence if alone else verdict.combined.log_e_value
    told = f"this less than {odds(evidence)}" if alone else f"the other metrics together less than {odds(evidence)}"
    assert f"{told} (limit: {odds(release.plan.limit)})" in verdict.explanation()


@given(releases)
@examples(50)
def test_page_markdown_widget_and_data_have_the_same_rows(release: OneRelease) -> None:
    report = release.report()
    whole = {
        (target["target"], metric["what"]): metric
        for target in document(report)["targets"]
        for metric in target["metrics"]
    }
    several = len(report.targets) > 1
    tables = [
        rows(plain(page(report))),
        rows(markdown(report).replace("\\", "")),
        rows(plain(widget(Frame("arn"), report, ()))),
    ]
    for table in tables:
        assert len(table) == sum(1 for metric in whole.values() if compared(metric))
        for row in table:
            metric = whole[row["target"] if several or row["target"] else "checkout:live", row["what"]]
            assert of_row(row) == of_document(metric)
            assert row["difference"] == signed_points(of_row(row).difference)
            assert row["limit"] == (
                odds(release.plan.limit) if metric["gates"] and metric["log_e_value"] is not None else None
            )
    assert all(
        key(first) == key(other) for first, *others in zip(*map(by_name, tables), strict=True) for other in others
    )


def compared(metric: dict[str, Any]) -> bool:
    return bool(metric["canary"] and metric["canary"][1] and metric["stable"][1] and metric["log_e_value"] is not None)


def by_name(table: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(table, key=lambda row: (row["target"] or "", row["what"]))


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["difference"], row["within"], row["evidence"], row["limit"], of_row(row)


@given(releases)
@examples(50)
def test_header_and_summaries_repeat_the_sentence_and_the_table_its_numbers(release: OneRelease) -> None:
    report, judged = release.report(), release.milestone
    for verdict in release.verdicts:
        for metric in verdict.combined.metrics if verdict.combined else ():
            (shown,) = (
                each
                for target in document(report)["targets"]
                for each in target["metrics"]
                if (target["target"], each["metric"]) == (verdict.target.name, metric.metric.name)
            )
            assert of_document(shown) == of_event(judged, verdict.target.name, metric.metric.name)
    if not release.fails:
        return
    header = sentence(report)
    worst = [each for each in release.verdicts if each.verdict is Verdict.FAIL and each.explanation()[1:] in header]
    assert worst
    assert header in plain(page(report))
    assert header in plain(widget(Frame("arn"), report, ()))
    job = JobSummary(NAME, Ending(Outcome.ROLLED_BACK, release.cause), [judged], "link", markdown(report))
    assert header[: MOST_LETTERS // 2] in summary(job).replace("\\", "")


def of_event(judged: Judged, target: str, metric: str) -> Numbers | None:
    (told,) = (each for each in judged.targets if each.target == target)
    (found,) = (each for each in told.metrics if each.name == metric)
    return of_document(found.model_dump(mode="json"))


WIDTH = 1000
"""Columns in which no row of the panel goes on below."""


@given(releases)
@examples(50)
def test_the_panel_and_the_reasons_have_the_counts_of_the_event(release: OneRelease) -> None:
    judged, progress = release.milestone, Progress()
    progress.saw(judged)
    _, *told = (str(row) for row in progress.rows("#", "-", 0, WIDTH))
    for row, target in zip(told, judged.targets, strict=False):
        event = of_document(target.model_dump(mode="json"))
        if event is None:
            assert "not compared" in row
            continue
        counts = [(int(bad), int(total)) for bad, total in re.findall(r"(\d+)/(\d+)", row)]
        since = re.search(rf"since ({CLOCK}) UTC", row)
        assert (*counts, since[1] if since else "") == event
    assert sorted(reasons(judged)) == sorted(f"{each.target}: {each.explanation}" for each in judged.targets)


@given(releases)
@examples(50)
def test_nothing_says_no_data_beside_counts(release: OneRelease) -> None:
    report, progress = release.report(), Progress()
    progress.saw(release.milestone)
    panel = map(str, progress.rows("#", "-", 0, WIDTH))
    said = [release.line, sentence(report), *markdown(report).splitlines()[:20], *panel]
    counted = re.compile(rf"{COUNTS}(?! pass)|\d/\d")
    assert [each for each in said if counted.search(each) and "no data" in each and "no calls" not in each] == []


@given(releases)
@examples(50)
def test_counts_are_the_sum_of_the_minutes_of_their_window(release: OneRelease) -> None:
    """So nothing says that no call was made beside minutes with calls."""
    for target in document(release.report())["targets"]:
        for metric in target["metrics"]:
            if metric["canary"] is None:
                continue
            since = datetime.fromisoformat(metric["since"]).timestamp() if metric["since"] else NOON
            read = release.readings[target["target"]].of(metric["metric"])
            for version in ("canary", "stable"):
                rows = {at: (getattr(of, f"{version}_bad"), getattr(of, f"{version}_total")) for at, of in read.items()}
                assert metric[version] == added(row for at, row in rows.items() if at >= since)
                assert added(filter(None, metric[f"{version}_minutes"])) == added(rows.values())


def added(rows: Iterable[tuple[int, int]]) -> list[int]:
    return [sum(column) for column in zip((0, 0), *rows, strict=True)]


@given(releases)
@examples(50)
def test_evidence_reaches_the_one_limit_exactly_where_a_metric_fails(release: OneRelease) -> None:
    for verdict in release.verdicts:
        for each in verdict.combined.metrics if verdict.combined else ():
            if each.fails and each.metric.gates:
                assert each.shown.limit == pytest.approx(release.plan.limit)
                assert each.shown.evidence >= release.plan.limit - 1e-6
