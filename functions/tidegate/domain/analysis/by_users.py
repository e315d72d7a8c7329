"""The verdict on a target whose users are routed: they are the evidence, calls beside them.

The calls of a user belong together, and the whole user moves, so counts of calls prove nothing here (docs/judge.md).
"""

from dataclasses import dataclass, field, replace
from math import ceil

from tidegate.domain.amounts import many, rounded
from tidegate.domain.analysis.users import Users
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.analysis.waiting import NEXT_TICK
from tidegate.domain.judge import UsersJudged, Verdict, far_fewer, judge_users, step_mde
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.schedule import MINUTE, minute_of

CALLS_FAIL = "by calls it fails"


@dataclass(frozen=True)
class UserEvidence:
    """The users of one target; the callers' logs are read up to `whole_until` (seconds since 1970).

    `problem` says which logs cannot be read.
    """

    users: Users = field(default_factory=Users)
    whole_until: int = 0
    problem: str = ""


def by_users(by_calls: TargetVerdict, found: UserEvidence, plan: ReleasePlan, weight: float) -> TargetVerdict:
    """Return the verdict by users; `weight` is the canary's share of the users in percent.

    Users fail a version whatever else is missing. Nothing passes without what should be there: metrics, all logs, a
    call of the canary in this step, and lines of it in this step, about as many as its share.
    """
    effect = next((each.min_effect for each in plan.metrics if each.name == ERRORS), plan.min_effect)
    judged = judge_users(
        found.users.failures(),
        found.users.seen(),
        last=minute_of(found.whole_until) - MINUTE,
        alpha=plan.target_alpha,
        excess=by_calls.combined.metric(ERRORS).excess if by_calls.combined else 0.0,
        min_effect=effect,
        mde=step_mde(weight, plan.mde),
    )
    judged = replace(judged, summary=f"{judged.summary}{_thinned(judged)}{_left_out(found.users.unknown)}")
    if judged.verdict is Verdict.FAIL or judged.unconfirmed:
        waits = NEXT_TICK if judged.unconfirmed else ""
        return replace(by_calls, verdict=judged.verdict, waits_for=waits, users=judged)
    return _without_fail(by_calls, judged, found, plan, weight)


def _without_fail(
    by_calls: TargetVerdict, judged: UsersJudged, found: UserEvidence, plan: ReleasePlan, weight: float
) -> TargetVerdict:
    """Return the verdict if users fail no version: what is missing, and what calls say, may keep it from passing.

    A problem is what no strategy continues over without a person. That an idle target has no calls or lines is none;
    where others are called, callers may not route at all, or the canary may hang.
    """
    problem = by_calls.problem or found.problem or None
    verdict, waits = Verdict.NO_DATA, found.problem
    silent = by_calls.verdict is Verdict.NO_DATA
    unseen = "" if problem or silent else _unseen(found.users, weight)
    if unseen:
        waits = f"{unseen}; {CALLS_FAIL}" if by_calls.verdict is Verdict.FAIL else unseen
        problem = None if by_calls.target.idle and by_calls.verdict is not Verdict.FAIL else waits
    elif silent and not problem:
        waits = by_calls.waits_for
        problem = None if by_calls.target.idle else waits
    elif not problem:
        verdict, waits = judged.verdict, _waits_for(judged)
        if by_calls.verdict is Verdict.FAIL and (judged.verdict is not Verdict.PASS or _untold(judged, plan, by_calls)):
            verdict = Verdict.INCONCLUSIVE
            waits = problem = f"{CALLS_FAIL}, and too few users' lines say how"
    judged = replace(judged, verdict=verdict)
    return replace(by_calls, verdict=verdict, problem=problem, waits_for=waits, users=judged)


def _unseen(users: Users, weight: float) -> str:
    """Say which lines of the canary are missing in this step: its calls may have died before they wrote any."""
    if not users.met(weight):
        return f"no user of the canary at {weight:g} % in the logs of callers yet"
    canary, sample = users.sample_at(weight)
    if far_fewer(canary, sample, weight / 100):
        sent = f"{sample * weight / 100:.0f}"
        return f"{canary} of {sample} users who are seen are on the canary, where about {sent} are sent"
    return ""


def _untold(judged: UsersJudged, plan: ReleasePlan, by_calls: TargetVerdict) -> bool:
    """Return whether calls of the canary may have failed without a line, although those of others have one.

    A call that times out or runs out of memory writes no line in the function itself. A caller's lines say how each of
    its calls ended, so there must be some of the canary; many failed calls of few users are no contradiction then.
    """
    return not judged.canary_failing or _from_itself(plan, by_calls.target)


def _from_itself(plan: ReleasePlan, target: TargetPlan) -> bool:
    groups = plan.routing.log_groups if plan.routing else ()
    return not groups or f"/aws/lambda/{target.function}" in groups


def _thinned(judged: UsersJudged) -> str:
    counted = judged.canary_failing + judged.stable_failing
    return f"; about {judged.failing} failed, of whom {counted} are counted" if judged.failing > counted else ""


def _left_out(unknown: int) -> str:
    return f"; {many(unknown, 'failing user')} whose chance is not known, not counted" if unknown else ""


def _waits_for(judged: UsersJudged) -> str:
    if judged.verdict is not Verdict.INCONCLUSIVE or not judged.information:
        return ""
    lacking = judged.canary_seen * (judged.needed / judged.information - 1)
    return f"about {many(rounded(ceil(lacking)), 'more user')} on the canary"
