"""Facts about the rest of the account and Region: what calls the unqualified functions of a release, by kind.

Each reader returns callers as (kind, name) by the ARN of the function, some with further facts; kinds are those of
`tidegate.domain.planning.preflight.callers`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.preflight.aim import Aim
from tidegate.aws.preflight.of_function import pages, policies
from tidegate.aws.preflight.pace import client
from tidegate.domain.foreign_text import short_line, undotted
from tidegate.domain.planning import state_machines
from tidegate.domain.planning.known_calls import MACHINES, SUBSCRIPTIONS
from tidegate.domain.planning.preflight.callers import calls, mentions
from tidegate.domain.planning.preflight.permissions import permitted
from tidegate.domain.planning.preflight.survey import MALFORMED, Listed, Partial

Found = dict[str, list[tuple[str, str]]]

MOST = 5000
"""Most items of a list that are read."""

AT_ONCE = 4
"""Definitions and APIs that are read at once; all calls of the preflight keep one pace."""

MOST_BUCKETS = 20

LONGEST = 200
"""Most characters of AWS's reason."""

Key = TypeVar("Key")
Value = TypeVar("Value")


def _by_function(aims: Sequence[Aim], kind: str, named: Iterable[tuple[str, Callable[[str], bool]]]) -> Found:
    """Sort callers by function; each has its name and a test for the ARN of a function."""
    found: Found = {aim.arn: [] for aim in aims}
    for name, names in named:
        for aim in aims:
            if names(aim.arn):
                found[aim.arn].append((kind, name))
    return found


def rules(aims: Sequence[Aim], _now: int) -> Found | Partial:
    """Ask EventBridge for the rules of each bus by their target: it lists no others."""
    buses = _buses()
    listed, why = each_of({(aim.arn, bus): partial(_rules_of, aim, bus) for aim in aims for bus in buses})
    found: Found = {aim.arn: [] for aim in aims}
    for (arn, bus), names in listed.items():
        found[arn] += [("rule", name if bus == "default" else f"{bus}/{name}") for name in names]
    return Partial(found, why) if why else found


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


def topics(aims: Sequence[Aim], _now: int) -> dict[str, Listed]:
    listed = pages("sns", "list_subscriptions", "Subscriptions", most=MOST)
    named = ((each["TopicArn"].rpartition(":")[2], _is(each["Endpoint"])) for each in listed)
    subscribed = [(each["TopicArn"], each["Endpoint"]) for each in listed if each["Protocol"] in ("lambda", "sqs")]
    callers = _by_function(aims, "subscription of topic", named)
    return {arn: Listed(each, {SUBSCRIPTIONS: subscribed}) for arn, each in callers.items()}


def _is(address: str) -> Callable[[str], bool]:
    return lambda arn: calls(address, arn)


def buckets(aims: Sequence[Aim], now: int) -> Found | Partial:
    """Read the notifications of the buckets that a function's policy allows: S3 needs that permission."""
    allowing, why = each_of({aim.arn: partial(policies, aim, now) for aim in aims})
    named = {
        source.rpartition(":")[2]
        for each in allowing.values()
        for source in sorted(_buckets_in(each["unqualified"]))[:MOST_BUCKETS]
    }
    notified, also = each_of({bucket: partial(_notified, bucket) for bucket in sorted(named)})
    tests = ((bucket, partial(_is_among, functions)) for bucket, functions in notified.items())
    found = _by_function(aims, "bucket", tests)
    return Partial(found, why or also) if why or also else found


def _buckets_in(policy: str | None) -> set[str]:
    return {each.source for each in permitted(policy) if ":s3:::" in each.source}


def _notified(bucket: str) -> list[str]:
    settings = client("s3").get_bucket_notification_configuration(Bucket=bucket)
    return [each["LambdaFunctionArn"] for each in settings.get("LambdaFunctionConfigurations", [])]


def _is_among(addresses: Sequence[str], arn: str) -> bool:
    return any(calls(each, arn) for each in addresses)


def rest_apis(aims: Sequence[Aim], _now: int) -> Found | Partial:
    listed = pages("apigateway", "get_rest_apis", "items", most=MOST)
    named = {f"{each['name']} ({each['id']})": partial(_uris_of_rest, each) for each in listed}
    return _in_texts(aims, "REST API", named)


def _uris_of_rest(api: Mapping[str, Any]) -> str:
    resources = pages("apigateway", "get_resources", "items", restApiId=api["id"], embed=["methods"])
    methods = (method for each in resources for method in (each.get("resourceMethods") or {}).values())
    return "\n".join(str((method.get("methodIntegration") or {}).get("uri", "")) for method in methods)


