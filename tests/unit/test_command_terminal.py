"""What a terminal shows: whole words, hyperlinks, how far the release is, what to do next."""

import io
import re
from typing import Any

import click
import pytest
from rich.console import Console

from tests.builders import NOON
from tidegate.domain.events.milestone import (
    Finished,
    Held,
    Judged,
    PlannedStep,
    RolledBack,
    Shifted,
    Started,
    StartedTarget,
)
from tidegate_cli.columns import columns
from tidegate_cli.command import Shared
from tidegate_cli.commands.history import HEADER, fitting
from tidegate_cli.ending import Ending, TargetResult
from tidegate_cli.next_commands import next_commands
from tidegate_cli.outcome import Outcome
from tidegate_cli.output import Output
from tidegate_cli.plan_text import Value, lines
from tidegate_cli.views.panel import Panel, hyperlinks
from tidegate_cli.views.progress import Progress
from tidegate_cli.wrapping import filled, tell

LINK = "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/shop-1"
SHARED = Shared("tidegate", None, None, json=False, quiet=False, verbose=False)
SHOP = (TargetResult("shop", "live", "42", "42"),)


def told(**fields: Any) -> dict[str, Any]:
    return {"at": NOON, "release": "shop-1", "summary": "", **fields}


def started() -> Started:
    steps = tuple(PlannedStep(weight=weight, bake_minutes=bake) for weight, bake in ((5, 3), (10, 5), (50, 5)))
    targets = (StartedTarget(function="shop", alias="live", stable="42"),)
    return Started(**told(summary="a " * 60), targets=targets, strategy="guarded", steps=steps)


def panel(width: int = 60, **console: Any) -> tuple[Panel, io.StringIO]:
    shown = io.StringIO()
    made = Console(file=shown, force_terminal=True, width=width, highlight=False, color_system="truecolor", **console)
    return Panel(made, verbose=False), shown


def bare(shown: io.StringIO) -> str:
    """Give what is seen: without colours and addresses."""
    return re.sub(r"\x1b\]8;.*?\x1b\\|\x1b\[[0-9;]*m", "", shown.getvalue())


def test_a_line_breaks_between_words_and_goes_on_below_its_sentence() -> None:
    view, shown = panel()
    view.note("judged", "one two three four five six seven eight nine ten eleven twelve thirteen")
    first, *rest = shown.getvalue().splitlines()
    assert first.startswith("00:00 judged       one two")
    assert rest
    assert all(line.startswith(" " * 19) and line[19] != " " for line in rest)
    assert " ".join([first[19:], *(line.strip() for line in rest)]).split()[-1] == "thirteen"
    assert max(map(len, [first, *rest])) < 60


def test_a_link_is_a_hyperlink_and_not_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("TERM_PROGRAM", raising=False)
    view, shown = panel(width=80)
    view.link(LINK, "tidegate watch shop-1")
    (opened,) = re.findall(r"\x1b\]8;[^;]*;(.*?)\x1b\\\x1b?", shown.getvalue())[:1]
    assert opened == LINK
    assert bare(shown) == "00:00 link         to follow: tidegate watch shop-1; or in the console\n"


def test_the_command_to_follow_stays_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("TERM_PROGRAM", raising=False)
    view, shown = panel()
    view.link(LINK, "tidegate watch shop-live-0a1b2c3d-20270115T120000-000")
    lines = [line.strip() for line in bare(shown).splitlines()]
    assert lines[-2:] == ["tidegate watch shop-live-0a1b2c3d-20270115T120000-000;", "or in the console"]


def test_an_address_in_the_console_is_a_hyperlink_and_no_other_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("TERM_PROGRAM", raising=False)
    view, shown = panel(width=200)
    other = "https://console.aws.amazon.com.example.org/ https://eu-west-1.console.aws.amazon.com/else"
    view.note("rolled-back", f"in the\N{NO-BREAK SPACE}console, see request 1 ({LINK}), {other}")
    assert set(re.findall(r"\x1b\]8;[^;]*;(.+?)\x1b\\", shown.getvalue())) == {LINK}
    assert bare(shown).endswith(f"in the console, see request 1 (in the console), {other}\n")


