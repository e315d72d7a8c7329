"""Checks of what the preflight reads: by qualifier, from the log of a start, and in parts of archives."""

import re
import urllib.request
from typing import Any

from botocore.exceptions import ClientError

from tidegate_cli.verify.checks import Seen, check, same
from tidegate_cli.verify.ground import ALIAS, SERVICES, Ground

ON_ALIAS = {"Qualifier": ALIAS}
SECONDS = 10


@check(
    "policy-by-qualifier",
    "GetPolicy returns the permissions of one qualifier: those of an alias are not those of the unqualified function",
    expected="on the alias only",
    otherwise="the check `policy-not-on-alias` would warn of permissions that the alias has, or miss one",
    source="lambda/latest/api/API_GetPolicy.html",
)
def policy_by_qualifier(ground: Ground) -> Seen:
    """Permit calls of an alias, and read the policies of the alias and of the unqualified function."""
    client, name = ground.client("lambda"), ground.published("moved")
    permission = {"StatementId": "verify", "Action": "lambda:InvokeFunction", "Principal": SERVICES[0]}
    client.add_permission(FunctionName=name, **ON_ALIAS, **permission)
    places = {"on the alias": ON_ALIAS, "on the function": {}}
    found = [place for place, qualifier in places.items() if "verify" in _policy(client, name, qualifier)]
    client.remove_permission(FunctionName=name, StatementId="verify", **ON_ALIAS)
    return same("on the alias only", f"{' and '.join(found) or 'nowhere'} only")


def _policy(client: Any, name: str, qualifier: dict[str, str]) -> str:
    try:
        return str(client.get_policy(FunctionName=name, **qualifier)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return ""


@check(
    "asynchronous-by-qualifier",
    "ListFunctionEventInvokeConfigs names the qualifier of each setting by the end of its FunctionArn",
    expected=f"{ALIAS}",
    otherwise="the checks `policy-not-on-alias` and `async-retries` would take settings of another qualifier",
    source="lambda/latest/api/API_ListFunctionEventInvokeConfigs.html",
)
def asynchronous_by_qualifier(ground: Ground) -> Seen:
    """Set the retries of asynchronous calls of an alias, and list the settings of its function."""
    client, name = ground.client("lambda"), ground.published("moved")
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1, **ON_ALIAS)
    listed = client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]
    client.delete_function_event_invoke_config(FunctionName=name, **ON_ALIAS)
    return same(ALIAS, ", ".join(each["FunctionArn"].rpartition(":")[2] for each in listed))


@check(
    "runtime-mode",
    "GetRuntimeManagementConfig returns the mode of one version, which is Auto unless somebody has set it",
    expected="Auto, Auto",
    otherwise="the check `moving-parts` would warn of modes that nobody has set, or miss one",
    source="lambda/latest/api/API_GetRuntimeManagementConfig.html",
)
def runtime_mode(ground: Ground) -> Seen:
    """Read the mode of runtime updates of $LATEST and of a version."""
    client, name = ground.client("lambda"), ground.published("moved")
    modes = [
        client.get_runtime_management_config(FunctionName=name, Qualifier=each)["UpdateRuntimeOn"]
        for each in ("$LATEST", "1")
    ]
    return same("Auto, Auto", ", ".join(modes))


@check(
    "runtime-logged",
    "The first line of an execution environment's log has the ARN of the runtime version that GetFunctionConfiguration "
    "shows of the version",
    expected="the same ARN",
    otherwise="a failed verdict would say that the runtime changed during the release, though it did not",
    source="lambda/latest/dg/runtime-management-identify.html",
)
def runtime_logged(ground: Ground) -> Seen:
    """Publish a version, invoke it for the first time, and compare the ARN in INIT_START with that of the version."""
    name = ground.function("changed")
    ground.change_code(name, "its runtime")
    version = ground.publish(name)
    logged = re.search(r"Runtime Version ARN: (\S+)", ground.invoke(name, version).log)
    if logged is None:
        return Seen(False, "no ARN in the log")
    shown = ground.settled(f"{name}:{version}")["RuntimeVersionConfig"]["RuntimeVersionArn"]
    return same("the same ARN", "the same ARN" if shown == logged[1] else f"{shown}, logged {logged[1]}")


@check(
    "code-in-parts",
    "The link of GetFunction to the code answers a request for some bytes with these, and with the size of the whole",
    expected="4 bytes of many",
    otherwise="the check `architecture` could not look into packages and layers, and would say so",
    source="lambda/latest/api/API_GetFunction.html",
)
def code_in_parts(ground: Ground) -> Seen:
    """Download the first four bytes of a function's code by the link of GetFunction."""
    link = ground.client("lambda").get_function(FunctionName=ground.function("plain"))["Code"].get("Location", "")
    if not link.startswith(("https://", "http://127.0.0.1:")):
        return Seen(False, "no link")
    request = urllib.request.Request(link, headers={"Range": "bytes=0-3"})  # noqa: S310 - https
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - https
        size = str(answer.headers.get("Content-Range", "")).rpartition("/")[2]
        return same("4 bytes of many", f"{len(answer.read())} bytes of {'many' if size.isdecimal() else 'all'}")
