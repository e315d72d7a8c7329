"""`tidegate report` of releases as they are on the local cloud, and its page in a real browser."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import browser
from tests.command.calling import Called, call
from tests.workflow.releases import Release
from tests.workflow.world import ONE_STEP, Start, World
from tidegate.report.page import read_back

in_a_browser = pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium is installed")

UNDER_WAY = {"Bake", "Look at logs", "Compare versions", "What next?"}
LABELS = {"commit": "4f2c9ab", "note": "<script>alert(1)</script>"}


def released(world: World) -> Release:
    return world.release(world.target().evidence(), strategy=ONE_STEP, labels=LABELS)


def rolled_back(world: World) -> Release:
    return world.release(world.target().evidence(canary_failing=0.3), strategy=ONE_STEP, labels=LABELS)


def running(world: World) -> Release:
    return world.release(world.target().evidence(), strategy="canary-10-600m", labels=LABELS)


def refused(world: World) -> Release:
    return world.start({"function": "nowhere"})


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    found = world.start_all(released, rolled_back, running, refused)
    for start in (released, rolled_back, refused):
        found[start].wait()
    found[running].reach("Compare versions", 2)
    return found


def page_of(world: World, release: Release, folder: Path) -> Path:
    path = folder / f"{release.name}.html"
    done = call(world, "report", release.name, "-o", str(path))
    assert (done.code, done.out.strip()) == (0, str(path))
    return path


def data_of(world: World, name: str) -> dict[str, object]:
    (document,) = call(world, "report", name, "--json").documents
    return document


@pytest.mark.parametrize(
    ("start", "outcome", "ends_in", "weights"),
    [
        (released, "released", "Released", [10]),
        (rolled_back, "rolled-back", "Rolled back", [10]),
        (running, "running", None, [10]),
        (refused, "refused", "Refused", []),
    ],
)
def test_a_report_tells_how_it_went_and_which_way(
    start: Start, outcome: str, ends_in: str | None, weights: list[int], world: World, started: dict[Start, Release]
) -> None:
    release = started[start]
    found = call(world, "report", release.name, "--json").documents[0]
    assert (found["type"], found["release"], found["outcome"]) == ("report", release.name, outcome)
    assert [shift["weight"] for shift in found["shifts"]] == weights
    assert found["notes"] == []
    visits = found["way"]["visits"]
    assert visits["Plan"] == 1
    assert ends_in is None or visits[ends_in] == 1
    assert (found["ended"] is None) == (ends_in is None)
    if start is running:
        assert set(found["way"]["now"]) <= UNDER_WAY
    if start is released:
        assert ["Plan", "Go ahead?", 1] in found["way"]["taken"]
        assert ["What next?", "Finish", 1] in found["way"]["taken"]


def test_a_report_has_the_counts_of_both_versions_and_what_cloudwatch_has_beside(
    world: World, started: dict[Start, Release]
) -> None:
    release = started[rolled_back]
    (target,) = call(world, "report", release.name, "--json").documents[0]["targets"]
    assert (target["stable"], target["canary"], target["verdict"]) == ("1", "2", "fail")
    errors = target["metrics"][0]
    assert (errors["metric"], errors["verdict"]) == ("errors", "fail")
    assert errors["canary_minutes"][0] == [300, 1000]
    assert errors["stable_minutes"][0] == [0, 1000]
    assert errors["log_e_value"] > errors["limit"]
    assert target["seen"]["canary"]["calls"][0] == 1000


def without_time(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out when it was made, and what CloudWatch has until then."""
    return {**data, "made": "", "targets": [{**each, "seen": {}} for each in data["targets"]]}


def test_the_data_is_the_one_in_the_page_and_is_read_back_from_it(
    world: World, started: dict[Start, Release], tmp_path: Path
) -> None:
    path = page_of(world, started[released], tmp_path)
    again = call(world, "report", str(path), "--json")
    assert again.documents == [read_back(path.read_text())]
    assert without_time(again.documents[0]) == without_time(data_of(world, started[released].name))
    assert (call(world, "report", str(path)).code, call(world, "report", "gone.html", "--json").code) == (2, 1)


def test_a_function_stands_for_its_newest_release(world: World, started: dict[Start, Release]) -> None:
    for named in (started[released].target.name, started[released].target.full_name):
        assert data_of(world, named)["release"] == started[released].name


def test_markdown_is_for_the_summary_of_a_job(world: World, started: dict[Start, Release]) -> None:
    said = call(world, "report", started[rolled_back].name, "--markdown").out.splitlines()
    assert said[0] == f"### ✗ {started[rolled_back].target.full_name}: rolled back"
    assert "300 of 1,000" in "\n".join(said)


def test_what_is_not_there_is_said(world: World) -> None:
    missing = call(world, "report", "nothing-of-that-name")
    assert (missing.code, missing.out) == (1, "")
    assert "There is no release nothing-of-that-name" in missing.err


def test_a_report_that_cannot_be_written_is_said(world: World, started: dict[Start, Release]) -> None:
    done: Called = call(world, "report", started[refused].name, "-o", "/nowhere/at/all.html")
    assert (done.code, "cannot be written" in done.err) == (1, True)


@in_a_browser
@pytest.mark.parametrize(("dark", "start"), [(False, rolled_back), (True, running)])
def test_the_page_shows_in_both_colour_schemes_with_no_complaint_and_fetches_nothing(
    dark: bool, start: Start, world: World, started: dict[Start, Release], tmp_path: Path
) -> None:
    opened = browser.look(page_of(world, started[start], tmp_path), dark=dark)
    assert (opened.console, opened.fetched) == ([], [])
    assert all((part < 64) == dark for part in opened.background)


@in_a_browser
def test_a_complaint_and_a_fetch_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text('<img src="http://elsewhere.example/x.png"><script>console.error("no")</script>')
    opened = browser.look(page)
    assert opened.fetched == ["http://elsewhere.example/x.png"]
    assert len(opened.console) == 1


def test_the_data_is_one_line_of_json(world: World, started: dict[Start, Release]) -> None:
    (line,) = call(world, "report", started[running].name, "--json").out.splitlines()
    assert json.loads(line)["labels"] == LABELS
