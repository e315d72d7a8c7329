"""Services with few and simple calls in a release."""

from collections.abc import Iterator

from localcloud.api.call import ApiCall
from localcloud.iam.authorise import Demand
from localcloud.iam.demands.table import (
    Find,
    Table,
    action,
    anywhere,
    nothing,
    on_arn,
    on_each,
    on_named,
    pass_role,
    same,
    text,
    with_tags,
)

EVENTS = "events.amazonaws.com"


def _bus_arn(call: ApiCall, name: str | None) -> str:
    return name if name and name.startswith("arn:") else call.arn(f"event-bus/{name or 'default'}")


def _bus(call: ApiCall) -> list[Demand]:
    return [Demand(action(call), _bus_arn(call, text(call, "Name")))]


def _rule_arn(call: ApiCall) -> str:
    bus = text(call, "EventBusName").rsplit("/", 1)[-1]
    path = "" if bus in {"", "default"} else f"{bus}/"
    return call.arn(f"rule/{path}{text(call, 'Name', 'Rule')}")


def _put_events(call: ApiCall) -> Iterator[Demand]:
    for entry in call.parameters.get("Entries") or []:
        values = {"events:source": entry.get("Source"), "events:detail-type": entry.get("DetailType")}
        yield Demand(action(call), _bus_arn(call, entry.get("EventBusName")), values)


def _rule(call: ApiCall) -> Iterator[Demand]:
    yield Demand(action(call), _rule_arn(call))
    yield from pass_role(text(call, "RoleArn"), EVENTS)
    for target in call.parameters.get("Targets") or []:
        yield from pass_role(target.get("RoleArn", ""), EVENTS)


def _put_metric_data(call: ApiCall) -> list[Demand]:
    return [Demand(action(call), "*", {"cloudwatch:namespace": text(call, "Namespace")})]


def _alarms(call: ApiCall) -> list[str]:
    names = call.parameters.get("AlarmNames") or [text(call, "AlarmName") or "*"]
    return [call.arn(f"alarm:{name}") for name in names]


def _log_group(call: ApiCall) -> list[Demand]:
    """Name the group as AWS does, which matches patterns ending in `:*` and not the bare name."""
    group = text(call, "logGroupIdentifier", "logGroupName")
    arn = group.removesuffix(":*") if group.startswith("arn:") else call.arn(f"log-group:{group}")
    return [Demand(action(call), f"{arn}:log-stream:{text(call, 'logStreamName')}")]


def _log_groups(call: ApiCall) -> list[str]:
    names = call.parameters.get("logGroupNames") or call.parameters.get("logGroupIdentifiers")
    return [
        f"{name}:log-stream:" if name.startswith("arn:") else call.arn(f"log-group:{name}:log-stream:")
        for name in names or [text(call, "logGroupName")]
    ]


def _role(call: ApiCall) -> list[Demand]:
    return [Demand(action(call), f"arn:aws:iam::{call.account}:role/{text(call, 'RoleName')}")]


def _queue(call: ApiCall) -> list[Demand]:
    """Ask for the action on the queue; a batch needs what one message does."""
    return [
        Demand(
            "sqs:" + call.action.removesuffix("Batch"), call.arn(text(call, "QueueUrl", "QueueName").rsplit("/", 1)[-1])
        )
    ]


def _records_of_table(call: ApiCall) -> list[Demand]:
    """Name the stream that an iterator belongs to, as it says itself."""
    return [Demand(action(call), text(call, "ShardIterator").partition("|")[0])]


def _apis(path: str) -> Find:
    """Ask for apigateway:GET on a path; such an ARN has no account (API Gateway guide, "ARN format")."""

    def find(call: ApiCall) -> list[Demand]:
        given = {name: value for name, value in call.parameters.items() if isinstance(value, str)}
        return [Demand("apigateway:GET", f"arn:aws:apigateway:{call.region}::{path.format(**given)}")]

    return find


