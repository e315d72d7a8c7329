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
from tidegate.domain.rollout.next_move import MoveKind, next_move
from tidegate.domain.rollout.proof import may_pass
from tidegate.domain.routing import Routing
from tidegate.domain.schedule import HOUR

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


CALLERS = Routing("salt", log_groups=("/aws/lambda/web",))


def comparison(
    found: UserEvidence | None, calls: Minute = WORSE, *, minutes: int = 8, routing: Routing = CALLERS, **plan: Any
) -> Comparison:
    target = a_target()
    reading = a_reading(by_start(*[calls] * minutes))
    planned_routing = routing if found else None
    planned = a_plan(target, routing=planned_routing, **plan)
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
    assert (found.verdict, found.problem) == (Verdict.PASS, None)
    assert not found.unconfirmed
    assert not found.better


def test_users_fail_a_version_whose_calls_are_not_worse_by_lambdas_count() -> None:
    """A call that timed out in the client is none of Lambda's errors, and others may call without the library."""
    found = judged(evidence([*failures(24, 2), *sample(6_400)]), ALIKE)
    assert found.verdict is Verdict.FAIL
    assert "24 of about 3200 users failed, 42: 2 of about 3200; fail" in found.summary(SHARE)


DEAD = Minute(20, 20, 20, 0)
"""The canary's process dies in each call, so it writes no line; the handler writes them."""
OWN = Routing("salt")


def stable_only(users: int) -> list[UserLine]:
    return [line for line in sample(2 * users) if not line.on_canary]


@pytest.mark.parametrize("routing", [OWN, CALLERS])
def test_lines_of_stable_alone_say_nothing_of_the_canary(routing: Routing) -> None:
    found = judged(evidence(stable_only(64_000)), DEAD, routing=routing)
    assert found.verdict is Verdict.NO_DATA
    assert found.problem == "no user of the canary at 50 % in the logs of callers yet; by calls it fails"
    assert found.summary(SHARE).endswith(f"of about 64000; {found.problem}")
    assert "160 of 160" in found.explanation(), "the calls beside it"


def test_a_canary_with_far_fewer_users_than_are_sent_to_it_is_not_healthy() -> None:
    lines = [*stable_only(64_000), *[line for line in sample(2_560) if line.on_canary]]
    found = judged(evidence(lines), ALIKE)
    assert found.verdict is Verdict.NO_DATA
    assert found.waits_for == "20 of 1020 users who are seen are on the canary, where about 510 are sent"
    fewer = [*stable_only(32_000), *[line for line in sample(58_000) if line.on_canary]]
    assert judged(evidence(fewer), ALIKE).verdict is Verdict.PASS, "by chance"


def test_calls_that_fail_without_a_line_keep_a_canary_from_passing() -> None:
    """Its other calls have lines, as those of stable: a function that dies in a call writes none about it."""
    lines = [*failures(2, 1), *sample(64_000)]
    found = judged(evidence(lines), routing=OWN)
    assert (found.verdict, found.waits_for) == (
        Verdict.INCONCLUSIVE,
        "by calls it fails, and too few users' lines say how",
    )
    assert judged(evidence(lines), routing=Routing("salt", log_groups=("/aws/lambda/checkout",))).problem
    assert judged(evidence(sample(64_000))).problem, "the callers' lines know of no failure, and Lambda does"
    assert judged(evidence(sample(256))).problem, "too few users"


@pytest.mark.parametrize("rule", ["promote", "rollback"])
def test_no_strategy_continues_over_calls_that_fail_and_users_who_are_not_known(rule: str) -> None:
    shifts = [a_shift(NOON, SHARE)]
    plan = a_plan(a_target(), on_inconclusive=rule, routing=OWN)
    for found in (evidence(stable_only(64_000)), evidence([])):
        verdict = judged(found, DEAD)
        later = next_move(plan, 0, shifts, [verdict], now=NOON + 10 * HOUR)
        assert later.kind is MoveKind.ROLL_BACK
        assert later.reason == (
            "EvidenceUnreadable",
            f"Evidence is missing: checkout:live: {verdict.problem}.",
        )


