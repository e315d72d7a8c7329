"""The verdict on a target whose users are routed: they are the evidence, calls the size of the effect.

The calls of a user belong together, and the whole user moves, so counts of calls prove nothing here (docs/judge.md).
"""

from dataclasses import dataclass, field, replace
from math import ceil

from tidegate.domain.amounts import many, rounded
from tidegate.domain.analysis.users import Users
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.analysis.waiting import NEXT_TICK
from tidegate.domain.judge import UsersJudged, Verdict, judge_users, step_mde
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import MINUTE, minute_of


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

    What cannot be read is no data, never healthy; the users that were read may fail a version nevertheless. Neither
    is a canary healthy that has not completed a call in this step, or of whose users in this step there is no line.
    """
    if by_calls.combined is None:
        return by_calls
    effect = next((each.min_effect for each in plan.metrics if each.name == ERRORS), plan.min_effect)
    judged = judge_users(
        found.users.failures(),
        found.users.seen(),
        last=minute_of(found.whole_until) - MINUTE,
        alpha=plan.target_alpha,
        excess=by_calls.combined.metric(ERRORS).excess,
        min_effect=effect,
        mde=step_mde(weight, plan.mde),
    )
    if judged.verdict is not Verdict.FAIL and found.problem:
        return TargetVerdict(by_calls.target, Verdict.NO_DATA, found.problem)
    open_ = judged.verdict is not Verdict.FAIL and not judged.unconfirmed
    silent, unseen = by_calls.verdict is Verdict.NO_DATA, not found.users.met(weight)
    verdict = Verdict.NO_DATA if open_ and (silent or unseen) else judged.verdict
    waits = by_calls.waits_for if open_ and silent else _waits_for(replace(judged, verdict=verdict), weight)
    told = f"{judged.summary}{_left_out(found.users.unknown)}"
    return replace(by_calls, verdict=verdict, waits_for=waits, users=replace(judged, verdict=verdict, summary=told))


def _left_out(unknown: int) -> str:
    return f"; {many(unknown, 'failing user')} whose chance is not known, not counted" if unknown else ""


def _waits_for(judged: UsersJudged, weight: float) -> str:
    if judged.unconfirmed:
        return NEXT_TICK
    if judged.verdict is Verdict.NO_DATA:
        return f"no user at {weight:g} % in the logs of callers yet"
    if judged.verdict is not Verdict.INCONCLUSIVE or not judged.information:
        return ""
    lacking = judged.canary_seen * (judged.needed / judged.information - 1)
    return f"about {many(rounded(ceil(lacking)), 'more user')} on the canary"
