"""The gate for every API call: identify the caller, check permissions, apply faults, call moto, record the call."""

import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from moto.core.responses import BaseResponse
from moto.s3.responses import S3Response

from localcloud import clock
from localcloud.api.call import ApiCall, read
from localcloud.api.refusal import Refusal
from localcloud.faults import faults
from localcloud.faults.strike import ConnectionLostError, strike
from localcloud.iam import assuming, stored
from localcloud.iam.authorise import Decision, Demand, decide
from localcloud.iam.demands import demands_of
from localcloud.iam.demands.table import action

KEPT_CALLS = 200_000
ASSUME = "sts:AssumeRole"
QUERY_SERVICES = {"s3", "iam", "sts", "cloudwatch", "cloudformation", "sns", "sqs"}
"""Those that say AccessDenied where the others say AccessDeniedException."""
FORBIDDEN = QUERY_SERVICES | {"lambda", "xray"}
"""Those that refuse with 403; the JSON protocols do it with 400."""


@dataclass(frozen=True)
class Grant:
    """What allowed one of the actions that a call needed.

    `statements` are named "role/policy/Sid", or by the statement's place in the policy where it has no Sid. If
    there is but one, the call would have been refused without it.
    """

    action: str
    resource: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """One API call, for tests of least privilege.

    `service` is named as boto3 names it, `at` is emulated epoch seconds; the administrator needs no `grants`.
    """

    service: str
    action: str
    resources: tuple[str, ...]
    caller_role: str | None
    access_key: str
    at: float
    allowed: bool
    grants: tuple[Grant, ...]
    status: int

    @property
    def statements(self) -> tuple[str, ...]:
        """Name everything that allowed something of it."""
        return tuple(dict.fromkeys(one for grant in self.grants for one in grant.statements))


observers: list[Callable[[ApiCall, int, Any], None]] = []
"""Told of each call that was answered: with which status, and what."""

calls: deque[Call] = deque(maxlen=KEPT_CALLS)
_installed: list[str] = []


def install() -> None:
    """Put the gate before moto's services, once, and the policies that AWS manages into its IAM."""
    stored.load_aws_managed_policies()
    if _installed:
        return
    # S3 answers its requests by itself, bucket's and key's, and never comes through call_action.
    entries = ((BaseResponse, "call_action"), (S3Response, "_bucket_response"), (S3Response, "_key_response"))
    for owner, name in entries:
        setattr(owner, name, _gated(getattr(owner, name)))
        _installed.append(name)


def _gated(answer: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(answer)
    def gated(response: Any, *arguments: Any) -> Any:
        call = read(response)
        if call is None:
            return answer(response, *arguments)
        return _pass(call, response, lambda: answer(response, *arguments))

    return gated


def _pass(call: ApiCall, response: Any, carry_out: Callable[[], Any]) -> Any:
    demands = demands_of(call)
    grants, refusal = _authorise(call, demands)
    resources = tuple(dict.fromkeys(demand.resource for demand in demands or []))
    result = refusal or _with_faults(call, resources, response, carry_out)
    answered = result.answer(response) if isinstance(result, Refusal) else result
    calls.append(
        Call(
            service=call.service,
            action=call.action,
            resources=resources,
            caller_role=call.caller.role_arn,
            access_key=call.access_key,
            at=clock.current().time(),
            allowed=refusal is None,
            grants=tuple(grants),
            status=answered[0] if isinstance(answered, tuple) else 200,
        )
    )
    for observe in observers:
        observe(call, calls[-1].status, answered[2] if isinstance(answered, tuple) else answered)
    return answered


def _authorise(call: ApiCall, demands: list[Demand] | None) -> tuple[list[Grant], Refusal | None]:
    if call.caller.is_administrator:
        return [], None
    if demands is None:
        why = f"The local cloud does not know the permissions for {action(call)}, so it denies this call to every role."
        return [], _denied(call, f"User: {call.caller.arn} is not authorized. {why}")
    grants = []
    for demand in demands:
        decision = decide(call.caller, call.region, demand)
        if not decision.allowed:
            if demand.optional:
                continue
            return [], _denied(call, _sentence(call, demand, decision))
        if demand.action == ASSUME and not assuming.admits(demand.resource, call.caller, call.region):
            return [], _denied(call, _sentence(call, demand, Decision(False, reason="because it is not trusted")))
        grants.append(Grant(demand.action, demand.resource, decision.statements))
    return grants, None


def _sentence(call: ApiCall, demand: Demand, decision: Decision) -> str:
    return (
        f"User: {call.caller.arn} is not authorized to perform: {demand.action} "
        f"on resource: {demand.resource} {decision.reason}"
    )


def _denied(call: ApiCall, message: str) -> Refusal:
    code = "AccessDenied" if call.service in QUERY_SERVICES else "AccessDeniedException"
    return Refusal(code, message, 403 if call.service in FORBIDDEN else 400)


def _with_faults(
    call: ApiCall, resources: tuple[str, ...], response: Any, carry_out: Callable[[], Any]
) -> Any | Refusal:
    named = [*resources, *(value for value in call.parameters.values() if isinstance(value, str))]
    injected = faults.strike(call.service, call.action, call.caller.role_arn, named, call.parameters)
    if injected is None:
        return carry_out()
    try:
        return strike(injected, call.service, call.access_key, carry_out, _kill)
    except ConnectionLostError:
        _hang_up(response)
        return 500, {}, ""


def _kill(access_key: str) -> bool:
    from localcloud import lambda_

    return bool(lambda_.kill_environment(access_key))


def _hang_up(response: Any) -> None:
    """Close the client's connection, so that it does not learn the result."""
    response.normalized_request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
