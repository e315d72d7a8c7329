"""The benchmark of releases to users judges as the product does, and reads traces of others."""

import json
from math import log
from pathlib import Path

import numpy as np
import pytest

from bench.users import __main__, judged, trace
from bench.users.crowd import KINDS, Crowd, Release, Traffic, share_at, worsened
from bench.users.written import known
from tidegate.domain.judge import UserFailure, failing_users, users_evidence

RANDOM = np.random.default_rng(3)


@pytest.fixture(autouse=True)
def same_draws() -> None:
    """Give each test the same draws, whichever tests ran before it in its process."""
    RANDOM.bit_generator.state = np.random.default_rng(3).bit_generator.state


STEPS = ((0.0, 0.1), (5.0, 0.5))


def drawn(kind: str, calls: float = 20) -> tuple[Traffic, Release]:
    traffic = Crowd(calls, kind).draw(RANDOM, 10)
    return traffic, Release(traffic, RANDOM.random(int(traffic.user.max()) + 1), STEPS, 10)


@pytest.mark.parametrize("kind", KINDS)
def test_leaving_out_repeated_failures_changes_nothing(kind: str) -> None:
    traffic, release = drawn(kind)
    rows = zip(traffic.at, traffic.user, traffic.failed, share_at(traffic.at, STEPS), strict=True)
    failures = [
        UserFailure(int(at), str(user), bool(release.places[user] < share), float(share))
        for at, user, bad, share in rows
        if bad and 0 <= at < 600
    ]
    assert release.by_users() == pytest.approx(users_evidence(failing_users(failures), 540))


@pytest.mark.parametrize("kind", KINDS)
def test_a_crowd_makes_about_as_many_calls_as_it_is_said_to(kind: str) -> None:
    made = [len(drawn(kind)[0].at) for _ in range(8)]
    assert np.mean(made) == pytest.approx(20 * 70, rel=0.2)


def test_the_share_is_that_of_the_step() -> None:
    assert share_at(np.array([-1.0, 0.0, 299.0, 300.0]), STEPS).tolist() == [0.0, 0.1, 0.1, 0.5]


def test_a_worse_canary_is_found_by_users_and_by_calls() -> None:
    traffic, release = drawn("Zipf users", 60)
    canary = release.places[traffic.user] < share_at(traffic.at, STEPS)
    bad = Release(worsened(RANDOM, traffic, canary, 0.3), release.places, STEPS, 10)
    assert bad.by_users() > log(20)
    assert bad.by_calls() > log(20)


def test_an_outage_of_a_fixed_population_is_found() -> None:
    assert judged.rolled_back(judged.outage(), 20) == (1.0, 1.0)


def recorded(path: Path, *, failing: bool) -> Path:
    """Write a trace of two days: a call a minute, of a user in fifty; every twentieth call fails."""
    lines = [f"{1e9 + 60 * k},u{k * 7 % 50},{int(failing and k % 20 == 0)}" for k in range(48 * 60)]
    path.write_text("\n".join(["time_s,user,failed", *lines]))
    return path


def test_a_trace_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    file = recorded(tmp_path / "trace.csv", failing=True)
    monkeypatch.setattr("sys.argv", ["users", "--trace", str(file), "--share", "0.5", "--hours", "6"])
    monkeypatch.setattr(trace, "DRAWS", 4)
    assert __main__.main() == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    named = [(each["figure"], each["value"]) for each in found]
    assert [name for name, _ in named[:4]] == [
        "healthy releases of the trace rolled back by users",
        "healthy releases of the trace rolled back by calls",
        "5 points found by users",
        "20 points found by users",
    ]
    assert named[3][1] > named[2][1] > named[0][1]
    assert "7 stretches, 4 draws of each" in found[0]["note"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("time,user,failed\n1,a,0\n", "has no column time_s; it needs time_s, user and failed"),
        ("time_s,user,failed\n1,a,0\nsoon,b,1\n", "line 3: could not convert string to float: 'soon'"),
        ("time_s,user,failed\n", "has no calls"),
        ("time_s,user,failed\n1\n", "line 2"),
        ("time_s,user,failed\nnan,a,0\n", "line 2: time_s is a number of seconds and failed 0 or 1, not 'nan' and '0'"),
        ("time_s,user,failed\n1,a,FAILED\n", "line 2: time_s is a number of seconds and failed 0 or 1, not '1' and"),
    ],
)
def test_a_trace_with_a_mistake_is_refused(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trace.csv").write_text(content)
    monkeypatch.setattr("sys.argv", ["users", "--trace", str(tmp_path / "trace.csv")])
    assert __main__.main() == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("minutes", "every"), [(100, 1), (48 * 60, 60)], ids=["too short", "too few calls in any stretch"]
)
def test_a_trace_in_which_no_release_fits_is_refused(
    minutes: int, every: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"{60 * k},u{k},0" for k in range(0, minutes, every)]
    (tmp_path / "trace.csv").write_text("\n".join(["time_s,user,failed", *lines]))
    monkeypatch.setattr("sys.argv", ["users", "--trace", str(tmp_path / "trace.csv"), "--hours", "6"])
    assert __main__.main() == 2
    assert "no stretch of 6 hours after the first hour with 20 calls or more" in capsys.readouterr().err


@pytest.mark.parametrize("hours", ["0", "-6", "nan", "inf"])
def test_a_release_takes_a_minute_or_more(
    hours: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["users", f"--hours={hours}"])
    with pytest.raises(SystemExit):
        __main__.main()
    assert f"a release takes a minute or more, not {hours} hours" in capsys.readouterr().err


def test_a_trace_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["users", "--trace", str(tmp_path / "missing.csv")])
    assert __main__.main() == 2
    assert "missing.csv" in capsys.readouterr().err


def test_lines_of_functions_are_bounded_and_both_channels_are_known_alike() -> None:
    rows = [(number / 20, number, number % 20 == 0, 0.05) for number in range(6_000)]
    found = known(rows, 7)
    assert len(found) < len(rows) / 4
    assert sum(each.on_canary for each in found) / len(found) == pytest.approx(0.05, abs=0.03)
    assert {each.stands_for for each in found} >= {8}
