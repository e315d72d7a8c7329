"""Values of environment variables that a request references."""

from collections.abc import Mapping

from botocore.exceptions import ClientError

from tidegate.aws.clients import parameters_client, secrets_client
from tidegate.aws.failures import code_of, is_busy
from tidegate.domain.errors import ReferenceUnresolved
from tidegate.domain.request.environment import Reference
from tidegate.domain.untrusted import parse_json


def resolve(references: Mapping[str, Reference]) -> dict[str, str]:
    """Read the value of each variable. The values go only to Lambda.

    Raises
    ------
    ReferenceUnresolved
        Names the variable and the reference, never a value.
    """
    return {name: _value(name, reference) for name, reference in references.items()}


def _value(name: str, reference: Reference) -> str:
    try:
        if reference.ssm is not None:
            answer = parameters_client().get_parameter(Name=reference.ssm, WithDecryption=True)
            return answer["Parameter"]["Value"]
        return _secret(name, reference)
    except ClientError as error:
        if is_busy(error):
            raise
        raise ReferenceUnresolved(
            f"configuration.environment.{name}: {_place(reference)} could not be read ({code_of(error)}). "
            "Check its name and what the Update function's role may read (parameters of template.yaml)."
        ) from None


def _secret(name: str, reference: Reference) -> str:
    assert reference.secret is not None
    value = secrets_client().get_secret_value(SecretId=reference.secret).get("SecretString")
    if value is None:
        raise ReferenceUnresolved(f"configuration.environment.{name}: {_place(reference)} is binary, not text.")
    if reference.key is None:
        return value
    fields = _fields(value)
    if fields is None:
        raise ReferenceUnresolved(
            f"configuration.environment.{name}: {_place(reference)} is not a JSON object, so it has no field "
            f"{reference.key!r}."
        )
    if reference.key not in fields:
        raise ReferenceUnresolved(
            f"configuration.environment.{name}: {_place(reference)} has no field {reference.key!r}."
        )
    return str(fields[reference.key])


def _fields(value: str) -> dict[str, object] | None:
    try:
        fields = parse_json(value)
    except ValueError:  # its sentence would tell where in the secret
        return None
    return fields if isinstance(fields, dict) else None


def _place(reference: Reference) -> str:
    return f"parameter {reference.ssm}" if reference.ssm else f"secret {reference.secret}"
