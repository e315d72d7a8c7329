"""The dashboard's widget: a release as CloudWatch shows it, with buttons."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from tidegate.domain.control.decision_rules import next_weight
from tidegate.domain.strategy import WHOLE
from tidegate.domain.truncation import first_names
from tidegate.report import charts, page, tables, words
from tidegate.report.axis import Axis
from tidegate.report.markup import Content, Markup, element, joined, opening
from tidegate.report.model import HELD, RUNNING, Report
from tidegate.report.words import NAMED

MEDIA = re.compile(r"@media\s*(?P<condition>[^{]+)\{(?P<rules>(?:[^{}]+\{[^{}]*\})*)\s*\}")
RULE = re.compile(r"(?P<selectors>[^{}]+)(?P<body>\{[^{}]*\})")
BETWEEN_SELECTORS = re.compile(r",(?![^(]*\))")
WHOLE_PAGE = {":root", "body"}


def scoped(css: str, scope: str, *, dark: bool) -> str:
    """Put every rule under the selector `scope`, which takes the place of the page.

    Rules for the dark scheme follow the surrounding page, not the browser's preference; rules for
    paper and for narrow windows are omitted.
    """
    plain = MEDIA.sub(lambda found: found["rules"] if dark and ":dark" in found["condition"] else "", css)
    return RULE.sub(lambda found: f"{_under(scope, found['selectors'])}{found['body']}", plain)


def _under(scope: str, selectors: str) -> str:
    each = (selector.strip() for selector in BETWEEN_SELECTORS.split(selectors))
    return "\n" + ",".join(scope if selector in WHOLE_PAGE else f"{scope} {selector}" for selector in each)


SCOPE = "tidegate"
STYLES = re.compile(r"(?<=<style>).*?(?=</style>)", re.DOTALL)

OPEN = (RUNNING, HELD)
"""States of a release in which decisions are possible."""

BY, REASON = "your name (not verified)", "reason; required for an abort"

MOST_TICKS = 180
LAST_EVENTS = 6
MOST_TARGETS = 8
"""More than that is in the report only: a widget is loaded every minute."""


@dataclass(frozen=True)
class Frame:
    """The environment of the widget: `endpoint` is the ARN of the function that the buttons call."""

    endpoint: str
    dark: bool = False


@dataclass(frozen=True)
class ButtonAnswer:
    """The answer to a button."""

    text: str
    good: bool = False


@dataclass(frozen=True)
class Known:
    """A release to select; `state` is running, or the outcome's word."""

    name: str
    targets: tuple[str, ...]
    started: int
    state: str


def widget(frame: Frame, report: Report | None, others: Sequence[Known], said: ButtonAnswer | None = None) -> str:
    """Render the release, if there is one, and the list of others."""
    content = (
        _said(said) if said else None,
        _release(frame, report, others) if report else element("p", "No release is running.", class_="lead"),
        None if report else _others(frame, others, "Recent releases"),
    )
    return joined(element("style", _style(dark=frame.dark)), element("div", *content, class_=SCOPE))


@cache
def _style(*, dark: bool) -> Markup:
    own = files("tidegate.report").joinpath("widget.css").read_text(encoding="utf-8")
    scheme = f"body{{color-scheme:{'dark' if dark else 'light'}}}"
    return Markup(scoped(f"{page.style()}{own}{scheme}", f".{SCOPE}", dark=dark))


def _said(said: ButtonAnswer) -> Markup:
    return element("p", said.text, class_=f"said {'good' if said.good else 'warn'}", role="status")


def _release(frame: Frame, report: Report, others: Sequence[Known]) -> Markup:
    """Render the most important facts first, and the large drawing last."""
    shown = _cut(report)
    axis = Axis.of(shown)
    return joined(
        page.header(replace(report, notes=shown.notes)),
        _buttons(frame, shown) if shown.state in OPEN else None,
        charts.overview(shown, axis) if axis else None,
        _section("What was compared", tables.metrics(shown)) if any(t.metrics for t in shown.targets) else None,
        _section("Recent events", tables.events(shown)) if shown.events else None,
        _others(frame, others, "Other releases"),
        _in_colours(frame, _section("Path of the execution", *page.way(shown))),
        element("p", f"Full report: tidegate report {report.release}", class_="unit"),
    )


