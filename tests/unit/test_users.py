"""The users of a release between ticks: each once, in few bytes, the same however often lines are read."""

import json
import random
from base64 import b64decode
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import pytest

from tests.builders import NOON
from tidegate.domain.analysis.user_lines import SAMPLE, UserLine
from tidegate.domain.analysis.users import MOST, Row, Users, level
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


def test_a_user_beyond_the_bound_is_left_out_in_later_steps_too() -> None:
    """Otherwise one who failed on stable before would count as one who never did."""
    users = Users(most=2_000)
    users.add(crowd(20_000))
    known = {each.user for each in users.failures()}
    users.add(failed(number, 30, 50.0) for number in range(20_000))
    assert {each.user for each in users.failures() if each.share == 0.5} <= known


def test_a_repeated_tick_changes_nothing_beyond_the_bound_either() -> None:
    users = Users(most=500)
    rows = kept(users.add(crowd(5_000)))
    again = Users(rows, most=500)
    assert again.add(crowd(5_000)) == []
    assert state(again) == state(users)
