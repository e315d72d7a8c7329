"""A report as Markdown, for the summary of a CI job or a comment: no pictures, so lines of small blocks."""

import re
from collections.abc import Iterable, Iterator, Sequence

from tidegate.domain.amounts import clock
from tidegate.domain.foreign_text import one_line, visible
from tidegate.domain.planning.step_table import HEADER
from tidegate.domain.schedule import readable_duration
from tidegate.report import charts, tables, words
from tidegate.report.axis import Axis
from tidegate.report.counts import MetricCounts
from tidegate.report.markup import execution_link
from tidegate.report.model import Logged, Report, Target
from tidegate.report.words import consequence, headline, sentence

MOST_BYTES = 64_000
"""A step's summary in GitHub may have 1 MiB, and a comment 65,536 characters."""

MOST_ROWS, MOST_EVENTS, MOST_LETTERS, MOST_COLUMNS = 40, 60, 300, 60
BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"
SPECIAL = re.compile(r"([\\`*_{}\[\]|~])")
BEGINNING = re.compile(r"^([#+\-=]|\d+(?=[.)]))")
"""Markdown's special characters: anywhere, and at the beginning of a line."""
LINKED = re.compile(r"@|#(?=\d)|:(?=//)|\bwww(?=\.)|\bGH(?=-\d)", re.IGNORECASE)
"""Text that GitHub turns into links: mentions, numbers of issues, addresses (GFM, "Autolinks (extension)")."""


def markdown(report: Report) -> str:
    """Render outcome, reason, comparison, lines of blocks and events; what does not fit is omitted."""
    whole = ""
    for part in _parts(report):
        if len((whole + part).encode("utf-8", "replace")) > MOST_BYTES:
            break
        whole += part
    return whole.encode("utf-8", "replace").decode("utf-8")


def _parts(report: Report) -> Iterator[str]:
    mark = words.OUTCOME_MARKS[words.tone(report.state)]
    yield f"### {mark} {text(headline(report))}\n\n"
    for each in (sentence(report), consequence(report), *report.notes):
        if each:
            yield f"{text(each)}\n\n"
    for rows in map(list, (_metrics(report), _regions(report), _exposures(report))):
        if rows:
            yield "\n".join(rows) + "\n\n"
    if report.logged:
        yield f"It logged {', '.join(_logged(each) for each in report.logged[:MOST_ROWS])}.\n\n"
    axis = Axis.of(report, most=MOST_COLUMNS)
    if axis:
        yield fenced(_lines(report, axis))
    if report.findings:
        found = fenced(each.sentence for each in report.findings)
        yield f"<details><summary>What to check</summary>\n\n{found}</details>\n\n"
    if report.events:
        yield f"<details><summary>What happened</summary>\n\n{fenced(_events(report))}</details>\n\n"
    if quiet := tables.quietest(report):
        expected = fenced(_planned(quiet))
        yield f"<details><summary>What Plan expected of {cell(quiet.name)}</summary>\n\n{expected}</details>\n\n"
    took = readable_duration(report.until - report.started)
    link = execution_link(report.execution)
    name = f"[{_code(report.release)}]({link})" if link else _code(report.release)
    yield f"Release {name}, {'took' if report.ended else 'running for'} {took}.\n"


def _metrics(report: Report) -> Iterator[str]:
    if not any(target.metrics for target in report.targets):
        return
    yield "| target | what | before | new | difference | evidence | verdict |"
    yield "|---|---|--:|--:|--:|--:|---|"
    rows = [(target, metric) for target in report.targets for metric in target.metrics]
    rows.sort(key=lambda row: -(row[1].log_e_value or 0.0))
    for target, metric in rows[:MOST_ROWS]:
        yield f"| {' | '.join(cell(each) for each in _cells(target, metric))} |"


def _cells(target: Target, metric: MetricCounts) -> tuple[str, ...]:
    old, new = (f"{words.rate(each.rate if each else None)}, {words.share(each)}" for each in metric.versions)
    evidence, limit = words.evidence(metric)
    return (
        target.name,
        words.what(metric),
        f"{target.stable}: {old}",
        f"{target.canary}: {new}",
        ", ".join(filter(None, words.difference(metric))),
        f"{evidence} ({limit})" if limit else evidence,
        words.verdict(metric.verdict) if metric.verdict else words.NOTHING,
    )


