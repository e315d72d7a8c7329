"""Facts about the functions of a release themselves: policies, URLs, mappings, calls."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.failures import code_of
from tidegate.aws.lambda_ import pruning
from tidegate.aws.preflight.aim import Aim
from tidegate.aws.preflight.pace import client
from tidegate.domain.planning.preflight.callers import QUALIFIER
from tidegate.domain.schedule import DAY, HOUR

MOST_MAPPINGS = 2000
"""Most event source mappings that are read: twenty calls."""

MOST_RESOURCES = 400
"""Most aliases and versions whose calls are subtracted: one call of GetMetricData takes 500 metrics."""


def policies(aim: Aim, _now: int) -> dict[str, str | None]:
    """Return the resource policies of the unqualified function and of its aliases, as JSON; None if there is none.

    GetPolicy also returns what PutResourcePolicy wrote, which replaces what AddPermission wrote (botocore,
    `lambda/2015-03-31`, PutResourcePolicy).
    """
    found = {"unqualified": _policy(aim.function), "alias": _policy(aim.function, Qualifier=aim.alias)}
    return {**found, "carrier": _policy(aim.function, Qualifier=aim.carrier)} if aim.carrier else found


def _policy(function: str, **qualifier: str) -> str | None:
    try:
        return str(client("lambda").get_policy(FunctionName=function, **qualifier)["Policy"])
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return None
        raise


def urls(aim: Aim, _now: int) -> list[dict[str, Any]]:
    """Return the function URLs; FunctionArn has the alias, if there is one."""
    return pages("lambda", "list_function_url_configs", "FunctionUrlConfigs", FunctionName=aim.function)


def event_configs(aim: Aim, _now: int) -> list[dict[str, Any]]:
    """Return the settings of asynchronous calls; FunctionArn ends in the alias, or in $LATEST."""
    listed = "FunctionEventInvokeConfigs"
    return pages("lambda", "list_function_event_invoke_configs", listed, FunctionName=aim.function)


def code_storage(aims: Sequence[Aim], now: int) -> dict[str, dict[str, int]]:
    """Return the code storage of the account in bytes, with the size of $LATEST and what pruning would free.

    Versions are read only if the storage is more than half full.
    """
    found = client("lambda").get_account_settings()
    limit, used = found["AccountLimit"]["TotalCodeSize"], found["AccountUsage"]["TotalCodeSize"]
    if used < limit / 2:
        return {}
    return {aim.arn: {"used": used, "limit": limit, **_versions(aim, now)} for aim in aims}


def _versions(aim: Aim, now: int) -> dict[str, int]:
    """Return the `size` of $LATEST, which Lambda lists first, the number of `versions`, and the bytes to be `freed`."""
    latest, *published = pages("lambda", "list_versions_by_function", "Versions", FunctionName=aim.function)
    old = {int(each["Version"]): each for each in published}
    superfluous = pruning.superfluous(
        [pruning.OldVersion.of(each) for each in published], keep=aim.keep, in_use=pruning.in_use(aim.function), now=now
    )
    freed = sum(old[int(number)]["CodeSize"] for number in superfluous)
    return {"size": latest["CodeSize"], "versions": len(old), "keep": aim.keep, "freed": freed}


def mappings(aims: Sequence[Aim], _now: int) -> dict[str, list[dict[str, Any]]]:
    """Return the event source mappings of each function, qualified or not: a hundred in a call for all functions."""
    found: dict[str, list[dict[str, Any]]] = {aim.arn: [] for aim in aims}
    for mapping in _mappings():
        found.get(_unqualified(mapping), []).append(mapping)
    return found


def mappings_of(function: str) -> list[dict[str, Any]]:
    """Return the event source mappings of one function, qualified or not."""
    return [each for each in _mappings() if _unqualified(each).endswith(f":{function}")]


def _mappings() -> list[dict[str, Any]]:
    return pages("lambda", "list_event_source_mappings", "EventSourceMappings", most=MOST_MAPPINGS)


def _unqualified(mapping: dict[str, Any]) -> str:
    return ":".join(str(mapping.get("FunctionArn", "")).split(":")[:7])


def unqualified_calls(aim: Aim, now: int) -> dict[str, int]:
    """Return how many calls of the last day were of the `unqualified` function, and of `all`.

    All calls of the function, less those of each alias and version: Lambda reports the latter by Resource.
    """
    function = {"Name": "FunctionName", "Value": aim.function}
    wanted = [function, {"Name": "Resource"}]
    listed = pages(
        "cloudwatch", "list_metrics", "Metrics", Namespace="AWS/Lambda", MetricName="Invocations", Dimensions=wanted
    )
    resources = {_resource(each["Dimensions"]) for each in listed}
    qualified = sorted(each for each in resources if ":" in each and not each.endswith(QUALIFIER))
    sums = _sums([[function], *([function, _named(each)] for each in qualified[:MOST_RESOURCES])], now)
    return {"unqualified": max(0, round(sums[0] - sum(sums[1:]))), "all": round(sums[0])}


def _resource(dimensions: Sequence[dict[str, str]]) -> str:
    """Return the Resource of a metric that has no further dimension; otherwise an empty name."""
    return (
        next((each["Value"] for each in dimensions if each["Name"] == "Resource"), "") if len(dimensions) == 2 else ""
    )


def _named(resource: str) -> dict[str, str]:
    return {"Name": "Resource", "Value": resource}


def _sums(metrics: Sequence[list[dict[str, str]]], now: int) -> list[float]:
    """Return the calls of the last day by metric, in whole hours up to the current one."""
    queries = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {"Namespace": "AWS/Lambda", "MetricName": "Invocations", "Dimensions": dimensions},
                "Period": HOUR,
                "Stat": "Sum",
            },
        }
        for number, dimensions in enumerate(metrics)
    ]
    end = now - now % HOUR + HOUR
    window: dict[str, Any] = {
        "StartTime": datetime.fromtimestamp(end - DAY, UTC),
        "EndTime": datetime.fromtimestamp(end, UTC),
    }
    found = pages("cloudwatch", "get_metric_data", "MetricDataResults", MetricDataQueries=queries, **window)
    return [sum(sum(each["Values"]) for each in found if each["Id"] == query["Id"]) for query in queries]


def pages(service: str, call: str, member: str, *, most: int | None = None, **parameters: Any) -> list[Any]:
    """Return the items of all pages, or the first `most`."""
    limit = {"PaginationConfig": {"MaxItems": most}} if most else {}
    found = client(service).get_paginator(call).paginate(**parameters, **limit)
    return [item for page in found for item in page.get(member, [])]
