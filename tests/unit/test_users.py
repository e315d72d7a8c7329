"""The users of a release between ticks: each once, in few bytes, the same however often lines are read."""

import json
import random
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from tests.builders import NOON
from tidegate.domain.analysis.user_lines import SAMPLE, UserLine
from tidegate.domain.analysis.users import MOST, Row, Users, level, room
from tidegate.domain.judge import UserFailure, UsersSeen


def user(number: int) -> str:
    return sha256(b"%d" % number).hexdigest()[:16]


def failed(number: int, at: float, percent: float | None = 10.0, *, canary: bool = False) -> UserLine:
    """Give a failed call, so many minutes after noon."""
    return UserLine(NOON + int(60 * at), "orders", user(number), percent, canary, failed=True)


def seen(number: int, at: float, percent: float | None = 10.0, *, canary: bool = False) -> UserLine:
    return UserLine(NOON + int(60 * at), "orders", user(number), percent, canary, failed=False)


def kept(rows: Iterable[Row]) -> list[Row]:
    """Give rows as a later tick finds them in the ledger."""
    found: list[Row] = json.loads(json.dumps(list(rows)))
    return found


def state(users: Users) -> Any:
    return sorted(users.failures(), key=str), users.seen(), users.unknown


def test_a_user_counts_once_at_a_percentage_in_the_minute_of_the_first_line() -> None:
    users = Users()
    users.add([failed(1, 3.5), failed(1, 1.2), failed(1, 9), failed(1, 12, 25.0, canary=True)])
    assert users.failures() == [
        UserFailure(NOON + 60, user(1), on_canary=False, share=0.1),
        UserFailure(NOON + 720, user(1), on_canary=True, share=0.25),
    ]


def test_later_ticks_know_the_users_of_earlier_ones() -> None:
    first, second = [failed(1, 0), failed(2, 0, canary=True)], [failed(1, 1), failed(3, 1)]
    rows = Users().add(first)
    later = Users(kept(rows))
    new = later.add(second)
    assert [row[-1] for row in new] == [row[-1] for row in Users().add([failed(3, 1)])]
    assert len(later.failures()) == 3


def test_a_tick_that_is_repeated_changes_nothing() -> None:
    lines = [*(failed(number, number % 7, canary=number % 3 == 0) for number in range(300))]
    lines += [seen(number, number % 7, canary=number % 3 == 0) for number in range(300)]
    rows = Users().add(lines)
    again = Users(kept(rows))
    assert (again.add(lines), state(again)) == ([], state(Users(kept(rows))))


