"""The verdict on a target whose users are routed: by users, with the calls beside it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_reading, a_shift, a_target, by_start
from tidegate.domain.analysis.baseline import UNKNOWN
from tidegate.domain.analysis.by_users import UserEvidence
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.fleet import judge_all
from tidegate.domain.analysis.user_lines import SAMPLE, UserLine
from tidegate.domain.analysis.users import Users
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Minute, Verdict
from tidegate.domain.metric import ERRORS, LATENCY, PlannedMetric
from tidegate.domain.routing import Routing

SHARE = 50.0
WORSE = Minute(20, 8, 20, 1)
"""Calls of a minute: few, so that they alone prove little in it."""
ALIKE = Minute(20, 1, 20, 1)


def user(number: int) -> str:
    """Give a pseudonym that is not in the sample."""
    return f"{number:014x}01"


def failures(canary: int, stable: int, minutes: int = 8) -> list[UserLine]:
    lines = [(True, number) for number in range(canary)] + [(False, canary + number) for number in range(stable)]
    return [
        UserLine(NOON + 60 * (number % minutes), "checkout", user(number), SHARE, on_canary, failed=True)
        for on_canary, number in lines
    ]


def sample(users: int) -> list[UserLine]:
    """Give the lines of so many users who are seen, half of them on the canary."""
    return [
        UserLine(NOON, "checkout", f"{number:014x}00", SHARE, number % 2 == 0, failed=False)
        for number in range(users // SAMPLE)
    ]


def evidence(lines: Iterable[UserLine], **fields: Any) -> UserEvidence:
    users = Users()
    users.add(lines)
    return UserEvidence(users, **{"whole_until": NOON + 600, **fields})


def comparison(found: UserEvidence | None, calls: Minute = WORSE, *, minutes: int = 8, **plan: Any) -> Comparison:
    target = a_target()
    reading = a_reading(by_start(*[calls] * minutes))
    routing = Routing("salt") if found else None
    planned = a_plan(target, routing=routing, **plan)
    return Comparison(planned, target, reading, UNKNOWN, [a_shift(NOON, SHARE)], NOON + 690, found)


def judged(found: UserEvidence | None, calls: Minute = WORSE, **more: Any) -> TargetVerdict:
    return comparison(found, calls, **more).judge()


def test_users_who_fail_on_the_canary_fail_it_and_both_counts_are_said() -> None:
    found = judged(evidence([*failures(24, 2), *sample(6_400)]))
    assert found.verdict is Verdict.FAIL
    assert found.summary(SHARE) == "50 % on 43: 24 of about 3200 users failed, 42: 2 of about 3200; fail"
    assert "24 of about 3200 users failed on the canary" in found.explanation()
    assert "By calls, which do not decide: errors: " in found.explanation()


def test_calls_alone_fail_no_version() -> None:
    """One user's calls belong together: 64 failed calls may be those of one user."""
    assert judged(None).verdict is Verdict.FAIL
    found = judged(evidence([*failures(2, 1), *sample(64_000)]))
    assert found.verdict is Verdict.PASS
    assert not found.unconfirmed
    assert not found.better


def test_users_fail_no_version_whose_calls_are_not_worse() -> None:
    assert judged(evidence([*failures(24, 2), *sample(6_400)]), ALIKE).verdict is not Verdict.FAIL


def test_without_a_line_there_is_no_data() -> None:
    found = judged(evidence([]))
    assert (found.verdict, found.unconfirmed) == (Verdict.NO_DATA, False)
    assert "no user at 50 % in the logs of callers yet" in found.summary(SHARE)


def test_a_step_of_whose_users_there_is_no_line_is_not_healthy() -> None:
    """The callers may have stopped to write lines, whatever the earlier steps have shown."""
    lines = [replace(line, percent=25.0) for line in sample(64_000)]
    found = judged(evidence(lines))
    assert found.verdict is Verdict.NO_DATA
    assert found.waits_for == "no user at 50 % in the logs of callers yet"
    assert judged(evidence([*lines, *sample(SAMPLE)])).verdict is Verdict.PASS


