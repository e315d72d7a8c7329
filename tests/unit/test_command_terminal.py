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
from tidegate_cli.command import Shared
from tidegate_cli.ending import Ending, TargetResult
from tidegate_cli.next_commands import next_commands
from tidegate_cli.outcome import Outcome
from tidegate_cli.views.panel import Panel, hyperlinks
from tidegate_cli.views.progress import Progress
from tidegate_cli.wrapping import filled

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
    view, shown = panel()
    view.link(LINK, "tidegate watch shop-1")
    (opened,) = re.findall(r"\x1b\]8;[^;]*;(.*?)\x1b\\\x1b?", shown.getvalue())[:1]
    assert opened == LINK
    text = re.sub(r"\x1b\]8;.*?\x1b\\|\x1b\[[0-9;]*m", "", shown.getvalue())
    assert text == "00:00 link         to follow: tidegate watch shop-1; or in the console\n"


@pytest.mark.parametrize(("name", "value"), [("TERM", "linux"), ("TERM_PROGRAM", "Apple_Terminal")])
def test_a_terminal_without_hyperlinks_gets_the_address_at_the_end(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not hyperlinks({name: value})
    monkeypatch.setenv(name, value)
    view, shown = panel()
    view.link(LINK, "tidegate watch shop-1")
    assert shown.getvalue().splitlines()[-1].strip() == LINK


def rows(progress: Progress, now: int) -> list[str]:
    return [row.plain for row in progress.rows("#", "-", now)]


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


def test_a_long_line_is_broken_between_words_and_a_link_stays_whole() -> None:
    link = f"https://host/{'x' * 60}"
    found = filled(f"one two three four five six seven {link} eight", 30, indent=2)
    assert found == ["one two three four five six", "  seven", f"  {link}", "  eight"]
    assert all(len(line) < 30 or line.strip() == link for line in found)
    assert click.unstyle(" ".join(line.strip() for line in found)) == f"one two three four five six seven {link} eight"
