"""Releases by Tidegate's stack under traffic of our own, compared with how the local cloud ends them."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tidegate.domain.request.limits import matches
from tidegate.domain.schedule import HOUR
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.stack import Stack
from tidegate_cli.verify.checks import CHECKS, Check, Seen, check, same
from tidegate_cli.verify.ground import ALIAS, ENDED, Ground

GOLDEN = Path(__file__).with_name("releases.json")
"""How the same releases end on the local cloud: status, error, and the states in the order in which they were first
entered."""

CALLS_A_ROUND, ROUND_SECONDS = 9, 3.0
LONGEST_RELEASE = 1.5 * HOUR
VERSIONS = {
    "good": {},
    "bad": {"FAILING": "0.5"},
    "slow": {"CALL_SECONDS": "0.05"},
    "aborted": {},
}
WORDS = {
    "good": "A good version is released",
    "bad": "A version that fails half of its requests is rolled back",
    "slow": "A slow version is rolled back",
    "aborted": "A release that a person aborts is rolled back",
}
REQUEST = {
    "strategy": {"steps": [{"weight": 50, "bake": "2m"}]},
    "analysis": {
        "metrics": [{"name": "errors"}, {"name": "latency", "over_ms": 30}],
        "after": {"on_worse": "ignore"},
    },
}


def stack_of(ground: Ground) -> Stack:
    """Return Tidegate's stack.

    Raises
    ------
    Stop
        When there is none, or it may not release functions of this command.
    """
    if ground.stack is None:
        raise Stop(Outcome.FAILED, "no stack was looked for")
    stack = ground.stack()
    pattern = stack.parameters.get("FunctionPattern", "*")
    if not matches(ground.name("released"), [pattern]):
        raise Stop(
            Outcome.FAILED,
            f"Stack {stack.name!r} releases {pattern} alone. Deploy a stack for this, and name it with --stack: "
            "sam deploy --stack-name tidegate-to-verify --parameter-overrides FunctionPattern=tidegate-verify-*",
        )
    return stack


@check(
    "template-deployed",
    "The template deploys as it is",
    expected="CREATE_COMPLETE or UPDATE_COMPLETE",
    otherwise="CloudFormation names the property that it refuses",
    source="AWSCloudFormation/latest/UserGuide/view-stack-events.html",
)
def template_deployed(ground: Ground) -> Seen:
    """Read the status of Tidegate's stack."""
    name = stack_of(ground).name
    status = ground.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    return Seen(status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}, status)


@check(
    "function-names",
    "CloudFormation names functions STACK-LOGICALID-SUFFIX, with 12 characters at the end, where the stack's name has "
    "less than 30 characters",
    expected="all so named",
    otherwise="own functions would be known by their tag only; LONGEST_STACK_NAME would have to be less",
    source="AWSCloudFormation/latest/UserGuide/resources-section-structure.html",
)
def function_names(ground: Ground) -> Seen:
    """List the functions of Tidegate's stack."""
    name = stack_of(ground).name
    found = ground.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    functions = [each for each in found if each["ResourceType"] == "AWS::Lambda::Function"]
    wrong = [
        each["PhysicalResourceId"]
        for each in functions
        if not re.fullmatch(
            f"{re.escape(name)}-{each['LogicalResourceId'][:24]}\\w*-[A-Za-z0-9]{{12}}", each["PhysicalResourceId"]
        )
    ]
    if not functions:
        return Seen(None, "the stack has no functions")
    return Seen(not wrong, f"not so named: {wrong[0]}" if wrong else "all so named")


def released(ground: Ground, kind: str) -> dict[str, Any]:
    """Release a version under traffic; return how the execution ended and the states that it entered."""
    execution = ground.shared(f"release-{kind}", lambda: _release(ground, kind))
    found = ground.client("stepfunctions").describe_execution(executionArn=execution)
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in ground.history(execution)
        if "stateEnteredEventDetails" in event
    ]
    return {"status": found["status"], "error": found.get("error"), "states": list(dict.fromkeys(entered))}


def _release(ground: Ground, kind: str) -> str:
    stack, name = stack_of(ground), ground.published("released")
    variables = {"RELEASE": kind, **VERSIONS[kind]}
    ground.client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    ground.settled(name)
    client = ground.client("stepfunctions")
    started = client.start_execution(
        stateMachineArn=stack.state_machine,
        name=f"{name}-{kind}",
        input=json.dumps({"function": name, "alias": ALIAS, **REQUEST}),
    )
    execution, deadline = str(started["executionArn"]), ground.now() + LONGEST_RELEASE
    while client.describe_execution(executionArn=execution)["status"] not in ENDED and ground.now() < deadline:
        _send(ground, name)
        if kind == "aborted" and _is_shifted(ground, name):
            _abort(ground, stack, f"{name}-{kind}")
    return execution


def _send(ground: Ground, name: str) -> None:
    """Send a round of requests through the alias, for three seconds at least."""
    until = ground.now() + ROUND_SECONDS
    for _ in range(CALLS_A_ROUND):
        ground.invoke(name, ALIAS)
    ground.wait_until(until)


def _is_shifted(ground: Ground, name: str) -> bool:
    alias = ground.client("lambda").get_alias(FunctionName=name, Name=ALIAS)
    return bool((alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights"))


def _abort(ground: Ground, stack: Stack, release: str) -> None:
    order = {"release": release, "decision": "abort", "by": "tidegate verify", "reason": "to see it", "via": "command"}
    function = stack.outputs["DecideFunction"]
    ground.client("lambda").invoke(FunctionName=function, Payload=json.dumps(order))


@cache
def golden() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return read


def _comparing(kind: str) -> Callable[[Ground], Seen]:
    def look(ground: Ground) -> Seen:
        """Release the version with a step of 50 %, and compare status, error and states with the local cloud's."""
        wanted, found = golden()[kind], released(ground, kind)
        different = {name: found[name] for name in wanted if found[name] != wanted[name]}
        return Seen(False, json.dumps(different)) if different else same(_summary(wanted), _summary(found))

    return look


def _summary(ending: dict[str, Any]) -> str:
    return f"{ending['error'] or ending['status']}, {len(ending['states'])} states as on the local cloud"


for _kind in VERSIONS:
    check(
        f"release-{_kind}",
        WORDS[_kind],
        expected=_summary(golden()[_kind]),
        otherwise="attach the results to an issue: the local cloud is not as AWS there",
        source="step-functions/latest/apireference/API_GetExecutionHistory.html",
    )(_comparing(_kind))

END_TO_END: dict[str, Check] = {name: CHECKS[name] for name in ("template-deployed", "function-names")} | {
    f"release-{kind}": CHECKS[f"release-{kind}"] for kind in VERSIONS
}
