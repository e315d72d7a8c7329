"""The library's lines, as they lie in logs: which ones count, and which ones a client could have written."""

import json
import time
from hashlib import sha256
from math import log
from typing import Any

import pytest

from tests.reading import ROOT
from tidegate.domain.analysis.user_lines import SAMPLE, UserLine, by_chance, pattern, position, user_line
from tidegate.domain.analysis.users import Users
from tidegate.domain.judge import failing_users, users_evidence
from tidegate_route import lines as library

RELEASE = "orders-live-1"
USER = "c733865ee7d0b49a"
FIELDS = {"release": RELEASE, "function": "orders", "channel": "canary", "user": USER, "percent": 10.0, "failed": True}
READ = UserLine(7, "orders", USER, 10.0, on_canary=True, failed=True)


def read(event: Any) -> UserLine | None:
    return user_line(event if isinstance(event, str) else json.dumps(event), 7, RELEASE)


def test_what_the_library_writes_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    library.Outcomes().record({name: value for name, value in FIELDS.items() if name != "failed"}, failed=True)
    assert read(capsys.readouterr().out) == READ


def test_a_structured_logger_may_have_put_it_into_its_message() -> None:
    powertools = {"level": "INFO", "location": "handler:12", "message": {"tidegate": FIELDS}, "service": "shop"}
    assert read(powertools) == READ


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "null",
        "[1]",
        '"tidegate"',
        f"user agent: {json.dumps({'tidegate': FIELDS})}",
        json.dumps({"level": "INFO", "message": json.dumps({"tidegate": FIELDS})}),
        "[" * 100_000,
    ],
)
def test_text_inside_a_line_is_no_data(foreign: str) -> None:
    """A function may log what a client sent: a client must not be able to fail a version, or to hide that it fails."""
    assert read(foreign) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("release", "orders-live-0"),
        ("release", None),
        ("function", 7),
        ("channel", "green"),
        ("channel", ["canary"]),
        ("user", "ana@example.com"),
        ("user", USER.upper()),
        ("user", USER + "\n"),
        ("percent", "10"),
        ("percent", True),
        ("percent", 100.5),
        ("percent", float("nan")),
        ("failed", "no"),
        ("failed", 1),
    ],
)
def test_a_malformed_line_is_no_data(field: str, value: Any) -> None:
    assert read({"tidegate": {**FIELDS, field: value}}) is None


def test_a_warning_of_the_library_is_no_call() -> None:
    assert read({"tidegate": {"warning": "the document of orders was not read"}}) is None


def test_without_a_percentage_the_chance_is_not_known() -> None:
    found = read({"tidegate": {name: value for name, value in FIELDS.items() if name != "percent"}})
    assert found is not None
    assert found.percent is None


def test_the_pattern_names_the_release_at_both_places() -> None:
    assert pattern("a-1") == '{ ($.tidegate.release = "a-1") || ($.message.tidegate.release = "a-1") }'


def test_the_library_writes_a_line_for_one_user_in_as_many_as_are_estimated() -> None:
    assert SAMPLE == library.SAMPLE


def test_positions_are_those_of_the_library() -> None:
    vectors = json.loads((ROOT / "routing/vectors.json").read_text())["vectors"]
    wanted = [(each["pseudonym"], salt, place) for each in vectors for salt, place in each["positions"].items()]
    assert [(user, salt, position(salt, user)) for user, salt, _ in wanted] == wanted


SALT = "a-salt"
AT = position(SALT, USER) / 100


def line(percent: float | None, *, canary: bool) -> UserLine:
    return UserLine(7, "orders", USER, percent, canary, failed=True)


def by_position(*given: UserLine, percents: tuple[float, ...] = (5.0, 100.0)) -> list[float | None]:
    return [each.percent for each in by_chance(given, SALT, percents, listed=())]


def test_a_channel_by_position_is_evidence() -> None:
    above, below = round(AT + 0.01, 2), AT
    assert by_position(line(above, canary=True), percents=(above, below)) == [above]
    assert by_position(line(below, canary=False), percents=(above, below)) == [below]


def test_a_channel_that_the_position_does_not_give_has_no_known_chance() -> None:
    """Another decider, another salt, or a line that somebody made up."""
    assert by_position(line(100.0, canary=False)) == [None]


def test_a_percentage_that_the_release_never_had_has_no_known_chance() -> None:
    assert by_position(line(99.0, canary=True)) == [None]


def test_a_user_who_is_named_is_left_out() -> None:
    assert list(by_chance([line(100.0, canary=True)], SALT, [100.0], listed=[USER])) == []


def lines_of_a_brown_out(salt: str, share: int, capsys: pytest.CaptureFixture[str]) -> list[UserLine]:
    """Let all of 6,000 users fail in ten minutes, in processes of which stable's are four times as busy."""
    channels = {"canary": [library.Outcomes()], "stable": [library.Outcomes() for _ in range(-(-(100 - share) // 20))]}
    found: list[UserLine] = []
    for number in range(6_000):
        user = sha256(b"%d" % number).hexdigest()[:16]
        channel = "canary" if position(salt, user) < 100 * share else "stable"
        process = channels[channel][number % len(channels[channel])]
        fields = {"release": RELEASE, "function": "orders", "channel": channel, "user": user, "percent": float(share)}
        process.record(fields, failed=True)
        line = user_line(capsys.readouterr().out, 60 * (number // 600), RELEASE)
        found += [line] if line else []
    return found


def test_a_brown_out_of_both_does_not_look_like_a_bad_canary(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process serves one version, and the library bounds its lines: the busier one writes about fewer users."""
    monkeypatch.setattr(time, "time", lambda: 60.0)
    for salt in ("a", "b", "c"):
        lines = lines_of_a_brown_out(salt, 5, capsys)
        written = sum(line.on_canary for line in lines) / len(lines)
        users = Users()
        users.add(by_chance(lines, salt, [5], ()))
        assert written > 0.09, "the canary's process is not as busy"
        failing = failing_users(users.failures())
        assert users_evidence(failing, 540) < log(20)
        assert sum(minute.canary for minute in failing) > 0