def test_no_strategy_continues_without_a_call_of_the_canary() -> None:
    """Callers without the library send nobody there, and a canary that hangs completes nothing."""
    verdict = judged(evidence(stable_only(64_000)), Minute(0, 0, 40, 1))
    plan = a_plan(a_target(), on_inconclusive="promote", routing=OWN)
    later = next_move(plan, 0, [a_shift(NOON, SHARE)], [verdict], now=NOON + 10 * HOUR)
    assert later.reason == (
        "EvidenceUnreadable",
        "Evidence is missing: checkout:live: no call on the canary at 50 % yet.",
    )


def test_an_idle_function_needs_no_lines() -> None:
    few = comparison(evidence([]), Minute(1, 0, 1, 0))
    idle = replace(few, target=replace(few.target, idle=True)).judge()
    assert (idle.verdict, idle.problem) == (Verdict.NO_DATA, None)
    assert may_pass(a_plan(on_idle="promote"), idle)


def test_users_fail_a_version_while_metrics_cannot_be_read() -> None:
    blind = comparison(evidence([*failures(24, 2), *sample(6_400)]))
    found = replace(blind, reading=a_reading({}, problem="AccessDenied")).judge()
    assert found.verdict is Verdict.FAIL
    assert found.summary(SHARE) == (
        "50 % on 43: 24 of about 3200 users failed, 42: 2 of about 3200; fail; CloudWatch could not be read "
        "(AccessDenied)"
    )
    healthy = comparison(evidence(sample(64_000)))
    found = replace(healthy, reading=a_reading({}, problem="AccessDenied")).judge()
    assert (found.verdict, found.problem) == (Verdict.NO_DATA, "AccessDenied")


def test_without_a_line_there_is_no_data() -> None:
    found = judged(evidence([]))
    assert (found.verdict, found.unconfirmed) == (Verdict.NO_DATA, False)
    assert "no user of the canary at 50 % in the logs of callers yet" in found.summary(SHARE)


def test_a_step_of_whose_users_there_is_no_line_is_not_healthy() -> None:
    """The callers may have stopped to write lines, whatever the earlier steps have shown."""
    lines = [replace(line, percent=25.0) for line in sample(64_000)]
    found = judged(evidence(lines))
    assert found.verdict is Verdict.NO_DATA
    assert found.waits_for == "no user of the canary at 50 % in the logs of callers yet; by calls it fails"
    assert judged(evidence([*lines, *sample(SAMPLE)]), ALIKE).verdict is Verdict.PASS


def test_too_few_users_are_inconclusive_and_it_says_how_many_more() -> None:
    found = judged(evidence(sample(256)), ALIKE)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "more users on the canary" in found.waits_for


UNREADABLE = "the log of callers /aws/lambda/web cannot be read (AccessDenied)"


def test_a_log_that_cannot_be_read_is_no_data_and_never_healthy() -> None:
    assert judged(evidence(sample(64_000)), ALIKE).verdict is Verdict.PASS
    found = judged(evidence(sample(64_000), problem=UNREADABLE), ALIKE)
    assert (found.verdict, found.problem) == (Verdict.NO_DATA, UNREADABLE)
    assert found.summary(SHARE).endswith(f"of about 32000; {UNREADABLE}")
    assert "By calls, which do not decide: errors: " in found.explanation()


def test_what_the_other_logs_show_still_fails_a_version() -> None:
    assert judged(evidence(failures(24, 2), problem=UNREADABLE)).verdict is Verdict.FAIL


def test_a_canary_without_a_call_in_its_step_is_not_healthy() -> None:
    calls = Minute(0, 0, 40, 1)
    found = judged(evidence(sample(64_000)), calls)
    assert found.verdict is Verdict.NO_DATA
    assert "no call on the canary" in found.summary(SHARE)


def test_it_says_that_not_all_failing_users_are_counted() -> None:
    lines = [replace(line, user=f"0{line.user[1:]}", level=4) for line in failures(10, 10)]
    found = judged(evidence([*lines, *sample(64_000)]), ALIKE)
    assert "about 320 failed, of whom 20 are counted" in found.explanation()


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
    found = judged(evidence([*lines, *sample(64_000)]), ALIKE)
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
