"""What is left of the old versions of a promoted release: their calls, what may still be repeated, what keeps them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.aws.clients import lambda_client
from tidegate.aws.cloudwatch import metric_data
from tidegate.aws.cloudwatch.baselines import RETRIED_EVENTS, Unreadable
from tidegate.aws.cloudwatch.metric_data import LAMBDA, MetricData, Series, lambda_dimensions
from tidegate.aws.lambda_ import provisioning
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.ledger.records import Release
from tidegate.domain.alias import AliasState, percent
from tidegate.domain.plan import TargetPlan
from tidegate.domain.rollout.drain import Remains
from tidegate.domain.schedule import HOUR, MINUTE, minute_of

BEFORE = 15 * MINUTE
"""How long before the end of its traffic an old version's last call is looked for."""

LONGEST_WAIT = 6 * HOUR
"""MaximumEventAgeInSeconds, unless it is set, and its maximum (Lambda API reference, PutFunctionEventInvokeConfig)."""

ASYNCHRONOUS = RETRIED_EVENTS[0]

Routes = Mapping[str, AliasState]
"""The aliases of a function, by name."""


def remains(release: Release, since: int, now: int) -> list[Remains]:
    """Read what is left of each target's old version; `since` is the first minute in which no new call went there.

    Raises
    ------
    Unreadable
        When CloudWatch's answer is incomplete.
    """
    targets = release.plan.shifting
    functions = sorted({target.function for target in targets})
    routes = dict(zip(functions, at_once(_routes, functions), strict=True))
    calls = {each.name: _calls(each, routes[each.function]) for each in targets}
    told = {each.name: _told(each) for each in targets}
    wanted = [series for of in calls.values() for both in of.values() for series in both]
    found = _read([*wanted, *(series for three in told.values() for series in three)], since - BEFORE, now)
    events = {each.name: _events(each) for each in targets}
    earlier = _read([each for of in events.values() for each in of], since - LONGEST_WAIT - HOUR, since + HOUR, HOUR)
    received = {name: {each.metric for each in of if any(earlier.of(each).values())} for name, of in events.items()}
    kept = at_once(lambda each: _kept(each, routes[each.function]), targets)
    waits = at_once(lambda each: _longest_wait(each) if ASYNCHRONOUS in received[each.name] else 0, targets)
    return [
        Remains(
            each,
            *_last(calls[each.name], found),
            bool(received[each.name]),
            wait,
            (*keeps, *_untold(each, routes[each.function], told[each.name], found, since)),
        )
        for each, wait, keeps in zip(targets, waits, kept, strict=True)
    ]


def _routes(function: str) -> Routes:
    weights = ("RoutingConfig", "AdditionalVersionWeights")
    return {
        each["Name"]: AliasState(each["FunctionVersion"], each.get(weights[0], {}).get(weights[1], {}))
        for each in _listed("list_aliases", "Aliases", function)
    }


def _calls(target: TargetPlan, routes: Routes) -> dict[str, list[Series]]:
    """Return the series of the old version's calls: through each alias, and by its number."""
    function, version = ("FunctionName", target.function), str(target.stable)
    named: dict[str, list[tuple[str, str]]] = {f"{target.function}:{version}": []}
    named |= {f"{target.function}:{alias}": [("ExecutedVersion", version)] for alias in routes}
    return {
        resource: [
            Series(LAMBDA, metric, "Sum", (function, ("Resource", resource), *more))
            for metric in ("Invocations", "Throttles")
        ]
        for resource, more in named.items()
    }


def _told(target: TargetPlan) -> list[Series]:
    """Return the series of all calls of the alias, of those of the old version, and of the new one."""
    versions = (None, target.stable, target.canary)
    return [Series(LAMBDA, "Invocations", "Sum", lambda_dimensions(target, version)) for version in versions]


def _untold(
    target: TargetPlan, routes: Routes, told: Sequence[Series], found: MetricData, since: int
) -> tuple[str, ...]:
    """Say so if the calls of an alias that is on the new version do not appear under it: then no old call would."""
    on_it = target.alias in routes and routes[target.alias].version == target.canary
    whole, old, new = (sum(value for start, value in found.of(each).items() if start >= since) for each in told)
    if not on_it or new or whole <= old:
        return ()
    return (f"CloudWatch does not tell the calls of {target.name} by version",)


def _events(target: TargetPlan) -> list[Series]:
    """Return the series that show whether a function, by whatever alias, receives what Lambda repeats."""
    whole = lambda_dimensions(target, None)
    return [
        Series(LAMBDA, metric, "SampleCount", dimensions)
        for metric in RETRIED_EVENTS
        for dimensions in (whole[:1], whole)
    ]


def _read(series: Sequence[Series], start: int, end: int, period: int = MINUTE) -> MetricData:
    data = metric_data.read(series, start - start % period, minute_of(end) + MINUTE, period)
    if problem := data.problem(series):
        raise Unreadable(problem)
    return data


def _last(calls: Mapping[str, Sequence[Series]], found: MetricData) -> tuple[int | None, tuple[str, ...]]:
    """Return the last minute with a call, and through what it came."""
    through = defaultdict[int, list[str]](list)
    for resource, both in calls.items():
        minutes = [start for series in both for start, value in found.of(series).items() if value]
        if minutes:
            through[max(minutes)].append(resource)
    last = max(through, default=None)
    return last, () if last is None else tuple(through[last])


def _kept(target: TargetPlan, routes: Routes) -> tuple[str, ...]:
    version = str(target.stable)
    shares = {alias: state.weight_of(version) for alias, state in routes.items() if state.weight_of(version)}
    kept = [f"{target.function}:{alias} routes {percent(share)} of its calls to it" for alias, share in shares.items()]
    if provisioning.read(target.function, version):
        kept.append("it has provisioned concurrency, whose environments Lambda starts again")
    return tuple(kept)


def _longest_wait(target: TargetPlan) -> int:
    """Return how long an asynchronous event may wait, in seconds."""
    listed = _listed("list_function_event_invoke_configs", "FunctionEventInvokeConfigs", target.function)
    ages = [each.get("MaximumEventAgeInSeconds") for each in listed if each["FunctionArn"].endswith(f":{target.alias}")]
    return int(next((age for age in ages if age), LONGEST_WAIT))


def _listed(call: str, member: str, function: str) -> list[Any]:
    client: Any = lambda_client()
    return [each for page in client.get_paginator(call).paginate(FunctionName=function) for each in page[member]]
