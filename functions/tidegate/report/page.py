"""A report as one HTML file without scripts and external resources: it opens from a mail, a bucket or an artifact."""

import json
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

from tidegate.domain.schedule import readable_duration
from tidegate.report import charts, drawing, tables, words
from tidegate.report.axis import Axis
from tidegate.report.document import written
from tidegate.report.markup import Content, Markup, element, execution_link, joined, opening, safe
from tidegate.report.model import RUNNING, Report
from tidegate.report.words import consequence, headline, sentence, subject

IDENTIFIER = "tidegate-data"
"""The id of the element that carries the report's data."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""No scripts, fonts or pictures, independent of the text in a release."""

MOST_DRAWN = 8
"""Targets with charts, those with the most evidence first; the tables have all."""


@cache
def style() -> Markup:
    return Markup(files("tidegate.report").joinpath("style.css").read_text(encoding="utf-8"))


def page(report: Report) -> str:
    """Render the whole file."""
    head = element(
        "head",
        opening("meta", charset="utf-8"),
        opening("meta", http_equiv="Content-Security-Policy", content=POLICY),
        opening("meta", name="viewport", content="width=device-width, initial-scale=1"),
        opening("meta", name="referrer", content="no-referrer"),
        element("title", f"{headline(report)} · Tidegate"),
        element("style", style()),
    )
    return joined(
        Markup("<!doctype html>\n"),
        opening("html", lang="en"),
        head,
        element("body", element("main", body(report))),
        Markup("</html>\n"),
    )


def body(report: Report) -> Markup:
    """Render the content of the page: outcome and reason first, the data last."""
    axis, quiet = Axis.of(report), tables.quietest(report)
    return joined(
        header(report),
        _section("Regions", tables.regions(report)) if report.regions else None,
        _section("What was compared", tables.metrics(report)) if any(t.metrics for t in report.targets) else None,
        _section("Who met whom", tables.exposures(report)) if report.exposures else None,
        _section("What it logged", tables.logged(report)) if report.logged else None,
        _section("Minute by minute", *_charts(report, axis)) if axis else None,
        _section("Targets", tables.targets(report)) if len(report.targets) > 1 else None,
        _section("Path of the execution", *way(report)),
        _section("What to check", tables.findings(report)) if report.findings else None,
        _section("What happened", tables.events(report)) if report.events else None,
        _fold(f"What Plan expected of {quiet.name}", tables.planned(report)) if quiet else None,
        _fold("Every comparison", tables.comparisons(report)) if report.ticks else None,
        _fold("The request", _request(report)),
        _fold("The data of this page", element("pre", written(report), id=IDENTIFIER), identifier="data"),
        element("footer", f"Made {words.moment(report.made)} by Tidegate. All times are UTC."),
    )


def header(report: Report) -> Markup:
    """Render outcome and reason, and the facts below them."""
    tone = words.tone(report.state)
    lead = [sentence(report), consequence(report)]
    return element(
        "header",
        element("span", f"{words.OUTCOME_MARKS[tone]} {words.title(report.state)}", class_="badge"),
        element("h1", subject(report)),
        *(element("p", text, class_="lead") for text in lead if text),
        *(element("p", note, class_="note") for note in report.notes),
        element("dl", *(_fact(name, *value) for name, value in _facts(report))),
        class_=tone,
    )


def _fact(name: str, *value: Content) -> Markup:
    return element("div", element("dt", name), element("dd", *value))


def _facts(report: Report) -> Iterator[tuple[str, tuple[Content, ...]]]:
    link = execution_link(report.execution)
    yield "release", (element("a", report.release, href=link) if link else report.release,)
    versions = {(target.stable or "none", target.canary or "not published") for target in report.targets}
    if len(versions) == 1:
        ((stable, canary),) = versions
        yield "versions", (f"{stable} → {canary}",)
    elif versions:
        yield "targets", (words.count(len(report.targets)),)
    if report.strategy:
        weights = " → ".join(f"{weight:g}" for weight, _ in report.steps)
        yield "strategy", (f"{report.strategy}: {weights} %" if weights else report.strategy,)
    if report.shifts:
        yield "reached", (words.weight(100 if report.outcome == "released" else report.reached),)
    skews = [shift.skew for shift in report.shifts if shift.skew is not None]
    if skews and len(report.targets) > 1:
        yield "skew", (f"{max(skews):.1f} s at most",)
    yield "started", (words.moment(report.started),)
    yield "took" if report.ended else "running for", (readable_duration(report.until - report.started),)
    for name, value in report.labels.items():
        yield name, (element("a", value, href=value, rel="noopener noreferrer") if safe(value) else value,)


def _section(title: str, *content: Content) -> Markup:
    return element("section", element("h2", title), *content)


def _fold(title: str, *content: Content, identifier: str | None = None) -> Markup:
    return element("details", element("summary", title), *content, id=identifier)


def _charts(report: Report, axis: Axis) -> Iterator[Markup]:
    yield charts.overview(report, axis)
    drawn = sorted(report.targets, key=lambda target: -(target.log_e_value or 0.0))[:MOST_DRAWN]
    for target in drawn:
        if len(report.targets) > 1:
            yield element("h3", target.name)
        yield from charts.of_target(report, target, axis)
    if len(report.targets) > MOST_DRAWN:
        yield element(
            "p", f"Charts of {len(report.targets) - MOST_DRAWN} more targets are omitted; the data below includes them."
        )


def way(report: Report) -> Iterator[Markup]:
    """Render the state machine with the path."""
    if report.way is None:
        yield element("p", "Step Functions no longer has the history of this execution.", class_="note")
    if not report.way_whole:
        yield element(
            "p", "The history is long: only its beginning and its last hour or two are drawn, without counts."
        )
    drawn = drawing.with_way(report.way or (), running=report.outcome == RUNNING, whole=report.way_whole)
    yield element("div", drawn, class_="way")


def _request(report: Report) -> Markup:
    if report.request is None:
        return element("p", "Step Functions no longer has the input of this execution.")
    return element("pre", json.dumps(report.request, indent=2, ensure_ascii=False))


def read_back(page: str) -> Any:
    """Return the document in a page.

    Raises
    ------
    ValueError
        When the page is not a report.
    """
    finder = _Finder()
    finder.feed(page)
    finder.close()
    if not finder.found:
        raise ValueError("this is not a report: it contains no data")
    return json.loads("".join(finder.found))


class _Finder(HTMLParser):
    """Collects the text of the element with the data."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "pre" and ("id", IDENTIFIER) in attrs

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)
