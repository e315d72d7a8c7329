"""Removing what `tidegate verify` made: what is named by its prefix and has its tag."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from tidegate.domain.partition import partition_of
from tidegate_cli.verify.ground import PREFIX, TAG

Client = Callable[..., Any]
OTHER_REGIONS = {
    "aws": ("us-east-1", "us-west-2"),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
    "aws-us-gov": ("us-gov-west-1", "us-gov-east-1"),
}
"""Of each partition with several Regions two that every account has."""


def other_region(own: str) -> str:
    """Name another Region of the partition.

    Raises
    ------
    LookupError
        When there is none.
    """
    partition = partition_of(own).name
    for region in OTHER_REGIONS.get(partition, ()):
        if region != own:
            return region
    raise LookupError(f"{partition} has one Region")


class Leftovers(NamedTuple):
    """One kind of resource: how those of a prefix are listed, how their tags are read, and how one is removed."""

    word: str
    service: str
    named: Callable[[Any, str], Iterator[str]]
    tags: Callable[[Any, str], Any]
    remove: Callable[[Any, str], Any]


def clean(client: Client, run: str = "") -> Iterator[str]:
    """Remove what a run has made, or all that any run has left; yield what was removed, in words.

    What fails is told by the last of the errors, once everything else is removed.
    """
    failed: list[ClientError] = []
    prefix = f"{PREFIX}{run}"
    for kind in KINDS:
        yield from _removed(kind, client(kind.service), prefix, failed)
    refused: list[ClientError] = []  # who may list nothing elsewhere has made nothing there
    with suppress(LookupError):
        elsewhere = other_region(client("lambda").meta.region_name)
        for kind in ELSEWHERE:
            yield from _removed(kind, client(kind.service, elsewhere), prefix, failed, refused)
    if failed:
        raise failed[-1]


def _removed(
    kind: Leftovers, client: Any, prefix: str, failed: list[ClientError], unlisted: list[ClientError] | None = None
) -> Iterator[str]:
    """Remove all of one kind; add errors to `failed`, those of listing to `unlisted` if it is given, and continue."""
    try:
        names = list(kind.named(client, prefix))
    except ClientError as error:
        (failed if unlisted is None else unlisted).append(error)
        return
    for name in names:
        try:
            if TAG in str(kind.tags(client, name)):
                kind.remove(client, name)
                yield f"{kind.word} {name.rpartition(':')[2] if name.startswith('arn:') else name}"
        except ClientError as error:
            failed.append(error)


def _pages(client: Any, call: str, found: str, **asked: Any) -> Iterator[Any]:
    for page in client.get_paginator(call).paginate(**asked):
        yield from page[found]


def _machines(client: Any, prefix: str) -> Iterator[str]:
    for machine in _pages(client, "list_state_machines", "stateMachines"):
        if machine["name"].startswith(prefix):
            yield machine["stateMachineArn"]


def _remove_machine(client: Any, arn: str) -> None:
    for execution in _pages(client, "list_executions", "executions", stateMachineArn=arn, statusFilter="RUNNING"):
        client.stop_execution(executionArn=execution["executionArn"])
    client.delete_state_machine(stateMachineArn=arn)


def _functions(client: Any, prefix: str) -> Iterator[str]:
    for function in _pages(client, "list_functions", "Functions"):
        if function["FunctionName"].startswith(prefix):
            yield function["FunctionName"]


def _log_groups(client: Any, prefix: str) -> Iterator[str]:
    groups = _pages(client, "describe_log_groups", "logGroups", logGroupNamePrefix=f"/aws/lambda/{prefix}")
    return (group["arn"].removesuffix(":*") for group in groups)


def _alarms(client: Any, prefix: str) -> Iterator[str]:
    """Composite alarms first: an alarm that one depends on cannot be deleted."""
    for kind, found in (("CompositeAlarm", "CompositeAlarms"), ("MetricAlarm", "MetricAlarms")):
        asked = {"AlarmNamePrefix": prefix, "AlarmTypes": [kind]}
        yield from (alarm["AlarmArn"] for alarm in _pages(client, "describe_alarms", found, **asked))


def _tables(client: Any, prefix: str) -> Iterator[str]:
    return (name for name in _pages(client, "list_tables", "TableNames") if name.startswith(prefix))


def _table_tags(client: Any, name: str) -> Any:
    table = client.describe_table(TableName=name)["Table"]
    return client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]


def _buckets(client: Any, prefix: str) -> Iterator[str]:
    return (bucket["Name"] for bucket in client.list_buckets()["Buckets"] if bucket["Name"].startswith(prefix))


def _remove_bucket(client: Any, name: str) -> None:
    for each in client.list_objects_v2(Bucket=name).get("Contents", []):
        client.delete_object(Bucket=name, Key=each["Key"])
    client.delete_bucket(Bucket=name)


def _roles(client: Any, prefix: str) -> Iterator[str]:
    return (role["RoleName"] for role in _pages(client, "list_roles", "Roles") if role["RoleName"].startswith(prefix))


def _remove_role(client: Any, name: str) -> None:
    for policy in client.list_role_policies(RoleName=name)["PolicyNames"]:
        client.delete_role_policy(RoleName=name, PolicyName=policy)
    client.delete_role(RoleName=name)


def _buses(client: Any, prefix: str) -> Iterator[str]:
    return (bus["Arn"] for bus in client.list_event_buses(NamePrefix=prefix)["EventBuses"])


def _remove_bus(client: Any, arn: str) -> None:
    name = arn.rpartition("/")[2]
    for rule in client.list_rules(EventBusName=name)["Rules"]:
        where = {"Rule": rule["Name"], "EventBusName": name}
        targets = [target["Id"] for target in client.list_targets_by_rule(**where)["Targets"]]
        if targets:
            client.remove_targets(**where, Ids=targets)
        client.delete_rule(Name=rule["Name"], EventBusName=name)
    client.delete_event_bus(Name=name)


BUSES = Leftovers(
    "event bus",
    "events",
    _buses,
    lambda client, arn: client.list_tags_for_resource(ResourceARN=arn)["Tags"],
    _remove_bus,
)
KINDS = [
    BUSES,
    Leftovers(
        "state machine",
        "stepfunctions",
        _machines,
        lambda client, arn: client.list_tags_for_resource(resourceArn=arn)["tags"],
        _remove_machine,
    ),
    Leftovers(
        "function",
        "lambda",
        _functions,
        lambda client, name: client.get_function(FunctionName=name).get("Tags"),
        lambda client, name: client.delete_function(FunctionName=name),
    ),
    Leftovers(
        "log group",
        "logs",
        _log_groups,
        lambda client, arn: client.list_tags_for_resource(resourceArn=arn)["tags"],
        lambda client, arn: client.delete_log_group(logGroupName=arn.rpartition(":")[2]),
    ),
    Leftovers(
        "alarm",
        "cloudwatch",
        _alarms,
        lambda client, arn: client.list_tags_for_resource(ResourceARN=arn)["Tags"],
        lambda client, arn: client.delete_alarms(AlarmNames=[arn.rpartition(":")[2]]),
    ),
    Leftovers("table", "dynamodb", _tables, _table_tags, lambda client, name: client.delete_table(TableName=name)),
    Leftovers(
        "bucket",
        "s3",
        _buckets,
        lambda client, name: client.get_bucket_tagging(Bucket=name)["TagSet"],
        _remove_bucket,
    ),
    Leftovers(
        "role",
        "iam",
        _roles,
        lambda client, name: client.list_role_tags(RoleName=name)["Tags"],
        _remove_role,
    ),
]
"""In the order in which they can be removed: the role last, which others take."""

ELSEWHERE = [
    BUSES,
    Leftovers(
        "queue",
        "sqs",
        lambda client, prefix: iter(client.list_queues(QueueNamePrefix=prefix).get("QueueUrls", [])),
        lambda client, url: client.list_queue_tags(QueueUrl=url).get("Tags"),
        lambda client, url: client.delete_queue(QueueUrl=url),
    ),
]
"""In another Region."""