SERVICES: dict[str, Table] = {
    "events": {
        "PutEvents": _put_events,
        **same(
            _rule,
            "DeleteRule",
            "DescribeRule",
            "DisableRule",
            "EnableRule",
            "ListTargetsByRule",
            "PutRule",
            "PutTargets",
            "RemoveTargets",
        ),
        "CreateEventBus": with_tags(_bus, "Tags"),
        **same(_bus, "DeleteEventBus", "DescribeEventBus"),
        "ListTagsForResource": on_arn("ResourceARN"),
        **same(anywhere, "ListEventBuses", "ListRules", "ListRuleNamesByTarget"),
    },
    "cloudwatch": {
        "PutMetricData": _put_metric_data,
        **same(anywhere, "GetMetricData", "GetMetricStatistics", "GetMetricWidgetImage", "ListMetrics"),
        "ListAlarmMuteRules": anywhere,
        **same(
            on_each(_alarms),
            "DeleteAlarms",
            "DescribeAlarmHistory",
            "DescribeAlarms",
            "DisableAlarmActions",
            "EnableAlarmActions",
            "SetAlarmState",
        ),
        **same(with_tags(on_each(_alarms), "Tags"), "PutCompositeAlarm", "PutMetricAlarm"),
        **same(on_arn("ResourceARN"), "ListTagsForResource", "TagResource", "UntagResource"),
    },
    "logs": {
        **same(
            _log_group,
            "CreateLogStream",
            "DeleteLogGroup",
            "DescribeLogGroups",
            "DescribeLogStreams",
            "FilterLogEvents",
            "GetLogEvents",
            "PutLogEvents",
            "PutRetentionPolicy",
        ),
        "CreateLogGroup": with_tags(_log_group, "tags"),
        "ListTagsForResource": on_arn("resourceArn"),
        "StartQuery": on_each(_log_groups),
        **same(anywhere, "DescribeQueries", "GetQueryResults", "StopQuery"),
    },
    "iam": {
        "CreateRole": with_tags(_role, "Tags", "TagRole"),
        "ListRoles": anywhere,
        **same(
            _role,
            "DeleteRole",
            "DeleteRolePolicy",
            "GetRole",
            "GetRolePolicy",
            "ListAttachedRolePolicies",
            "ListRolePolicies",
            "ListRoleTags",
            "PutRolePolicy",
        ),
        "SimulatePrincipalPolicy": on_arn("PolicySourceArn"),
    },
    "sts": {"GetCallerIdentity": nothing, "AssumeRole": on_arn("RoleArn")},
    "xray": same(
        anywhere,
        "GetSamplingRules",
        "GetSamplingTargets",
        "PutTelemetryRecords",
        "PutTraceSegments",
    ),
    "sqs": {
        "CreateQueue": with_tags(_queue, "tags", "TagQueue"),
        **same(
            _queue,
            "DeleteMessage",
            "DeleteMessageBatch",
            "DeleteQueue",
            "GetQueueAttributes",
            "GetQueueUrl",
            "ListQueueTags",
            "ReceiveMessage",
            "SendMessage",
            "SendMessageBatch",
            "SetQueueAttributes",
        ),
        "ListQueues": anywhere,
    },
    "kinesis": same(on_arn("StreamARN"), "DescribeStream", "GetRecords", "GetShardIterator", "ListShards"),
    "dynamodbstreams": {
        **same(on_arn("StreamArn"), "DescribeStream", "GetShardIterator"),
        "GetRecords": _records_of_table,
    },
    "sns": {**same(on_arn("TopicArn", "TargetArn"), "GetTopicAttributes", "Publish"), "ListSubscriptions": anywhere},
    "scheduler": {"ListSchedules": anywhere},
    "apigateway": {"GetRestApis": _apis("/restapis"), "GetResources": _apis("/restapis/{restApiId}/resources")},
    "apigatewayv2": {"GetApis": _apis("/apis"), "GetIntegrations": _apis("/apis/{ApiId}/integrations")},
    "cloudformation": {
        **same(
            on_named("stack/{}/*", "StackName"),
            "DescribeStackEvents",
            "DescribeStackResource",
            "DescribeStackResources",
            "DescribeStacks",
            "GetTemplate",
            "ListStackResources",
        ),
        "ListStacks": anywhere,
    },
    "ecr": {"DescribeImages": on_each(lambda call: [call.arn(f"repository/{text(call, 'repositoryName')}")])},
    "codedeploy": same(anywhere, "PutLifecycleEventHookExecutionStatus"),
    "resourcegroupstaggingapi": same(anywhere, "GetResources"),
}
