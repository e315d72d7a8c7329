"""Parameter Store, Secrets Manager and KMS."""

from collections.abc import Iterator

from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from localcloud.api.call import ApiCall
from localcloud.iam.authorise import Demand
from localcloud.iam.demands.table import Table, action, anywhere, on_named, same, text, with_key

OWN_KEYS = {None, "", "alias/aws/ssm", "alias/aws/secretsmanager"}
"""Keys of AWS's own for which the whole account has leave already."""


def _parameter_arn(call: ApiCall, name: str) -> str:
    if name.startswith("arn:"):
        return name
    return call.arn(f"parameter/{name.partition(':')[0].lstrip('/')}")


def _parameters(call: ApiCall) -> Iterator[Demand]:
    names = call.parameters.get("Names") or [text(call, "Name", "Path")]
    yield from (Demand(action(call), _parameter_arn(call, name)) for name in names)
    if call.parameters.get("WithDecryption"):
        yield from _decryption(call, [_key_of_parameter(call, name) for name in names])


def _key_of_parameter(call: ApiCall, name: str) -> str | None:
    known = ssm_backends[call.account][call.region]._parameters
    plain = name.split(":parameter", 1)[-1] if name.startswith("arn:") else name.partition(":")[0]
    if plain not in known:  # indexing it would make one
        return None
    key: str | None = known[plain][-1].keyid
    return key


def _secret_arn(call: ApiCall, name: str) -> str:
    secrets = secretsmanager_backends[call.account][call.region].secrets
    if name.startswith("arn:") or name not in secrets:
        return name if name.startswith("arn:") else call.arn(f"secret:{name}")
    return str(secrets[name].arn)


def _secret(call: ApiCall) -> list[Demand]:
    return [Demand(action(call), _secret_arn(call, text(call, "SecretId", "Name")))]


def _secret_value(call: ApiCall) -> Iterator[Demand]:
    yield from _secret(call)
    name = text(call, "SecretId")
    secrets = secretsmanager_backends[call.account][call.region].secrets
    if name in secrets:
        yield from _decryption(call, [getattr(secrets[name], "kms_key_id", None)])


def _decryption(call: ApiCall, keys: list[str | None]) -> Iterator[Demand]:
    for key in sorted({key for key in keys if key and key not in OWN_KEYS}):
        yield from with_key(call, key, "Decrypt")


SERVICES: dict[str, Table] = {
    "ssm": {
        **same(
            _parameters,
            "DeleteParameter",
            "DeleteParameters",
            "GetParameter",
            "GetParameterHistory",
            "GetParameters",
            "GetParametersByPath",
            "PutParameter",
        ),
        "DescribeParameters": anywhere,
    },
    "secretsmanager": {
        "GetSecretValue": _secret_value,
        **same(_secret, "CreateSecret", "DescribeSecret", "ListSecretVersionIds", "PutSecretValue"),
        **same(anywhere, "GetRandomPassword", "ListSecrets"),
    },
    "kms": {
        **same(on_named("key/{}", "KeyId"), "CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"),
        **same(anywhere, "CreateKey", "ListAliases", "ListKeys"),
    },
}
