"""Facts about the rest of the account and Region: what calls the unqualified functions of a release, by kind.

Each reader returns callers as (kind, name) by the ARN of the function; kinds are those of
`tidegate.domain.planning.preflight.callers`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from tidegate.aws.preflight.aim import Aim
from tidegate.aws.preflight.of_function import pages, policies
from tidegate.aws.preflight.pace import OutOfTime, client
from tidegate.domain.planning.preflight.callers import calls, mentions
from tidegate.domain.planning.preflight.permissions import permitted
from tidegate.domain.planning.preflight.survey import Partial

Found = dict[str, list[tuple[str, str]]]

MOST = 5000
"""Most items of a list that are read."""

AT_ONCE = 4
"""Definitions and APIs that are read at once; all calls of the preflight keep one pace."""

MOST_BUCKETS = 20


def _by_function(aims: Sequence[Aim], kind: str, named: Iterable[tuple[str, Callable[[str], bool]]]) -> Found:
    """Sort callers by function; each has its name and a test for the ARN of a function."""
    found: Found = {aim.arn: [] for aim in aims}
    for name, names in named:
        for aim in aims:
            if names(aim.arn):
                found[aim.arn].append((kind, name))
    return found


def rules(aims: Sequence[Aim], _now: int) -> Found:
    """Ask EventBridge for the rules of each bus by their target: it lists no others."""
    buses = _buses()
    found: Found = {}
    for aim in aims:
        listed = [(bus, name) for bus in buses for name in _rules_of(aim, bus)]
        found[aim.arn] = [("rule", name if bus == "default" else f"{bus}/{name}") for bus, name in listed]
    return found


def _buses() -> list[str]:
    """Return the names of all buses; boto3 has no paginator for them."""
    names, further = list[str](), dict[str, Any]()
    while True:
        answer = client("events").list_event_buses(Limit=100, **further)
        names += [each["Name"] for each in answer["EventBuses"]]
        if not answer.get("NextToken"):
            return names
        further = {"NextToken": answer["NextToken"]}


def _rules_of(aim: Aim, bus: str) -> list[str]:
    return pages("events", "list_rule_names_by_target", "RuleNames", TargetArn=aim.arn, EventBusName=bus)


def schedules(aims: Sequence[Aim], _now: int) -> Found:
    listed = pages("scheduler", "list_schedules", "Schedules", most=MOST)
    return _by_function(aims, "schedule", ((each["Name"], _is(each["Target"]["Arn"])) for each in listed))


def topics(aims: Sequence[Aim], _now: int) -> Found:
    listed = pages("sns", "list_subscriptions", "Subscriptions", most=MOST)
    named = ((each["TopicArn"].rpartition(":")[2], _is(each["Endpoint"])) for each in listed)
    return _by_function(aims, "subscription of topic", named)


def _is(address: str) -> Callable[[str], bool]:
    return lambda arn: calls(address, arn)


def buckets(aims: Sequence[Aim], now: int) -> Found:
    """Read the notifications of the buckets that a function's policy allows: S3 needs that permission."""
    found: Found = {}
    for aim in aims:
        sources = {each.source for each in permitted(policies(aim, now)["unqualified"]) if ":s3:::" in each.source}
        named = sorted(source.rpartition(":")[2] for source in sources)[:MOST_BUCKETS]
        found[aim.arn] = [("bucket", bucket) for bucket in named if _notifies(bucket, aim.arn)]
    return found


def _notifies(bucket: str, arn: str) -> bool:
    settings = client("s3").get_bucket_notification_configuration(Bucket=bucket)
    return any(calls(each["LambdaFunctionArn"], arn) for each in settings.get("LambdaFunctionConfigurations", []))


def rest_apis(aims: Sequence[Aim], _now: int) -> Found | Partial:
    listed = pages("apigateway", "get_rest_apis", "items", most=MOST)
    named = {f"{each['name']} ({each['id']})": partial(_uris_of_rest, each) for each in listed}
    return _in_time(aims, "REST API", named)


def _uris_of_rest(api: Mapping[str, Any]) -> str:
    resources = pages("apigateway", "get_resources", "items", restApiId=api["id"], embed=["methods"])
    methods = (method for each in resources for method in (each.get("resourceMethods") or {}).values())
    return "\n".join(str((method.get("methodIntegration") or {}).get("uri", "")) for method in methods)


def http_apis(aims: Sequence[Aim], _now: int) -> Found | Partial:
    """Read HTTP and WebSocket APIs."""
    listed = pages("apigatewayv2", "get_apis", "Items", most=MOST)
    named = {f"{each['Name']} ({each['ApiId']})": partial(_uris_of_http, each) for each in listed}
    return _in_time(aims, "HTTP API", named)


def _uris_of_http(api: Mapping[str, Any]) -> str:
    integrations = pages("apigatewayv2", "get_integrations", "Items", ApiId=api["ApiId"])
    return "\n".join(str(each.get("IntegrationUri", "")) for each in integrations)


def machines(aims: Sequence[Aim], _now: int) -> Found | Partial:
    """Read definitions, first of the state machines that ran in the last two weeks: each costs one call."""
    listed = pages("stepfunctions", "list_state_machines", "stateMachines", most=MOST)
    metrics = pages("cloudwatch", "list_metrics", "Metrics", Namespace="AWS/States", MetricName="ExecutionsStarted")
    ran = {each["Value"] for metric in metrics for each in metric["Dimensions"]}
    listed.sort(key=lambda each: each["stateMachineArn"] not in ran)
    return _in_time(aims, "state machine", {each["name"]: partial(_definition, each) for each in listed})


def _definition(machine: Mapping[str, Any]) -> str:
    return str(client("stepfunctions").describe_state_machine(stateMachineArn=machine["stateMachineArn"])["definition"])


def _in_time(aims: Sequence[Aim], kind: str, texts: Mapping[str, Callable[[], str]]) -> Found | Partial:
    """Read texts by name until the time limit; those that are left are counted."""
    read: list[tuple[str, Callable[[str], bool]]] = []
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for name, text in [(name, pool.submit(text)) for name, text in texts.items()]:
            with suppress(OutOfTime):
                read.append((name, _in(text.result())))
    found, left = _by_function(aims, kind, read), len(texts) - len(read)
    return Partial(found, f"{left} of {len(texts)} were not read within the time limit") if left else found


def _in(text: str) -> Callable[[str], bool]:
    return lambda arn: mentions(text, arn)


def environments(aims: Sequence[Aim], _now: int) -> Found:
    """Read which variables of other functions contain the ARN; their values go nowhere."""
    listed = pages("lambda", "list_functions", "Functions", most=MOST)
    variables = (
        (f"{each['FunctionName']} ({name})", _in(value))
        for each in listed
        for name, value in (each.get("Environment") or {}).get("Variables", {}).items()
    )
    return _by_function(aims, "environment of", variables)


def alias_owner(aim: Aim, _now: int) -> dict[str, str] | None:
    """Return the stack and the resource in it that own the alias; only the stack of the function is asked."""
    if not aim.stack:
        return None
    resources = pages("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=aim.stack)
    alias = f"{aim.arn}:{aim.alias}"
    owners = [each["LogicalResourceId"] for each in resources if each.get("PhysicalResourceId") == alias]
    return {"stack": aim.stack, "resource": owners[0]} if owners else None


CALLERS: Mapping[str, Callable[[Sequence[Aim], int], Found | Partial]] = {
    "rules": rules,
    "schedules": schedules,
    "topics": topics,
    "buckets": buckets,
    "rest-apis": rest_apis,
    "http-apis": http_apis,
    "machines": machines,
    "environments": environments,
}
