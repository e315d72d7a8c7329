"""The tables of a report: metrics, every comparison, events, request."""

from collections.abc import Collection

from tidegate.domain.amounts import clock
from tidegate.domain.planning.step_table import HEADER
from tidegate.report import words
from tidegate.report.counts import CallCounts, MetricCounts
from tidegate.report.markup import Content, Markup, element, safe
from tidegate.report.model import Report, Target

MOST_ROWS = 200
"""Most comparisons or events in the page; the data has all of them."""


def table(head: tuple[str, ...], rows: list[Markup], *, numbers: Collection[str] = ()) -> Markup:
    """Return a table that scrolls if it is too wide; columns of `numbers` are aligned to the right."""
    cells = (element("th", name, scope="col", class_="n" if name in numbers else None) for name in head)
    inner = element("table", element("thead", element("tr", *cells)), element("tbody", *rows))
    return element("div", inner, class_="scroll")


def _number(*content: Content) -> Markup:
    return element("td", *content, class_="n")


def metrics(report: Report) -> Markup:
    several = len(report.targets) > 1
    head = ("target",) * several + ("what", "before", "new", "difference", "evidence", "verdict")
    rows = [_metric(target, metric, several=several) for target in _worst_first(report) for metric in target.metrics]
    return table(head, rows, numbers=head[-5:-1])


def _worst_first(report: Report) -> list[Target]:
    return sorted(report.targets, key=lambda target: -(target.log_e_value or 0.0))


def _metric(target: Target, metric: MetricCounts, *, several: bool) -> Markup:
    verdict = metric.verdict or ""
    return element(
        "tr",
        element("th", target.name, scope="row") if several else None,
        element("th", words.what(metric), None if metric.gates else " (only shown)", scope="row"),
        *(_number(*_rate(each)) for each in metric.versions),
        _number(*_with_small(*words.difference(metric))),
        _number(*_with_small(*words.evidence(metric))),
        element(
            "td",
            words.verdict(verdict) if verdict else words.NOTHING,
            class_=words.VERDICT_TONES.get(verdict, "warn") if verdict else None,
        ),
    )


def _rate(counts: CallCounts | None) -> tuple[Content, ...]:
    return _with_small(words.rate(counts.rate if counts else None), words.share(counts))


def _with_small(large: str, small: str) -> tuple[Content, ...]:
    return element("b", large), element("small", small) if small else None


def planned(report: Report) -> Markup:
    """Show what Plan expected of each step; with several targets, of the one with the least traffic."""
    target = quietest(report)
    rows = [element("tr", *(_number(cell) for cell in each.cells)) for each in (target.planned if target else ())]
    return table(tuple(map(str.lower, HEADER)), rows, numbers=tuple(map(str.lower, HEADER)))


def quietest(report: Report) -> Target | None:
    """Return the target with the fewest expected calls, among those with a table; None without any."""
    known = [target for target in report.targets if target.planned]
    return min(known, key=lambda target: target.planned[0].calls, default=None)


def targets(report: Report) -> Markup:
    """List the targets, if there are several."""
    rows = [
        element(
            "tr",
            element("th", target.name, scope="row"),
            element("td", target.stable or "no alias yet"),
            element("td", target.canary or words.NOTHING),
            element("td", _said(target)),
        )
        for target in report.targets
    ]
    return table(("target", "before", "new", "of the new version"), rows)


def _said(target: Target) -> str:
    return ("already live" if target.live else target.probe) or words.NOTHING


def logged(report: Report) -> Markup:
    """List the logged errors of failed versions; the messages are behind the links."""
    rows = [
        element(
            "tr",
            element("th", element("a", each.type, href=each.link) if safe(each.link) else each.type, scope="row"),
            _number(words.times(each.count)),
            element("td", each.target),
        )
        for each in report.logged
    ]
    return table(("error", "seen", "target"), rows, numbers=("seen",))


def exposures(report: Report) -> Markup:
    """List the calls between targets whose ends ran different versions."""
    rows = [
        element(
            "tr",
            element("th", f"{each.caller} → {each.callee}", scope="row"),
            *(_number(cell) for cell in words.met(each)),
            element("td", words.BASES[each.basis]),
        )
        for each in report.exposures
    ]
    return table(("calls", *words.MET, "known"), rows, numbers=words.MET)


def regions(report: Report) -> Markup:
    """List the Regions of a release of several, with a link to the last release there."""
    rows = [
        element(
            "tr",
            element("th", one.region, scope="row"),
            element("td", one.account),
            _number(str(one.group + 1)),
            element("td", one.now),
            element("td", element("a", one.last_release, href=one.link) if safe(one.link) else one.last_release),
            element("td", one.said, class_="text"),
        )
        for one in report.regions
    ]
    return table(("Region", "account", "group", "now", "its release", "said"), rows, numbers=("group",))


def findings(report: Report) -> Markup:
    """List the warnings of the preflight."""
    rows = [
        element(
            "tr",
            element("th", each.check, scope="row"),
            element("td", each.target),
            element("td", each.found, class_="text"),
            element("td", each.why, class_="text"),
            element("td", each.fix, class_="text"),
        )
        for each in report.findings
    ]
    return table(("check", "target", "found", "why it matters", "what to do"), rows)


def comparisons(report: Report) -> Markup:
    """List the ticks; each summary begins with the weight and ends with the verdict."""
    rows = [
        element(
            "tr",
            _number(clock(tick.at)),
            element("td", words.VERDICTS.get(tick.verdict, "?"), class_=words.VERDICT_TONES.get(tick.verdict, "warn")),
            element("td", tick.summary),
        )
        for tick in report.ticks[-MOST_ROWS:]
    ]
    return table(("UTC", "", "said"), rows, numbers=("UTC",))


def events(report: Report) -> Markup:
    rows = [
        element(
            "tr",
            _number(words.elapsed(event.at - report.started)),
            _number(clock(event.at)),
            element("th", event.kind, scope="row"),
            element("td", event.text, class_="text"),
        )
        for event in report.events[-MOST_ROWS:]
    ]
    return table(("elapsed", "UTC", "event", "said"), rows, numbers=("elapsed", "UTC"))
