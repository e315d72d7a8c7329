"""Checks of what a release of several Regions relies on: tokens, roles of other accounts, events between Regions."""

import json
from typing import Any

from tidegate.domain.schedule import MINUTE
from tidegate_cli.verify.checks import Seen, check, same
from tidegate_cli.verify.cleaning import other_region
from tidegate_cli.verify.ground import PASS_SECONDS, TAG, Ground, policy_of
from tidegate_cli.verify.other_checks import make_table, table_status

SOURCE = "tidegate-verify"
WAITS = "answered, timeout, unmet"


@check(
    "token-wait",
    "A Task that writes its token by the SDK integration of DynamoDB waits for SendTaskSuccess, until a TimeoutSeconds "
    "that is an expression; a condition that does not hold is DynamoDb.ConditionalCheckFailedException",
    expected=WAITS,
    otherwise="no event shortens the polls of a release of several Regions",
    source="step-functions/latest/dg/connect-to-resource.html",
)
def token_wait(ground: Ground) -> Seen:
    """Run three such Tasks: one is answered, one is not, and the condition of one does not hold."""
    table = ground.shared("tokens", lambda: _table(ground))
    waiting = _waiting(ground, table)
    absent, there = "attribute_not_exists(#token)", "attribute_exists(#token)"
    mark = str(int(ground.now() * 1000))
    executions = [
        ground.start("token", waiting, {"id": f"{mark}-{id_}", "condition": condition, "seconds": seconds})
        for id_, condition, seconds in (("answered", absent, 3 * MINUTE), ("timeout", absent, 2), ("unmet", there, 60))
    ]
    client, key = ground.client("dynamodb"), {"id": {"S": f"{mark}-answered"}}
    item: Any = ground.until(lambda: client.get_item(TableName=table, Key=key).get("Item"), MINUTE)
    if not item:
        return Seen(None, "no token in the table")
    ground.client("stepfunctions").send_task_success(taskToken=item["token"]["S"], output="{}")
    outputs = [ground.ended(each).get("output") or '"no output"' for each in executions]
    return same(WAITS, ", ".join(str(json.loads(each)) for each in outputs))


def _table(ground: Ground) -> str:
    client, name = ground.client("dynamodb"), ground.name("tokens")
    make_table(client, name, ground.tag_list)
    ground.until(lambda: table_status(client, name) == "ACTIVE", 2 * MINUTE)
    arn = ground.arn("dynamodb", f"table/{name}")
    _permit(ground, "dynamodb:UpdateItem", arn, "aws:ResourceAccount", ground.identity[1])
    return name


def _waiting(ground: Ground, table: str) -> dict[str, Any]:
    arguments = {
        "TableName": table,
        "Key": {"id": {"S": "{% $states.input.id %}"}},
        "ConditionExpression": "{% $states.input.condition %}",
        "UpdateExpression": "SET #token = :token",
        "ExpressionAttributeNames": {"#token": "token"},
        "ExpressionAttributeValues": {":token": {"S": "{% $states.context.Task.Token %}"}},
    }
    caught = {"timeout": "States.Timeout", "unmet": "DynamoDb.ConditionalCheckFailedException"}
    return {
        "Wait": {
            "Type": "Task",
            "Resource": f"arn:{ground.identity[0]}:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
            "Arguments": arguments,
            "TimeoutSeconds": "{% $max([1, $states.input.seconds]) %}",
            "Catch": [{"ErrorEquals": [error], "Next": name} for name, error in caught.items()],
            "Next": "answered",
        },
        **{name: {"Type": "Pass", "Output": name, "End": True} for name in ("answered", *caught)},
    }


@check(
    "role-elsewhere",
    "A function's role may assume a role that trusts its account on condition of `aws:PrincipalArn` with a pattern, by "
    "a permission on condition of `aws:ResourceAccount`, and can then call Step Functions in another Region",
    expected="state machines listed",
    otherwise="a release of several Regions is refused by its dry runs: write the ARNs of roles and accounts out",
    source="IAM/latest/UserGuide/reference_policies_condition-keys.html",
)
def role_elsewhere(ground: Ground) -> Seen:
    """Have a function assume such a role, and list the state machines of another Region."""
    event = {"role": ground.shared("regions-role", lambda: _role(ground)), "region": _other(ground)}
    name = ground.function("plain")
    found = ground.until(lambda: _listed(ground.invoke(name, machines=event)), MINUTE)
    if found:
        return same("state machines listed", found)
    said = str(ground.invoke(name, machines=event).payload)
    # A service control policy that allows no other Region is no answer.
    return Seen(None if "explicit deny" in said else False, said)