def http_apis(aims: Sequence[Aim], _now: int) -> Found | Partial:
    """Read HTTP and WebSocket APIs."""
    listed = pages("apigatewayv2", "get_apis", "Items", most=MOST)
    named = {f"{each['Name']} ({each['ApiId']})": partial(_uris_of_http, each) for each in listed}
    return _in_texts(aims, "HTTP API", named)


def _uris_of_http(api: Mapping[str, Any]) -> str:
    integrations = pages("apigatewayv2", "get_integrations", "Items", ApiId=api["ApiId"])
    return "\n".join(str(each.get("IntegrationUri", "")) for each in integrations)


def machines(aims: Sequence[Aim], _now: int) -> dict[str, Listed] | Partial:
    """Read definitions, first of the state machines that ran in the last two weeks: each costs one call."""
    listed = pages("stepfunctions", "list_state_machines", "stateMachines", most=MOST)
    metrics = pages("cloudwatch", "list_metrics", "Metrics", Namespace="AWS/States", MetricName="ExecutionsStarted")
    ran = {each["Value"] for metric in metrics for each in metric["Dimensions"]}
    listed.sort(key=lambda each: each["stateMachineArn"] not in ran)
    read, why = each_of({each["name"]: partial(_definition, each) for each in listed})
    callers = _by_function(aims, "state machine", ((name, _in(text)) for name, text in read.items()))
    results, unclear = _results(aims, read)
    found = {arn: Listed(each, {MACHINES: results}) for arn, each in callers.items()}
    return Partial(found, why or unclear) if why or unclear else found


def _results(aims: Sequence[Aim], definitions: Mapping[str, str]) -> tuple[list[tuple[str, str, str]], str]:
    """Return targets of which the second can receive the result of the first, with the state machine.

    Return also which definition was not understood.
    """
    targets = {
        address: f"{aim.function}:{aim.alias}"
        for aim in aims
        for address in state_machines.addresses(aim.arn, aim.alias)
    }
    found, unclear = list[tuple[str, str, str]](), ""
    for name, definition in definitions.items():
        if any(aim.function in definition for aim in aims):
            try:
                found += [(*pair, name) for pair in sorted(state_machines.results(definition, targets))]
            except MALFORMED as error:
                unclear = f"the definition of {name} was not understood ({error!r})"
    return found, unclear


def _definition(machine: Mapping[str, Any]) -> str:
    return str(client("stepfunctions").describe_state_machine(stateMachineArn=machine["stateMachineArn"])["definition"])


def _in_texts(aims: Sequence[Aim], kind: str, texts: Mapping[str, Callable[[], str]]) -> Found | Partial:
    """Look for the functions in texts by name."""
    read, why = each_of(texts)
    found = _by_function(aims, kind, ((name, _in(text)) for name, text in read.items()))
    return Partial(found, why) if why else found


def each_of(readers: Mapping[Key, Callable[[], Value]]) -> tuple[dict[Key, Value], str]:
    """Read many items; what fails costs only itself. Return also how many were not read, with the first reason.

    Raises
    ------
    ClientError, BotoCoreError
        When none can be read.
    """
    read: dict[Key, Value] = {}
    errors: list[Exception] = []
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for key, value in [(key, pool.submit(reader)) for key, reader in readers.items()]:
            try:
                read[key] = value.result()
            except FAILED_CALL as error:
                errors.append(error)
    if errors and not read:
        raise errors[0]
    why = f"{len(errors)} of {len(readers)} were not read: {short_line(str(errors[0]), LONGEST)}" if errors else ""
    return read, undotted(why)


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
    """Return the stack, and the resources in it that own the aliases; only the stack of the function is asked."""
    if not aim.stack:
        return None
    resources = pages("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=aim.stack)
    ours = {f"{aim.arn}:{name}" for name in (aim.alias, aim.carrier) if name}
    owners = [each["LogicalResourceId"] for each in resources if each.get("PhysicalResourceId") in ours]
    return {"stack": aim.stack, "resource": ", ".join(owners)} if owners else None


CALLERS: Mapping[str, Callable[[Sequence[Aim], int], Found | dict[str, Listed] | Partial]] = {
    "rules": rules,
    "schedules": schedules,
    "topics": topics,
    "buckets": buckets,
    "rest-apis": rest_apis,
    "http-apis": http_apis,
    "machines": machines,
    "environments": environments,
}