def test_too_few_users_are_inconclusive_and_it_says_how_many_more() -> None:
    found = judged(evidence(sample(256)))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "more users on the canary" in found.waits_for


UNREADABLE = "the log of callers /aws/lambda/web cannot be read (AccessDenied)"


def test_a_log_that_cannot_be_read_is_no_data_and_never_healthy() -> None:
    assert judged(evidence(sample(64_000))).verdict is Verdict.PASS
    found = judged(evidence(sample(64_000), problem=UNREADABLE))
    assert (found.verdict, found.problem) == (Verdict.NO_DATA, UNREADABLE)
    assert found.summary(SHARE).count("cannot be read") == 1


def test_what_the_other_logs_show_still_fails_a_version() -> None:
    assert judged(evidence(failures(24, 2), problem=UNREADABLE)).verdict is Verdict.FAIL


def test_a_canary_without_a_call_in_its_step_is_not_healthy() -> None:
    calls = Minute(0, 0, 40, 1)
    found = judged(evidence(sample(64_000)), calls)
    assert found.verdict is Verdict.NO_DATA
    assert "no call on the canary" in found.summary(SHARE)


def test_a_verdict_that_the_next_lines_must_confirm_holds_the_step() -> None:
    found = judged(evidence([*failures(24, 0, minutes=1), *sample(640)], whole_until=NOON + 60))
    assert (found.verdict, found.unconfirmed) == (Verdict.INCONCLUSIVE, True)
    assert found.waits_for == "the next tick must confirm the failures"


def test_slow_calls_are_only_told() -> None:
    """A user whose calls are slow is slow on whatever version: that is not counted by users."""
    metrics = (PlannedMetric(ERRORS, weight=0.5), PlannedMetric(LATENCY, weight=0.5, over_ms=100))
    slow = by_start(*[Minute(40, 40, 40, 0)] * 8)
    fine = comparison(evidence([*failures(1, 1), *sample(64_000)]), ALIKE, metrics=metrics)
    counts = {**fine.reading.counts, LATENCY: slow}
    found = replace(fine, reading=replace(fine.reading, counts=counts, counted=frozenset({LATENCY}))).judge()
    assert found.verdict is Verdict.PASS
    assert found.amber == ("slower: 240 of 240 took over 100 ms since 12:02 UTC, 0 of 240 on stable; reported only",)


def test_a_heavy_user_does_not_look_like_a_canary_that_takes_more_calls() -> None:
    assert judged(evidence(sample(64_000)), Minute(5, 0, 400, 0), minutes=9).verdict is Verdict.PASS


def test_targets_with_the_same_users_are_not_judged_as_one() -> None:
    """The same failing user meets the canaries of all of them."""
    few = Minute(200, 8, 200, 4)
    assert len({each.of_all for each in judge_all(a_plan(), [comparison(None, few)] * 6)}) == 1
    found = judge_all(a_plan(routing=Routing("salt")), [comparison(evidence(sample(64_000)), few)] * 6)
    assert {(each.verdict, each.of_all) for each in found} == {(Verdict.PASS, "")}


def test_failing_users_of_unknown_chance_are_said_and_not_counted() -> None:
    lines = [replace(line, percent=None) for line in failures(24, 0)]
    found = judged(evidence([*lines, *sample(64_000)]))
    assert found.verdict is Verdict.PASS
    assert "24 failing users whose chance is not known, not counted" in found.explanation()


def test_the_ledger_has_both_channels_and_the_calls_beside_them() -> None:
    written = judged(evidence([*failures(24, 2), *sample(6_400)])).document()
    assert {name: written[name] for name in ("metric", "canary", "stable", "since")} == {
        "metric": "users",
        "canary": [24, 3200],
        "stable": [2, 3200],
        "since": None,
    }
    assert written["log_e_value"] == pytest.approx(7.3, abs=0.1)
    assert [(each["name"], each["canary"]) for each in written["metrics"]] == [(ERRORS, [64, 160])]
