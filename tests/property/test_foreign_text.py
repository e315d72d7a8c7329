"""Whatever functions, people and AWS write: no view of a release hands it on as more than text."""

import io
import json
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from tests import report_samples
from tests.builders import NOON
from tests.command.recipes import written_outputs
from tests.hostile_report import hostile
from tests.html_elements import Elements
from tests.property.examples import examples
from tidegate.aws.ledger.index import LastRelease
from tidegate.aws.logger import logger
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.events.detail import written
from tidegate.domain.events.form import Milestone
from tidegate.domain.events.milestone import Judged, JudgedTarget, Started, StartedTarget
from tidegate.domain.foreign_text import as_json, for_log, one_line, visible
from tidegate.report.markdown import cell, markdown
from tidegate.report.page import page
from tidegate.report.widget import ButtonAnswer, Frame, Known, widget
from tidegate_cli import plan_text
from tidegate_cli.ci import GitHub, GitLab, JobSummary, summary
from tidegate_cli.columns import columns
from tidegate_cli.commands import freezes, history, status
from tidegate_cli.ending import Ending, TargetResult
from tidegate_cli.known_aliases import KnownAlias
from tidegate_cli.outcome import Outcome
from tidegate_cli.output import Output
from tidegate_cli.terminal import say
from tidegate_cli.views.json_lines import JsonLines
from tidegate_cli.views.log import Log
from tidegate_cli.views.panel import Panel

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HOSTILE = (
    "bad\n::error::no",
    "bad\r::set-output name=outcome::released",
    "bad\u2028::error::no",
    "\x0b  ::stop-commands::x",
    "good ##[error]no",
    "##VSO[task.setvariable variable=x]y",
    "\x1b]8;;https://host.invalid\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;cm0gLXJm\x07",
    "\x9b2J\x9d52;c;x\x9c",
    "\u202egnp.exe",
    "\ufeff::error::no",
    "x\nEOF\noutcome<<EOF\nreleased",
    "\ud800",
    "![x](https://host.invalid/pixel) <img src=x> @all #1 www.host.invalid https://host.invalid",
    "|a|\n|-|\n|b|",
    "```\n</details>\n::error::no",
)
RUNNING = report_samples.running().report()
texts = st.sampled_from(HOSTILE) | st.text(st.characters() | st.sampled_from("\x1b\x9b\r\n\u2028:#[]"), max_size=40)


def lines(text: str) -> list[str]:
    """Split as a runner does (.NET's ReadLine)."""
    return re.split("\r\n|\r|\n", text)


def obeyed(line: str) -> bool:
    """Whether a runner takes a line for a command (actions/runner, ActionCommand.cs)."""
    return line.strip().startswith("::") or "##[" in line or "##vso[" in line.lower()


def hidden(text: str) -> set[str]:
    """Give what a terminal obeys, or does not show; line ends and tabs are seen."""
    unseen = {c for c in text if unicodedata.category(c) in {"Cc", "Zl", "Zp", "Cs"} or c in BIDI or c == "\ufeff"}
    return unseen - {"\n", "\t"}


def harmless(text: str) -> bool:
    assert hidden(text) == set(), ascii(text)
    assert [line for line in lines(text) if obeyed(line)] == [], ascii(text)
    return True


def told(text: str) -> list[Milestone]:
    started = Started(
        at=0,
        release=text,
        summary=text,
        targets=(StartedTarget(function=text, alias=text, stable=text),),
        strategy=text,
        steps=(),
    )
    target = JudgedTarget(target=text, verdict=text, canary=(0, 1), stable=(0, 1), amber=(text,))
    judged = Judged(at=1, release=text, summary=text, weight=5, verdict=text, next=text, targets=(target,))
    return [started, judged, Milestone(type=text or "x", at=1, release=text, summary=text)]


