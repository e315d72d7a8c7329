"""Compares two versions of a function by their counts per minute; without state, with only the standard library.

Input
    `Minute`: calls and bad calls of canary and stable in one minute, whole numbers from 0 up. `Metric`: the minutes of
    one kind of bad call, `{start: Minute}` with the starts in whole seconds since 1970, and how they are judged.
    `Calls`: calls and bad calls of one version in one minute. Weights are fractions (0.1 is 10 %), except percent in
    `step_mde` and `latency_mde`; `min_effect` and `mde` are differences of rates (0.02 is two points).
    Lists of minutes are in order of time. Give all minutes from the first on each time: late data then corrects itself.

Output
    `judge_metrics(metrics, alpha=...)`: a `Combined` with its `Verdict` (pass, fail, inconclusive, no_data), the log
    e-value, the excess, since when, a ratio's interval, a sentence, and a `MetricJudgement` for each metric, with the
    evidence that the canary is `Better`, if there is any.
    `judge_fleet(metrics, alpha=...)`: a `Fleet`, the same metric of all targets of a release judged as one; that has
    the part `FLEET_SHARE` of the release's alpha, and each target `alpha_of_target`.
    `check_traffic(minutes, weights)`: a `SplitCheck`, whether the canary completes its share of the calls.
    `compare_environment(minutes, before)`: an `Environment`, whether both versions are much worse than before.
    `judge_promoted(minutes, before, bake_minutes=...)`: a `Promoted`, the promoted version against stable's hour.
    `judge_users(failures, seen, last=..., alpha=...)`: a `UsersJudged`, if users are routed instead of calls. A
    `UserFailure` is a failed call with its user, channel and the canary's share of the users then; `UsersSeen` the
    users at a share; `last` the last complete minute. `users_evidence(failing_users(failures), last)` is the log
    e-value alone. `far_fewer(canary, users, share)`: whether too few users are on the canary to be a draw.
    `failing_from(minutes, limit=...)`: for each minute the fewest bad calls that would have failed the canary.
    `dispersion(before)`: how many times more than by chance stable's bad calls vary between minutes, 1 to 50; pass
    `floor=RETRIED_EVENTS_FLOOR` if failed events are retried. `step_mde`, `latency_mde`, `needed_information`,
    `planned_information`: the information that a step needs before it passes. Log e-values and information are natural
    logarithms: a canary fails at `log(1 / alpha)`. Excesses are differences of rates, ratios the canary's rate over
    stable's. Sentences (`summary`) are plain text without a line end.
    `Shown` (made by `shown`): the counts, window, evidence and limit of a metric that every view shows; `difference`
    and `adjusted` follow from its counts. `kept` rounds evidence as the ledger keeps it.

Errors
    Only `ValueError`, if a count, a weight or a setting is out of range; the message contains its name and value.

Sources
    docs/judge.md explains the comparison and its measured quality. Hoeffding 1963 (a binomial dominates drawing
    without replacement); Ville 1939 (the chance that an e-value ever reaches 1/alpha); Howard, Ramdas et al. 2021
    (time-uniform mixtures, confidence sequences); Lindon and Malek, NeurIPS 2022 (anytime-valid inference for counts);
    Lindon, Sanden and Shirikian, KDD 2022 (rapid regression detection).

Example
    >>> minutes = {0: Minute(60, 0, 540, 1), 60: Minute(60, 9, 540, 2)}
    >>> found = judge_metrics([Metric("errors", minutes)], alpha=0.05)
    >>> found.verdict.value, found.since
    ('fail', 60)
"""

from tidegate.domain.judge.failing_counts import failing_from
from tidegate.domain.judge.fleet import SHARE as FLEET_SHARE
from tidegate.domain.judge.fleet import alpha_of_target, judge_fleet
from tidegate.domain.judge.information import latency_mde, needed_information, planned_information, step_mde
from tidegate.domain.judge.metrics import Better, Combined, Metric, MetricJudgement, Verdict
from tidegate.domain.judge.minutes import RETRIED_EVENTS_FLOOR, Calls, Minute, dispersion
from tidegate.domain.judge.rule import judge_metrics
from tidegate.domain.judge.shown import Shown, adjusted, difference, kept, shown
from tidegate.domain.judge.traffic import SplitCheck, check_traffic, far_fewer
from tidegate.domain.judge.users import (
    UserFailure,
    UsersJudged,
    UsersSeen,
    failing_users,
    judge_users,
    users_evidence,
)
from tidegate.domain.judge.versus_before import Environment, Promoted, compare_environment, judge_promoted

__all__ = [
    "FLEET_SHARE",
    "RETRIED_EVENTS_FLOOR",
    "Better",
    "Calls",
    "Combined",
    "Environment",
    "Metric",
    "MetricJudgement",
    "Minute",
    "Promoted",
    "Shown",
    "SplitCheck",
    "UserFailure",
    "UsersJudged",
    "UsersSeen",
    "Verdict",
    "adjusted",
    "alpha_of_target",
    "check_traffic",
    "compare_environment",
    "difference",
    "dispersion",
    "failing_from",
    "failing_users",
    "far_fewer",
    "judge_fleet",
    "judge_metrics",
    "judge_promoted",
    "judge_users",
    "kept",
    "latency_mde",
    "needed_information",
    "planned_information",
    "shown",
    "step_mde",
    "users_evidence",
]
