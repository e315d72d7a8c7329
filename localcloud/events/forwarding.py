"""Whether a rule may send its events to another bus, also in another Region or account.

EventBridge guide, "Sending and receiving events between AWS accounts" and "... between AWS Regions".
"""

import json
from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.models import events_backends

from localcloud.iam import Caller, Demand, NotTrustedError, admitted, decide, trusted_by

SERVICE = "events.amazonaws.com"
PUT = "events:PutEvents"


def obstacle(rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """Return why the bus does not take the event; empty if it does.

    The target's role must be able to put events there, and the bus of another account must let it.
    """
    bus, role = str(target["Arn"]), str(target.get("RoleArn", ""))
    region, account, name = place(bus)
    values = {"events:source": event["source"], "events:detail-type": event["detail-type"], "aws:SourceArn": rule.arn}
    demand = Demand(PUT, bus, values)
    if not role:
        return f"the target {bus} has no role"
    try:
        trusted_by(role, SERVICE)
    except NotTrustedError as error:
        return str(error)
    caller = Caller(role, "events")
    if not decide(caller, region, demand).allowed:
        return f"{role} is not allowed {PUT} on {bus}"
    try:
        policy = events_backends[account][region].describe_event_bus(name).policy
    except JsonRESTError as error:
        return str(error.message)
    if account != caller.account and not admitted(json.loads(policy or "{}"), caller, region, demand):
        return f"{bus} has no policy that allows {PUT} to {role}"
    return ""


def place(bus: str) -> tuple[str, str, str]:
    """Return the Region, the account and the name of a bus."""
    region, account, name = bus.split(":")[3:6]
    return region, account, name.removeprefix("event-bus/")