@pytest.mark.parametrize(("name", "value"), [("TERM", "linux"), ("TERM_PROGRAM", "Apple_Terminal")])
def test_a_terminal_without_hyperlinks_gets_the_address_at_the_end(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not hyperlinks({name: value})
    monkeypatch.setenv(name, value)
    view, shown = panel()
    view.link(LINK, "tidegate watch shop-1")
    assert shown.getvalue().splitlines()[-1].strip() == LINK


def rows(progress: Progress, now: int, width: int = 200) -> list[str]:
    return [row.plain for row in progress.rows("#", "-", now, width)]


def test_a_part_of_the_panel_that_is_longer_than_the_terminal_is_wide_is_cut() -> None:
    view, _ = panel(width=30)
    view.show([started()])
    drawn = ["".join(segment.text for segment in line) for line in view._console.render_lines(view)]
    assert [line.rstrip() for line in drawn] == ["shop:live", "  ░░░░░░░░░░  0 % on the new …"]


def test_the_panel_says_the_step_what_is_left_and_what_comes_next() -> None:
    progress = Progress()
    progress.saw(started())
    assert rows(progress, NOON) == [f"shop:live  {'-' * 25}  0 % on the new version"]
    progress.saw(Shifted(**told(), step=1, weight=10))
    assert rows(progress, NOON + 60)[0].endswith(
        "  10 % on the new version, step 2/3, 5 min 30 s left, then 50 %, 12 min left in all"
    )
    assert rows(progress, NOON + 900)[0].endswith(
        "step 2/3, until there are enough calls, then 50 %, 7 min left in all"
    )
    progress.saw(Held(**told(), weight=10))
    assert ", step 2/3, held, then 50 %" in rows(progress, NOON + 60)[0]
    progress.saw(Shifted(**told(), step=2, weight=50))
    assert rows(progress, NOON + 60)[0].endswith("50 % on the new version, step 3/3, 5 min 30 s left, then 100 %")


@pytest.mark.parametrize("width", [30, 60, 80])
def test_a_row_of_the_panel_that_is_too_long_goes_on_below_and_no_part_of_it_is_broken(width: int) -> None:
    progress = Progress()
    for milestone in (started(), Shifted(**told(), step=1, weight=10)):
        progress.saw(milestone)
    target = {"target": "shop:live", "verdict": "inconclusive", "canary": (1, 6), "stable": (0, 54)}
    progress.saw(Judged.model_validate(told(weight=10, verdict="inconclusive", next="bake", targets=[target])))
    found = rows(progress, NOON + 60, width)
    assert all(len(row) <= width or row.split("  ")[1:2] == ["#---------"] for row in found)
    parts = ["step 2/3", "5 min 30 s left", "then 50 %", "12 min left in all", "new 1/6 (16.7 %)", "old 0/54 (0 %)"]
    for part in [*parts, "10 % on the new version", "inconclusive", "shop:live"]:
        assert any(part in row for row in found), part
    assert not any(row.endswith(" ") for row in found)


@pytest.mark.parametrize(("ending", "weight"), [(Finished, "100"), (RolledBack, "0")])
def test_the_panel_of_a_release_that_is_over_says_no_step(ending: Any, weight: str) -> None:
    progress = Progress()
    for milestone in (started(), Shifted(**told(), step=0, weight=5), ending(**told(why=""))):
        progress.saw(milestone)
    assert rows(progress, NOON)[0].endswith(f"  {weight} % on the new version")


def test_the_panel_has_the_counts_of_the_last_tick() -> None:
    progress = Progress()
    target = {"target": "shop:live", "verdict": "no_data", "canary": (0, 0), "stable": (1, 4)}
    progress.saw(Judged.model_validate(told(weight=5, verdict="no_data", next="bake", targets=[target])))
    assert rows(progress, NOON)[1] == "errors  new 0/0   old 1/4 (25 %)   no verdict yet  shop:live"


@pytest.mark.parametrize(
    ("outcome", "error", "commands"),
    [
        (
            *(Outcome.ROLLED_BACK, "VersionFailed"),
            ["tidegate report shop-1", "tidegate release shop:live", "tidegate retry shop-1 --again"],
        ),
        (Outcome.ROLLED_BACK, "AlarmRaised", ["tidegate report shop-1", "tidegate retry shop-1"]),
        (Outcome.NEEDS_HUMAN, "", ["tidegate status shop:live", "tidegate report shop-1"]),
        (Outcome.RELEASED, "", []),
        (Outcome.REFUSED, "Frozen", []),
    ],
)
def test_after_a_roll_back_the_next_commands_are_named(outcome: Outcome, error: str, commands: list[str]) -> None:
    lines = next_commands(SHARED, "shop-1", Ending(outcome, "It did.", SHOP, error))
    assert [line.removeprefix("next: ").split("  ")[0] for line in lines] == commands


def test_where_a_value_came_from_stays_on_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate_cli.plan_text.width_of", lambda: 80)
    monkeypatch.setattr("tidegate_cli.wrapping.width_of", lambda **_: 80)
    strategy = {"steps": [{"weight": weight, "bake": "5m"} for weight in (10, 20, 40)]}
    known = [
        Value("analysis.on_inconclusive", "hold", "option"),
        Value("strategy", strategy, "tidegate.yaml, defaults"),
    ]
    found = list(lines("", {"findings": [], "targets": [], "decision": "release it"}, known, quiet=False))
    assert max(map(len, found)) < 80
    assert found[2].startswith('strategy                  {"steps": [{"weight": 10,')
    assert found[2].endswith("…  tidegate.yaml, defaults")


def test_a_result_breaks_between_words_and_not_in_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tidegate_cli.wrapping.width_of", lambda **_: 30)
    Output(json=False).show({}, "ok  stack  tidegate releases every function", indent=11)
    tell("one two three four five six seven eight", err=True)
    shown = capsys.readouterr()
    assert shown.out == "ok  stack  tidegate releases\n           every function\n"
    assert shown.err == "one two three four five six\nseven eight\n"
    Output(json=False).show({}, "released shop live 43 shop-live-1", indent=None)
    assert capsys.readouterr().out == "released shop live 43 shop-live-1\n", "a script may read it"
    Output(json=True).show({"summary": "six " * 20}, "")
    assert capsys.readouterr().out.count("\n") == 2, "the schema and the document"


def test_on_a_narrow_terminal_a_next_command_has_a_line_of_its_own() -> None:
    ending = Ending(Outcome.ROLLED_BACK, "It did.", SHOP, "AlarmRaised")
    assert next_commands(SHARED, "shop-1", ending, width=40) == [
        "next: # what was compared, minute by minute",
        "tidegate report shop-1",
        "next: # the same request again",
        "tidegate retry shop-1",
    ]
    assert next_commands(SHARED, "shop-1", ending, width=90) == next_commands(SHARED, "shop-1", ending)


def test_a_row_of_columns_stays_on_one_line_of_the_terminal() -> None:
    lines = columns(("A", "WHY"), [("a\nb", "x" * 100), ("c", "")], width=30)
    assert lines == ["A     WHY", f"a; b  {'x' * 23}…", "c"]
    assert columns(("A", "WHY"), [("a", "x" * 100)])[1] == f"a  {'x' * 100}"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (140, HEADER),
        (120, ("STARTED", "OUTCOME", "VERSIONS", "TOOK", "RELEASE", "WHY")),
        (110, ("STARTED", "OUTCOME", "VERSIONS", "RELEASE", "WHY")),
        (80, ("STARTED", "OUTCOME", "VERSIONS", "WHY")),
    ],
)
def test_the_history_has_room_for_the_reason_on_a_narrow_terminal(width: int, shown: tuple[str, ...]) -> None:
    name = "shop-live-0a1b2c3d-20270115T120000-000"
    row = ("2027-01-15T12:00:00Z", "rolled-back", "42 -> 43", "guarded", "10 min 43 s", name, "3 of 8 failed " * 9)
    header, line = fitting([HEADER, row], width)
    assert (tuple(header), line[-1]) == (shown, row[-1])
    assert max(map(len, columns(header, [line], width=width))) <= width


