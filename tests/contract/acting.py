"""Roles with given policies, and clients that act in them."""

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud import LocalCloud
from localcloud.iam import credentials_for

ACCOUNT = "123456789012"
Statement = Mapping[str, Any]
Request = tuple[str, str, dict[str, Any]]
"""A service, one of its client's methods, and its arguments."""
_numbers = count()
_session: Any = boto3.Session(region_name="us-east-1")  # one for all: it reads the services' models once


def allow(actions: str | list[str], resources: str | list[str] = "*", **rest: Any) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **rest}


def deny(actions: str | list[str], resources: str | list[str] = "*", **rest: Any) -> Statement:
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **rest}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


def document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def make_role(cloud: LocalCloud, name: str, *statements: Statement, service: str = "lambda", **options: Any) -> str:
    """Make a role with an inline policy called "own", if there are statements; give its ARN."""
    iam = cloud.client("iam")
    trust = document(
        {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    )
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **options)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return arn


def client_of(
    cloud: LocalCloud, role_arn: str, service: str, session: str = "tests", config: Config | None = None
) -> Any:
    """Give a client that acts in the role, and sends calls that its own checks would stop."""
    keys = credentials_for(role_arn, session=session)
    once = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False)
    return _session.client(
        service,
        endpoint_url=cloud.endpoint,
        config=once.merge(config) if config else once,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        aws_session_token=keys.session_token,
    )


def refusal(cloud: LocalCloud, statements: list[Statement], request: Request, **role: Any) -> str | None:
    """Make the request in a role with these statements; give what it was refused, or None if it went through."""
    arn = make_role(cloud, f"iam-{next(_numbers)}", *statements, **role)
    return refusal_of(cloud, arn, request)


def refusal_of(cloud: LocalCloud, role_arn: str, request: Request) -> str | None:
    service, operation, arguments = request
    try:
        getattr(client_of(cloud, role_arn, service), operation)(**arguments)
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            return None
        return str(error.response["Error"]["Message"]).split("to perform: ")[1]
    return None
