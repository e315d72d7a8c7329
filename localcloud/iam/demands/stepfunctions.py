"""Step Functions: machines by their ARN, executions by theirs."""

from collections.abc import Iterator

from localcloud.api.call import ApiCall
from localcloud.iam.authorise import Demand
from localcloud.iam.demands.table import Table, anywhere, on_arn, on_named, pass_role, same, text, with_tags

STATES = "states.amazonaws.com"
_on_machine = on_arn("stateMachineArn")


def _create(call: ApiCall) -> Iterator[Demand]:
    yield from on_named("stateMachine:{}", "name", service="states")(call)
    yield from pass_role(text(call, "roleArn"), STATES)


def _update(call: ApiCall) -> Iterator[Demand]:
    yield from _on_machine(call)
    yield from pass_role(text(call, "roleArn"), STATES)


DEMANDS: Table = {
    **same(
        _on_machine,
        "DeleteStateMachine",
        "DescribeStateMachine",
        "ListStateMachineAliases",
        "ListStateMachineVersions",
        "PublishStateMachineVersion",
        "StartExecution",
        "StartSyncExecution",
    ),
    "ListExecutions": on_arn("stateMachineArn", "mapRunArn"),
    **same(
        on_arn("executionArn"),
        "DescribeExecution",
        "DescribeStateMachineForExecution",
        "GetExecutionHistory",
        "ListMapRuns",
        "RedriveExecution",
        "StopExecution",
    ),
    **same(on_arn("mapRunArn"), "DescribeMapRun", "UpdateMapRun"),
    **same(
        on_arn("stateMachineAliasArn"),
        "DeleteStateMachineAlias",
        "DescribeStateMachineAlias",
        "UpdateStateMachineAlias",
    ),
    "CreateStateMachine": with_tags(_create, "tags"),
    "UpdateStateMachine": _update,
    **same(
        anywhere,
        "ListActivities",
        "ListStateMachines",
        "SendTaskFailure",
        "SendTaskHeartbeat",
        "SendTaskSuccess",
        "TestState",
        "ValidateStateMachineDefinition",
    ),
    **same(on_arn("resourceArn"), "ListTagsForResource", "TagResource", "UntagResource"),
}