def test_lines_may_be_read_in_any_order_and_by_any_number_of_ticks() -> None:
    lines = [
        failed(number % 40, number / 10, 5.0 + 5 * (number // 100), canary=number % 40 < 9) for number in range(200)
    ]
    draws = random.Random(3)
    at_once = Users()
    at_once.add(lines)
    draws.shuffle(lines)
    rows: list[Row] = []
    for begin in range(0, len(lines), 30):
        rows += kept(Users(rows).add(lines[begin : begin + 30]))
    assert state(Users(rows)) == state(at_once)


def test_a_user_takes_eight_bytes() -> None:
    rows = Users().add([failed(number, 0) for number in range(1000)])
    assert [len(b64decode(row[-1])) for row in rows] == [8000]
    assert len(json.dumps(rows)) < 11 * 1000


def test_a_failing_user_without_a_known_chance_is_only_counted() -> None:
    users = Users()
    users.add([failed(1, 0, None), failed(1, 1, None), failed(2, 0)])
    assert (len(users.failures()), users.unknown) == (1, 1)


def test_the_number_of_users_is_estimated_from_the_sample_whether_they_failed_or_not() -> None:
    users = Users()
    sampled = [number for number in range(20_000) if int(user(number)[-2:], 16) % SAMPLE == 0]
    users.add(seen(number, 0) for number in sampled)
    users.add(failed(number, 1) for number in range(2_000))
    users.add([seen(sampled[0], 5, 25.0)])
    assert users.seen() == [UsersSeen(0.1, SAMPLE * len(sampled), 0), UsersSeen(0.25, SAMPLE, 0)]
    assert SAMPLE * len(sampled) == pytest.approx(20_000, rel=0.15)


def test_the_more_are_kept_the_fewer_are_added_and_never_more_than_the_bound() -> None:
    assert [level(known, 64) for known in (0, 31, 32, 47, 48, 63, 64, 70)] == [0, 0, 1, 1, 2, 6, 64, 64]
    assert level(MOST - 1) == 14


def crowd(count: int) -> list[UserLine]:
    return [failed(number, number / 1000, canary=number % 5 == 0) for number in range(count)]


def test_beyond_the_bound_both_channels_are_sampled_alike() -> None:
    users = Users(most=2_000)
    users.add(crowd(20_000))
    found = users.failures()
    assert 1_900 < len(found) <= 2_000
    assert sum(each.on_canary for each in found) / len(found) == pytest.approx(0.2, abs=0.03)


def test_a_later_step_finds_as_much_room_as_an_earlier_one() -> None:
    """Who was left out was left out on both channels, so each counts there as a user who has not failed."""
    users = Users(most=2_000)
    users.add(crowd(20_000))
    users.add(failed(number, 30 + number / 1000, 50.0) for number in range(20_000))
    by_share = [sum(each.share == share for each in users.failures()) for share in (0.1, 0.5)]
    assert all(1_900 < found <= 2_000 for found in by_share)
    assert [room(targets, steps) for targets, steps in ((1, 1), (1, 4), (50, 4), (50, 10))] == [MOST, 4096, 1024, 409]


def test_what_is_left_out_is_no_information_and_the_rest_stand_for_it() -> None:
    users = Users(most=2_000)
    users.add(crowd(6_000))
    (at,) = users.seen()
    assert at.told <= 1 / 8
    assert sum(each.stands_for for each in users.failures()) == pytest.approx(6_000, rel=0.1)


def written(number: int, at: float, level: int, *, canary: bool) -> list[UserLine]:
    """Give the line of a process that writes about one in 2^level users; none about the others."""
    line = replace(failed(number, at, 50.0, canary=canary), level=level)
    return [line] if int(line.user, 16) >> (64 - level) == 0 else []


def test_processes_that_write_about_fewer_users_do_not_decide_who_fails() -> None:
    """Stable's processes are busier: each fifth user is on the canary, and all of them fail."""
    at = [(number, number / 800, number % 5 == 0) for number in range(4_000)]
    lines = [
        each for number, minute, canary in at for each in written(number, minute, 0 if canary else 3, canary=canary)
    ]
    users = Users()
    rows = users.add(lines)
    found = users.failures()
    assert sum(line.on_canary for line in lines) / len(lines) > 0.6
    assert sum(each.on_canary for each in found) / len(found) == pytest.approx(0.2, abs=0.05)
    assert {each.stands_for for each in found} == {8}
    assert state(Users(kept(rows))) == state(users)


def test_a_level_counts_from_its_minute_on_and_at_its_percentage() -> None:
    users = Users()
    users.add(
        [*(failed(number, 0, 50.0) for number in range(100)), *(failed(number, 9, 75.0) for number in range(100))]
    )
    for number in range(100, 200):
        users.add(written(number, 5, 4, canary=False))
    users.add(failed(number, 6, 50.0, canary=True) for number in range(200, 300))
    found = [each.at for each in users.failures()]
    assert (found.count(NOON), found.count(NOON + 540)) == (100, 100)
    assert 0 < found.count(NOON + 360) < 30


def test_a_repeated_tick_changes_nothing_beyond_the_bound_either() -> None:
    users = Users(most=500)
    rows = kept(users.add(crowd(5_000)))
    again = Users(rows, most=500)
    assert again.add(crowd(5_000)) == []
    assert state(again) == state(users)
