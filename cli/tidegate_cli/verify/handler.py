"""The function that `tidegate verify` makes: it does what its event and its variables say."""

import json
import os
import random
import time
from typing import Any

time.sleep(float(os.environ.get("IMPORT_SECONDS", "0")))
if "IMPORT_ERROR" in os.environ:
    raise ValueError(os.environ["IMPORT_ERROR"])


def handler(event: dict[str, Any], context: Any) -> Any:
    """Sleep, write lines, fail, answer at length or call AWS, in this order.

    Raises
    ------
    RuntimeError
        With the text of `fail`.
    """
    time.sleep(event.get("seconds", float(os.environ.get("CALL_SECONDS", "0"))))
    if random.random() < float(os.environ.get("FAILING", "0")):  # noqa: S311 - a share of the requests
        raise RuntimeError("on purpose")
    for line in event.get("lines", []):
        print(line)  # noqa: T201 - a line of its log
    if "fail" in event:
        raise RuntimeError(json.dumps(event["fail"]))
    if "length" in event:
        return "x" * event["length"]
    if "boto3" in event:
        import boto3

        return boto3.__version__
    if "delete" in event:
        import boto3

        boto3.client("lambda").delete_function(**event["delete"])
    if "machines" in event:
        return _machines(**event["machines"])
    return {"version": context.function_version}


def _machines(role: str, region: str) -> str:
    """List state machines of another Region as a role."""
    import boto3

    sts = boto3.client("sts", region_name=os.environ["AWS_REGION"])
    keys = sts.assume_role(RoleArn=role, RoleSessionName="tidegate-verify")["Credentials"]
    named = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey"}
    given = {name: keys[key] for name, key in {**named, "aws_session_token": "SessionToken"}.items()}
    boto3.client("stepfunctions", region_name=region, **given).list_state_machines(maxResults=1)
    return "listed"