def caught(act: Callable[[], None]) -> tuple[str, str]:
    """Give what was written to stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        act()
    return out.getvalue(), err.getvalue()


def log(text: str) -> Iterator[str]:
    def act() -> None:
        view = Log(verbose=True)
        view.show(told(text))
        view.note(text, text)

    yield caught(act)[1]


def panel(text: str) -> Iterator[str]:
    shown = io.StringIO()
    view = Panel(Console(file=shown, width=200, no_color=True, highlight=False), verbose=True)
    view.show(told(text))
    view.note(text, text)
    view.link(text, text)
    yield shown.getvalue()
    yield view.__rich__().plain


def json_lines(text: str) -> Iterator[str]:

    def act() -> None:
        view = JsonLines(Output(json=True))
        view.show(told(text))
        view.note(text, text)

    out, _ = caught(act)
    assert [json.loads(line)["summary"] for line in out.splitlines()[1:]] == [text] * 4, "data is as it was"
    yield out


def lists(text: str) -> Iterator[str]:
    """Give what prints one line for each thing that there is."""
    fields = dict.fromkeys(("at", "outcome", "from", "to", "strategy", "release", "why", "function", "alias"), text)
    past = {**fields, "ended_at": None, "proof": text, "labels": {"emergency": text, "commit": text}}
    frozen = dict.fromkeys(("pattern", "until", "reason", "by", "since"), text)
    freeze, last = Freeze(text, text, NOON, text, NOON), LastRelease(text, text, NOON, text)
    now = KnownAlias(text, None, text, told(text)[0], freeze, last)
    rows = [
        *columns(history.HEADER, [history.row_of(past, labels=True)], width=80),
        *columns(status.HEADER, [(now.target, now.serves, now.what(NOON, last=True))]),
        freezes.line_of(frozen),
    ]

    def act() -> None:
        for line in rows:
            Output(json=False).show({}, line)

    out, _ = caught(act)
    assert out.count("\n") == 5
    yield out


def planned(text: str) -> Iterator[str]:
    step = {"weight": 5.0, "minutes": 3, "calls": 1.0, "sees": None, "undecided": text}
    target = {"target": text, "traffic": text, "steps": [step], "findings": [text]}
    found = {"decision": text, "targets": [target], "findings": [text]}

    def act() -> None:
        say("\n".join(plan_text.lines(text, found, [plan_text.Value(text, text, text)], quiet=False)))

    yield from caught(act)


def said(text: str) -> Iterator[str]:
    def act() -> None:
        say(text)
        say(text, err=True, fg="red")

    yield from caught(act)


@pytest.mark.parametrize("view", [log, panel, json_lines, lists, planned, said])
@given(text=texts)
@example(text="")
@examples(60)
def test_no_text_reaches_a_terminal_or_a_log_as_more_than_text(view: Callable[[str], Iterator[str]], text: str) -> None:
    written = list(view(text))
    assert written
    assert all(map(harmless, written))


def call(text: str, markdown: str = "") -> JobSummary:
    ending = Ending(Outcome.UNKNOWN, text, (TargetResult(text, text, text, text),), text)
    return JobSummary(text, ending, told(text), OURS, markdown)


@given(texts)
@examples(80)
def test_github_reads_the_commands_and_outputs_that_are_ours_and_no_others(text: str) -> None:
    with TemporaryDirectory() as folder:
        files = {name: f"{folder}/{name}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        with patch.dict("os.environ", files):
            github = GitHub(f"{folder}/dotenv")

            def act() -> None:
                with github.folded(text):
                    github.warn(text, title="Title")
                github.end(call(text))

            _, err = caught(act)
        outputs = Path(files["GITHUB_OUTPUT"]).read_text(encoding="utf-8")
        dotenv = Path(f"{folder}/dotenv").read_text(encoding="utf-8")
    commands = [line.split(" ")[0].split("::")[1] for line in lines(err) if obeyed(line)]
    assert commands == ["group", "warning", "endgroup", "warning", "warning"]
    assert hidden(err) == set()
    values = call(text).lines()
    assert list(written_outputs(outputs)) == list(values.items())
    assert [line.partition("=")[2] for line in dotenv.splitlines()] == list(values.values())


@given(texts)
@examples(60)
def test_a_section_of_gitlab_stays_one(text: str) -> None:
    def act() -> None:
        with GitLab().folded(text):
            pass

    _, err = caught(act)
    assert len(re.findall("section_(?:start|end):", err)) == 2 or "section_" in text
    assert hidden(re.sub(r"\x1b\[0K(section_\w+:\d+:tidegate\r\x1b\[0K)?", "", err)) == set()


OURS = "https://console.invalid/x"
TAGS = {"h3", "p", "table", "thead", "tbody", "tr", "th", "td", "pre", "code", "details", "summary", "strong"}


@given(texts)
@examples(60)
def test_no_text_is_markup_a_link_or_a_mention_in_markdown(text: str) -> None:
    for document in (markdown(hostile(text)), summary(call(text)), summary(call(text, markdown="Told."))):
        html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(document)
        found = Elements(html).found
        assert {tag for tag, _ in found} <= {*TAGS, "a"}
        assert {each["href"] for tag, each in found if tag == "a"} <= {OURS}
        assert hidden(document) == set()
        read = re.sub(r"^(`{3,})\n.*?^\1$", "", document.replace(f"]({OURS})", "]"), flags=re.MULTILINE | re.DOTALL)
        assert re.search(r"@\w|#\d|://|www\.", re.sub(r"`[^`]*`", "", read)) is None, ascii(read)


@given(texts)
@examples(60)
def test_pages_and_widgets_show_every_character_that_is_there(text: str) -> None:
    shown = widget(Frame(text), RUNNING, [Known(text, (text,), 0, text)], ButtonAnswer(text))
    for document in (page(hostile(text)), shown):
        assert hidden(document) == set()


@given(texts)
@examples(200)
def test_what_events_say_can_be_seen_and_the_rest_of_it_is_whole(text: str) -> None:
    event = json.loads(written({"summary": text, "targets": [{"done": text}], "at": 1, "to": None}))
    assert event == {"summary": visible(text), "targets": [{"done": visible(text)}], "at": 1, "to": None}


@given(texts)
@examples(60)
def test_a_line_of_the_functions_log_is_ascii_and_has_the_text_as_it_was(text: str) -> None:
    handler = logger.registered_handler
    line = handler.format(logging.LogRecord("tidegate", logging.INFO, "", 1, "%s", (text,), None))
    assert line.isascii()
    assert hidden(line) == set()
    assert json.loads(line)["message"] == text


@given(texts)
@examples(300)
def test_making_text_safe_twice_is_making_it_safe_once(text: str) -> None:
    for safe in (visible, one_line, for_log):
        assert safe(safe(text)) == safe(text)
    assert lines(one_line(text)) == [one_line(text)]
    assert json.loads(as_json({text: [text]})) == {text: [text]}
    assert "\n" not in cell(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60))
def test_text_that_people_write_stays_as_it_is(text: str) -> None:
    if not obeyed(text) and text == text.strip():
        assert for_log(text) == one_line(text) == text