def _section(title: str, *content: Content) -> Markup:
    return element("section", element("h2", title), *content)


def _cut(report: Report) -> Report:
    """Keep the newest events and the targets with the most evidence; report omitted targets."""
    worst = sorted(report.targets, key=lambda target: -(target.log_e_value or 0.0))[:MOST_TARGETS]
    left_out = len(report.targets) - len(worst)
    note = (f"{left_out} more targets with less evidence are in the report.",) if left_out else ()
    return replace(
        report,
        targets=tuple(worst),
        ticks=report.ticks[-MOST_TICKS:],
        events=report.events[-LAST_EVENTS:],
        notes=(*report.notes, *note),
    )


def _in_colours(frame: Frame, drawn: Markup) -> Markup:
    """Return the drawing, which contains its own style, with the colours of the frame."""
    return Markup(STYLES.sub(lambda found: scoped(found[0], f".{SCOPE}", dark=frame.dark), drawn))


@dataclass(frozen=True)
class Offer:
    """A possible decision: the event of the button, and its confirmation text."""

    label: str
    event: dict[str, object]
    confirmation: str
    kind: str = "btn"


def _offers(report: Report) -> Iterator[Offer]:
    """Return the decisions that Decide would accept: during a look back, only an abort."""
    if report.promoted_at is None:
        yield from _goings_on(report)
    yield Offer(
        "Abort",
        {"release": report.release, "decision": "abort"},
        f"Abort {report.release}? At the next check, every request goes to the old version again.",
        "btn abort",
    )


def _reached(report: Report) -> float:
    """Return the weight of the current wave: 0 before its first shift, also just after the wave before was promoted."""
    weight = report.shifts[-1].weight if report.shifts else 0.0
    return 0.0 if weight == WHOLE else weight


def _goings_on(report: Report) -> Iterator[Offer]:
    name = report.release
    to = next_weight([weight for weight, _ in report.steps], _reached(report))
    part = f"{words.weight(to)} of the requests" if to < WHOLE else "every request"
    yield Offer(
        f"Promote to {words.weight(to)}",
        {"release": name, "decision": "promote", "to": to},
        f"Promote {name}? At the next check, {part} will go to the new version, unless it fails by then.",
        "btn btn-primary",
    )
    yield Offer(
        "Hold",
        {"release": name, "decision": "hold"},
        f"Hold {name}? It stays at its weight, still judged, until somebody promotes or aborts it.",
    )


def _buttons(frame: Frame, report: Report) -> Markup:
    return element(
        "div",
        element(
            "form",
            opening("input", name="by", placeholder=BY, aria_label=BY, maxlength="100"),
            opening("input", name="reason", placeholder=REASON, aria_label=REASON, maxlength="200"),
        ),
        *(_button(frame, each.label, each.event, each.kind, each.confirmation) for each in _offers(report)),
        element("p", "It is recorded with the name that you enter; the name is not verified.", class_="unit"),
        class_="decide",
    )


def _button(frame: Frame, label: str, event: dict[str, object], kind: str, confirmation: str | None = None) -> Markup:
    """Return a button, and the event that CloudWatch sends after the confirmation."""
    action = element(
        "cwdb-action",
        json.dumps(event),
        action="call",
        display="widget",
        endpoint=frame.endpoint,
        confirmation=confirmation,
    )
    return joined(element("a", label, class_=kind), action)


def _others(frame: Frame, others: Sequence[Known], title: str) -> Markup | None:
    if not others:
        return None
    rows = [element("tr", *(element("td", *cell) for cell in _cells(frame, known))) for known in others]
    return _section(title, tables.table(("release", "of", "started", "it is"), rows))


def _cells(frame: Frame, known: Known) -> Iterator[tuple[Content, ...]]:
    yield (_button(frame, known.name, {"release": known.name}, "link"),)
    yield (first_names(known.targets, NAMED),)
    yield (words.moment(known.started),)
    yield (words.title(known.state).lower(),)
