"""When the end of an old version is proven, what is said until then, and that it is never said too early."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bench import fleet_drain
from tests.builders import ANYTHING, NOON, a_plan, a_target
from tests.unit.refusing import the_problem
from tidegate.domain.request.capacity import DRAINED, drain_minutes
from tidegate.domain.request.parse import parse_request
from tidegate.domain.rollout.drain import Remains, check_drain, first_check, unread
from tidegate.domain.schedule import HOUR, LAG, MINUTE

SINCE = NOON
MINUTE_LONG = a_target(timeout_seconds=60)
PLAN = a_plan(MINUTE_LONG, drain_minutes=24 * 60)
PROVEN = SINCE + 4 * MINUTE + LAG
"""A minute for a call from the last second before, three for its quiet minutes, and the time until they can be read."""


def at(now: int, **found: Any) -> tuple[bool, str, int | None]:
    check = check_drain(PLAN, [replace(Remains(MINUTE_LONG), **found)], SINCE, now)
    return check.drained, check.summary, check.check


def test_it_is_drained_when_a_call_and_its_retry_would_be_seen() -> None:
    assert first_check(PLAN, SINCE) == PROVEN
    assert at(PROVEN - 1)[2] == PROVEN
    said = "Drained: version 42 of checkout:live was last called at 2027-01-15T11:59:00Z"
    assert at(PROVEN, last=NOON - MINUTE, through=("checkout:live",)) == (True, said, None)
    assert at(PROVEN)[1] == "Drained: version 42 of checkout:live was not called since the promotion"


def test_a_later_call_starts_the_quiet_minutes_again_and_is_named() -> None:
    drained, said, check = at(PROVEN, last=NOON + 2 * MINUTE, through=("checkout:42",))
    assert not drained
    assert said == "Draining: version 42 of checkout:live was called at 2027-01-15T12:02:00Z, through checkout:42"
    assert check == PROVEN + 5 * MINUTE
    assert not at(PROVEN + 3 * MINUTE - 1, last=NOON + 2 * MINUTE, through=("checkout:42",))[0]
    assert at(PROVEN + 3 * MINUTE, last=NOON + 2 * MINUTE)[0]


def test_what_lambda_repeats_needs_longer_and_a_waiting_event_its_whole_age() -> None:
    assert at(PROVEN, repeats=True)[2] == PROVEN + 5 * MINUTE
    _, said, check = at(PROVEN, repeats=True, longest_wait=6 * HOUR)
    assert check == PROVEN + 6 * HOUR + 5 * MINUTE
    assert said.endswith("asynchronous events from before the promotion may wait until 2027-01-15T18:00:00Z")


def test_more_quiet_minutes_may_be_wanted_and_not_fewer() -> None:
    for quiet, wait in ((1, 0), (30, 27 * MINUTE)):
        assert first_check(replace(PLAN, quiet_minutes=quiet), SINCE) == PROVEN + wait


def test_what_keeps_it_in_use_is_named_at_the_limit() -> None:
    kept = ("checkout:beta routes 100 % of its calls to it",)
    drained, said, check = at(PROVEN, kept=kept)
    assert (drained, check) == (False, PROVEN + 5 * MINUTE)
    drained, said, check = at(SINCE + 24 * HOUR, kept=kept)
    assert (drained, check) == (False, None)
    assert said == "Not drained after 1 d: version 42 of checkout:live: checkout:beta routes 100 % of its calls to it"


def test_one_target_that_still_runs_keeps_the_release_from_being_drained() -> None:
    other = a_target("basket", timeout_seconds=3)
    plan = a_plan(MINUTE_LONG, other, drain_minutes=60)
    found = [Remains(MINUTE_LONG), Remains(other, last=NOON + 3 * MINUTE, through=("basket:live",))]
    check = check_drain(plan, found, SINCE, PROVEN)
    assert check.targets[0]["still"] == ""
    assert (
        check.summary == "Draining: version 42 of basket:live was called at 2027-01-15T12:03:00Z, through basket:live"
    )


def test_a_watch_that_cannot_read_tries_again_until_its_limit() -> None:
    assert unread(PLAN, "throttled", SINCE, PROVEN).check == PROVEN + 5 * MINUTE
    last = unread(PLAN, "throttled", SINCE, SINCE + 24 * HOUR)
    assert (last.drained, last.check) == (False, None)
    assert last.summary == "Not drained: the old versions could not be watched: throttled"


@pytest.mark.parametrize("limit", [24 * HOUR, 48 * HOUR])
def test_the_checks_of_a_version_that_never_ends_fit_into_the_history(limit: int) -> None:
    plan = replace(PLAN, drain_minutes=limit // MINUTE)
    always: list[Callable[[int], dict[str, Any]]] = [
        lambda now: {"kept": ("it",)},
        lambda now: {"last": now - LAG, "through": ("checkout:42",)},
    ]
    for keeps in always:
        now, checks = first_check(plan, SINCE), 1
        while (found := check_drain(plan, [replace(Remains(MINUTE_LONG), **keeps(now))], SINCE, now)).check:
            now, checks = found.check, checks + 1
        assert (now, not found.drained) == (SINCE + limit, True)
        assert checks <= DRAINED


def test_no_end_is_announced_early_in_random_worlds() -> None:
    early, checks = fleet_drain.measure(releases=60)
    assert (early.value, early.ok, checks.ok) == (0, True, True), early.note


@pytest.mark.parametrize(
    ("weakened", "value"), [("_quiet", lambda plan, target: 0), ("_longest_call", lambda target: 0)]
)
def test_those_worlds_tell_a_weaker_rule(weakened: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"tidegate.domain.rollout.drain.{weakened}", value)
    early, _ = fleet_drain.measure(releases=60)
    assert not early.ok


def test_two_targets_or_more_are_watched_unless_the_request_says_otherwise() -> None:
    def minutes(request: dict[str, Any]) -> int:
        return drain_minutes(parse_request(request, limits=ANYTHING))

    two = {"targets": [{"function": "checkout"}, {"function": "basket"}]}
    assert minutes({"function": "checkout"}) == 0
    assert minutes({"function": "checkout", "drain": {"watch": True, "limit": "2h"}}) == 120
    assert minutes(two) == 24 * 60
    assert minutes({**two, "drain": {"watch": False}}) == 0


def test_a_watch_that_outlasts_an_execution_is_refused() -> None:
    problem = the_problem({"function": "checkout", "drain": {"limit": "60h"}})
    assert problem.startswith("drain.limit: is longer than 48h, the longest watch on old versions")