def _listed(invoked: Any) -> str:
    return "" if invoked.error else "state machines listed"


def _role(ground: Ground) -> str:
    """Make the role of another account: this one is as good, since the trust names no role."""
    partition, account = ground.identity
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:PrincipalArn": f"{ground.role[:-1]}*"}},
    }
    iam, name = ground.client("iam"), ground.name("elsewhere")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy_of(trust), Tags=ground.tag_list)
    permitted = policy_of({"Effect": "Allow", "Action": "states:ListStateMachines", "Resource": "*"})
    iam.put_role_policy(RoleName=name, PolicyName="verify", PolicyDocument=permitted)
    _permit(ground, "sts:AssumeRole", f"arn:{partition}:iam::*:role/{name}", "aws:ResourceAccount", account)
    return str(made["Role"]["Arn"])


def _permit(ground: Ground, action: str, resource: str, key: str, value: str) -> None:
    """Permit the role of functions, machines and rules one more action, on a condition."""
    allowed = {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": {"StringEquals": {key: value}}}
    role, name = ground.role.rpartition("/")[2], action.replace(":", "-")
    ground.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy_of(allowed))
    ground.sleep(PASS_SECONDS)


def _other(ground: Ground) -> str:
    return other_region(ground.client("lambda").meta.region_name)


@check(
    "event-elsewhere",
    "A rule sends an event to an event bus in another Region, by a role; there it still has the account and the Region "
    "that it came from",
    expected="as it was sent",
    otherwise="no event shortens the polls of a release of several Regions",
    source="eventbridge/latest/userguide/eb-cross-region.html",
)
def event_elsewhere(ground: Ground) -> Seen:
    """Send an event to a bus whose rule has one in another Region as its target, and read it there from a queue."""
    other, queue = _other(ground), ground.shared("queue", lambda: _way(ground, _other(ground)))
    detail = json.dumps({"id": ground.run})
    entry = {"Source": SOURCE, "DetailType": "Sent", "Detail": detail, "EventBusName": ground.name("bus")}
    client = ground.client("sqs", other)

    def received() -> Any:
        ground.client("events").put_events(Entries=[entry])
        return client.receive_message(QueueUrl=queue, WaitTimeSeconds=2).get("Messages")

    found = ground.until(received, 2 * MINUTE)
    if not found:
        return Seen(False, f"no event in {other}")
    event = json.loads(found[0]["Body"])
    came = (event["account"], event["region"], event["detail"])
    sent = (ground.identity[1], ground.client("lambda").meta.region_name, json.loads(detail))
    return same("as it was sent", "as it was sent" if came == sent else json.dumps(came))


def _way(ground: Ground, other: str) -> str:
    """Make a bus in both Regions, a rule on each, and a queue at the end; return its URL."""
    here, there, name = ground.client("events"), ground.client("events", other), ground.name("bus")
    rule = {"EventBusName": name, "Name": f"{name}-rule"}
    for client in (here, there):
        client.create_event_bus(Name=name, Tags=ground.tag_list)
        client.put_rule(**rule, EventPattern=json.dumps({"source": [SOURCE]}))
    queues = ground.client("sqs", other)
    url = str(queues.create_queue(QueueName=name, tags={TAG: ground.run})["QueueUrl"])
    bus = there.describe_event_bus(Name=name)["Arn"]
    queue = bus.replace(":events:", ":sqs:").replace("event-bus/", "")
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy_of({**allowed, "Resource": queue})})
    there.put_targets(Rule=rule["Name"], EventBusName=name, Targets=[{"Id": "queue", "Arn": queue}])
    _permit(ground, "events:PutEvents", bus, "events:source", SOURCE)
    target = {"Id": "bus", "Arn": bus, "RoleArn": ground.role}
    ground.once_role_is_known(lambda: here.put_targets(Rule=rule["Name"], EventBusName=name, Targets=[target]))
    return url