def _regions(report: Report) -> Iterator[str]:
    if not report.regions:
        return
    yield "| Region | account | now | its release | said |"
    yield "|---|---|---|---|---|"
    for one in report.regions[:MOST_ROWS]:
        name = f"[{_code(one.last_release)}]({one.link})" if one.link else words.NOTHING
        yield f"| {cell(one.region)} | {cell(one.account)} | {one.now} | {name} | {cell(one.said)} |"


def _exposures(report: Report) -> Iterator[str]:
    if not report.exposures:
        return
    yield f"| calls | {' | '.join(words.MET)} | known |"
    yield "|---|--:|--:|--:|--:|---|"
    for each in report.exposures[:MOST_ROWS]:
        edge = cell(f"{each.caller} → {each.callee}")
        yield f"| {edge} | {' | '.join(words.met(each))} | {words.BASES[each.basis]} |"


def _logged(error: Logged) -> str:
    return f"{_code(error.type)} {words.times(error.count)} ({cell(error.target)})"


def _lines(report: Report, axis: Axis) -> Iterator[str]:
    """Return a line of blocks for each series, under a line of times."""
    first, last = clock(axis.start), clock(axis.end)
    yield f"{'':<24} {first}{last:>{max(6, axis.columns - len(first))}}"
    yield _line("weight", _weights(report, axis), f"to {words.weight(report.reached)}")
    for target in [target for target in report.targets if target.metrics][:4]:
        columns = axis.pairs(charts.shown(target))
        for version, number in (("stable", target.stable), ("canary", target.canary)):
            counts = [getattr(pair, version) for pair in columns]
            yield _line(f"calls of {number}", [each.total or None for each in counts])
            yield _line(f"failed of {number}", [each.rate for each in counts])


def _weights(report: Report, axis: Axis) -> list[float | None]:
    weights: list[float | None] = [None] * axis.columns
    for shift in report.shifts:
        begin, end = int(axis.at(shift.at)), int(axis.at(report.until))
        weights[begin:end] = [shift.weight] * max(0, end - begin)
    return weights


def _line(name: str, values: Sequence[float | None], said: str = "") -> str:
    return f"{name[:24]:<24} {sparkline(values)} {said}".rstrip()


def sparkline(values: Sequence[float | None]) -> str:
    """Draw values from 0 to the largest as blocks; a missing value is a gap, never a zero."""
    largest = max((value for value in values if value is not None), default=0.0) or 1.0
    return "".join(GAP if value is None else BLOCKS[round(value / largest * (len(BLOCKS) - 1))] for value in values)


def _planned(target: Target) -> Iterator[str]:
    rows = [HEADER, *(each.cells for each in target.planned[:MOST_ROWS])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    for row in rows:
        yield "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip()


def _events(report: Report) -> Iterator[str]:
    for event in report.events[-MOST_EVENTS:]:
        yield f"{words.elapsed(event.at - report.started)} {event.kind:<12} {event.text}"


def fenced(lines: Iterable[str]) -> str:
    """Put lines into a code block that no line can end."""
    content = [" ".join(visible(line).split("\n"))[:MOST_LETTERS] if line.strip() else "" for line in lines]
    longest = max((len(run) for run in re.findall("`+", "\n".join(content))), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([fence, *content, fence, "", ""])


def _code(words_: str) -> str:
    """Write a name as code; a backtick would end it, so it becomes an apostrophe."""
    return f"`{one_line(words_)[:MOST_LETTERS].replace('`', chr(39)) or ' '}`"


def text(foreign: str, longest: int = MOST_LETTERS) -> str:
    """Escape text for a separate line."""
    line = cell(foreign, longest)
    begins = BEGINNING.match(line)
    if begins is None:
        return line
    first = begins[0]
    return f"{first}\\{line[len(first) :]}" if first.isdigit() else f"\\{line}"


def cell(foreign: str, longest: int = MOST_LETTERS) -> str:
    """Escape text inside of a line: no markup, no HTML, no link, no mention of anybody or anything, no new line."""
    line = " ".join(visible(foreign).split())
    line = line if len(line) <= longest else f"{line[: longest - 1]}…"
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return LINKED.sub("\\g<0>\N{ZERO WIDTH SPACE}", SPECIAL.sub(r"\\\1", line))
