"""IAM data in moto: roles, their policies, AWS's managed policies, and the owners of buckets."""

import json
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.exceptions import NotFoundException
from moto.iam.models import AWSManagedPolicy, IAMBackend, iam_backends
from moto.s3.models import s3_backends


def load_aws_managed_policies() -> None:
    """Make the policies that AWS manages attachable; moto leaves them out unless its environment says so."""
    for name, data in json.loads(aws_managed_policies_data).items():
        policy = AWSManagedPolicy.from_data(name, DEFAULT_ACCOUNT_ID, "us-east-1", data)
        _backend().managed_policies.setdefault(policy.arn, policy)
    IAMBackend.attach_role_policy = _attach_role_policy  # type: ignore[method-assign,assignment] # in place of moto's


def open_account(account: str) -> None:
    """Give another account the policies that AWS manages, too."""
    managed = {
        arn: policy for arn, policy in _backend().managed_policies.items() if arn.startswith("arn:aws:iam::aws:")
    }
    _backend(account).managed_policies.update(managed)


def _attach_role_policy(backend: Any, policy_arn: str, role_name: str) -> None:
    """Attach a policy as moto does, which makes a table of them all for each one."""
    policy = backend.managed_policies.get(policy_arn)
    if policy is None:
        raise NotFoundException(f"Policy {policy_arn} does not exist or is not attachable.")
    policy.attach_to(backend.get_role(role_name))


def role(role_arn: str) -> Any | None:
    """Return moto's role, found by ARN."""
    return next((role for role in list(_backend(account_of(role_arn)).roles.values()) if role.arn == role_arn), None)


def role_tags(role_arn: str) -> dict[str, str]:
    found = role(role_arn)
    return {tag["Key"]: tag["Value"] for tag in found.tags} if found else {}


def identity_policies(role_arn: str) -> dict[str, str]:
    """Return the role's policy documents by policy name: inline ones and the attached managed ones."""
    found = role(role_arn)
    if not found:
        return {}
    attached = {policy.name: _document(policy) for policy in list(found.managed_policies.values())}
    return attached | {name: _text(document) for name, document in found.policies.items()}


def boundary(role_arn: str) -> str | None:
    """Return the document of the role's permissions boundary; an empty one if the boundary does not exist."""
    found = role(role_arn)
    if not found or not found.permissions_boundary_arn:
        return None
    policy = _backend(account_of(role_arn)).managed_policies.get(found.permissions_boundary_arn)
    return _document(policy) if policy else '{"Statement": []}'


def owner_of_bucket(name: str) -> str:
    """Return the bucket's account; nothing if there is no such bucket."""
    _, account = s3_backends.bucket_accounts.get(name, ("", ""))
    return account


def _document(policy: Any) -> str:
    return _text(next(version.document for version in policy.versions if version.is_default))


def _text(document: str | dict[str, Any]) -> str:
    """Return the document as text: what CloudFormation made, moto keeps as it is in the template."""
    return document if isinstance(document, str) else json.dumps(document)


def account_of(arn: str) -> str:
    return arn.split(":")[4] if arn.count(":") >= 5 else DEFAULT_ACCOUNT_ID


def _backend(account: str = DEFAULT_ACCOUNT_ID) -> Any:
    return iam_backends[account]["aws"]