def test_the_last_column_of_a_table_can_go_on_below() -> None:
    rows = [
        ("shop:live", "100 % on 2", "released 1 h ago"),
        ("cart:live", "", "held at this weight until somebody decides"),
    ]
    assert columns(("ALIAS", "SERVES", "WHAT"), rows, width=50, cut=False) == [
        "ALIAS      SERVES      WHAT",
        "shop:live  100 % on 2  released 1 h ago",
        "cart:live              held at this weight until",
        "                       somebody decides",
    ]
    assert columns(("ALIAS", "SERVES", "WHAT"), [*rows, ("shop:green", "100 % on 2", "")], width=22, cut=False) == [
        "ALIAS       SERVES",
        "  WHAT",
        "shop:live   100 % on 2",
        "  released 1 h ago",
        "cart:live",
        "  held at this weight",
        "  until somebody",
        "  decides",
        "shop:green  100 % on 2",
    ]


def test_a_command_stays_in_one_piece() -> None:
    found = filled("It is held; to follow it: tidegate watch shop-live-1, or tidegate status", 37)
    assert found == ["It is held; to follow it:", "tidegate watch shop-live-1, or", "tidegate status"]


def test_a_long_line_is_broken_between_words_and_a_link_stays_whole() -> None:
    link = f"https://host/{'x' * 60}"
    found = filled(f"one two three four five six seven {link} eight", 30, indent=2)
    assert found == ["one two three four five six", "  seven", f"  {link}", "  eight"]
    assert all(len(line) < 30 or line.strip() == link for line in found)
    assert click.unstyle(" ".join(line.strip() for line in found)) == f"one two three four five six seven {link} eight"
