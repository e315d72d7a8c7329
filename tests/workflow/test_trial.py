"""`tidegate try`, run as a newcomer runs it."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pages.documents import blocks

TRY = "from localcloud.trial.command import try_; try_()"


@dataclass(frozen=True)
class Demo:
    exit_code: int
    lines: list[str]
    document: dict[str, Any]

    def release(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.document["releases"][number - 1]
        return found


def play(output: Path) -> Demo:
    command = [sys.executable, "-c", TRY, "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert output.exists(), done.stderr
    return Demo(done.returncode, done.stdout.splitlines(), json.loads(output.read_text()))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return play(tmp_path_factory.mktemp("demo") / "new" / "try.json")


def test_the_demo_says_that_all_five_releases_ended_as_they_must(demo: Demo) -> None:
    wrong = [c for r in demo.document["releases"] for c in r["checks"] if not c["ok"]]
    assert (demo.exit_code, demo.document["ok"], wrong) == (0, True, [])
    assert demo.lines[-1].startswith("5 of 5 releases ended as they must")
    assert len(demo.document["releases"]) == 5


def test_the_demo_leaves_every_alias_whole_and_no_lock(demo: Demo) -> None:
    assert demo.document["releases"]
    for release in demo.document["releases"]:
        live = release["canary"] if release["ended_in"] == "Released" else release["stable"]
        assert (release["alias"], release["locks"]) == ({"version": live, "weights": {}}, [])


def test_a_healthy_version_is_released_without_a_failed_request(demo: Demo) -> None:
    release = demo.release(1)
    assert (release["status"], release["weights"], release["errors"]) == ("SUCCEEDED", [10, 50], {})
    assert release["requests"][release["canary"]]["ok"] > 100


def test_no_request_reaches_a_version_that_cannot_be_imported(demo: Demo) -> None:
    release = demo.release(2)
    assert (release["error"], release["ended_in"], release["weights"]) == ("InitFailed", "Rolled back", [])
    assert "No module named 'loyalty_points'" in release["cause"]
    assert list(release["requests"]) == [release["stable"]]
    assert release["errors"] == {}


def test_a_failing_version_is_rolled_back_at_the_first_weight_within_three_ticks(demo: Demo) -> None:
    release = demo.release(3)
    assert (release["error"], release["weights"], release["verdicts"][-1]) == ("VersionFailed", [10], "fail")
    assert len(release["verdicts"]) <= 3
    assert release["requests"][release["canary"]]["failed"] == release["errors"]["ValueError"]
    assert set(release["requests"][release["stable"]]) == {"ok"}


def test_a_brown_out_is_not_blamed_on_the_canary(demo: Demo) -> None:
    release = demo.release(4)
    assert (release["ended_in"], "fail" in release["verdicts"]) == ("Released", False)
    assert release["errors"].keys() == {"HTTPError"}
    assert all(release["requests"][release[version]]["failed"] > 0 for version in ("stable", "canary"))


def test_no_request_sees_old_code_with_new_configuration_or_the_other_way_round(demo: Demo) -> None:
    release = demo.release(5)
    assert (release["ended_in"], release["errors"]) == ("Released", {})
    states = [(state["code"], state["configuration"]) for state in release["notes"]["latest"]]
    assert states[0] == ("old", "old")
    assert states[-1] == ("new", "new")
    assert any("none mixed old and new" in check["found"] for check in release["checks"])


def test_the_lines_tell_every_state_and_are_plain(demo: Demo) -> None:
    told = "\n".join(demo.lines)
    for release in demo.document["releases"]:
        for state in release["states"]:
            assert state["state"] in told
    assert "\x1b" not in told
    assert max(map(len, demo.lines)) > 80  # a sentence is not broken where a terminal would end
    events = [line for line in demo.lines if re.match(r"\d\d", line)]
    assert all(re.match(r"\d\d:\d\d [a-z-]+ +\S", line) for line in events)


def test_the_readme_quotes_the_demo_as_it_is(demo: Demo) -> None:
    """But for numbers (of ticks, too), times and ids; of a longer sentence, its beginning."""
    (quoted,) = [block.content for block in blocks("") if block.comment == "make demo"]
    told = {shape(line) for line in demo.lines}
    missing = [line for line in quoted.splitlines() if line not in {"", "…"} and shape(line) not in told]
    assert missing == []


def shape(line: str) -> str:
    beginning = re.split(r"\. |; details: ", line)[0].rstrip(".")
    plain = re.sub(r"\d[\d,.:^]*", "N", beginning).replace("N ticks", "N tick").replace(" since N UTC", "")
    return " ".join(plain.split())
