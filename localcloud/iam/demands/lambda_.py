"""Lambda: calls on the unqualified function, and dependent permissions of an update."""

import re
from collections.abc import Callable, Iterator

from moto.awslambda.utils import get_backend

from localcloud.api.call import ApiCall
from localcloud.iam.authorise import Demand
from localcloud.iam.demands.table import (
    Table,
    action,
    anywhere,
    on_arn,
    on_named,
    pass_role,
    same,
    text,
    with_key,
    with_tags,
)

FUNCTION = re.compile(
    r"(?:arn:[\w-]+:lambda:(?P<region>[\w-]+):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[\w-]+)(?::(?P<qualifier>\$?[\w-]+))?"
)
LAMBDA = "lambda.amazonaws.com"


def function_arn(call: ApiCall, *, qualified: bool) -> str:
    """Name the function that a call means by name, partial ARN or ARN, with or without a qualifier."""
    given = text(call, "FunctionName")
    match = FUNCTION.fullmatch(given)
    if match is None:
        return call.arn(f"function:{given}")
    region, account = match["region"] or call.region, match["account"] or call.account
    arn = f"arn:aws:lambda:{region}:{account}:function:{match['name']}"
    qualifier = text(call, "Qualifier") or match["qualifier"]
    return f"{arn}:{qualifier}" if qualified and qualifier else arn


def _unqualified(call: ApiCall) -> list[Demand]:
    return [Demand(action(call), function_arn(call, qualified=False))]


def _qualified(call: ApiCall) -> list[Demand]:
    return [Demand(action(call), function_arn(call, qualified=True))]


def list_tags(arn: str) -> Demand:
    """Ask for what lets GetFunction show tags (Lambda API reference, GetFunction, Tags)."""
    return Demand("lambda:ListTags", arn, optional=True)


def _get_function(call: ApiCall) -> list[Demand]:
    return [*_qualified(call), list_tags(function_arn(call, qualified=False))]


def _invoke(call: ApiCall) -> list[Demand]:
    return [Demand("lambda:InvokeFunction", function_arn(call, qualified=True))]


def _update_code(call: ApiCall) -> Iterator[Demand]:
    yield from _unqualified(call)
    yield from _of_code(call, call.parameters)


def _update_configuration(call: ApiCall) -> Iterator[Demand]:
    yield from _unqualified(call)
    yield from _of_configuration(call)


def _create(call: ApiCall) -> Iterator[Demand]:
    yield from _unqualified(call)
    yield from _of_configuration(call)
    yield from _of_code(call, call.parameters.get("Code") or {})


def _of_code(call: ApiCall, code: object) -> Iterator[Demand]:
    """Ask for what reads the code on the caller's behalf."""
    parts = code if isinstance(code, dict) else {}
    if parts.get("S3Bucket"):
        read = "s3:GetObjectVersion" if parts.get("S3ObjectVersion") else "s3:GetObject"
        yield Demand(read, f"arn:aws:s3:::{parts['S3Bucket']}/{parts.get('S3Key', '')}")
    if parts.get("ImageUri"):
        yield from _of_image(call, parts["ImageUri"])
    if key := parts.get("SourceKMSKeyArn"):
        yield from with_key(call, key, "GenerateDataKey", "Decrypt")


def _of_image(call: ApiCall, uri: str) -> Iterator[Demand]:
    """Require access to the repository: Lambda reads the image and the policy (to add itself)."""
    registry, _, rest = uri.partition("/")
    repository = re.split("[:@]", rest)[0]
    account, *_ecr = registry.split(".")
    region = _ecr[2] if len(_ecr) > 2 else call.region
    arn = f"arn:aws:ecr:{region}:{account}:repository/{repository}"
    for name in ("GetRepositoryPolicy", "SetRepositoryPolicy", "BatchGetImage", "GetDownloadUrlForLayer"):
        yield Demand(f"ecr:{name}", arn)


def _of_configuration(call: ApiCall) -> Iterator[Demand]:
    parameters = call.parameters
    yield from pass_role(text(call, "Role"), LAMBDA)
    yield from (Demand("lambda:GetLayerVersion", layer) for layer in parameters.get("Layers") or [])
    if (parameters.get("VpcConfig") or {}).get("SubnetIds"):
        yield from (Demand(f"ec2:Describe{kind}") for kind in ("SecurityGroups", "Subnets", "Vpcs"))
    if key := parameters.get("KMSKeyArn") or _key_of_variables(call):
        yield from with_key(call, key, "CreateGrant", "Encrypt", "Decrypt")
    for system in parameters.get("FileSystemConfigs") or []:
        yield from _mount_targets(system["Arn"])


def _mount_targets(access_point: str) -> Iterator[Demand]:
    """Require both resources that IAM knows for it: it is undocumented which of the two Lambda checks.

    The file system behind the access point is unknown.
    """
    file_system = access_point.replace("access-point/fsap-", "file-system/fs-")
    for resource in dict.fromkeys((access_point, file_system)):
        yield Demand("elasticfilesystem:DescribeMountTargets", resource)


def _key_of_variables(call: ApiCall) -> str | None:
    """Return the key that the function's variables are encrypted with, where the call changes them."""
    if "Environment" not in call.parameters:
        return None
    arn = function_arn(call, qualified=False)
    functions = get_backend(call.account, call.region).list_functions()
    configurations = (one.get_configuration() for one in functions if one.function_arn == arn)
    return next((one.get("KMSKeyArn") for one in configurations), None)


def _layer(call: ApiCall, *, version: bool) -> list[Demand]:
    name = text(call, "LayerName", "Arn")
    arn = name if name.startswith("arn:") else call.arn(f"layer:{name}")
    number = call.parameters.get("VersionNumber")
    return [Demand(action(call), f"{arn}:{number}" if version and number else arn)]


def _event_source(call: ApiCall) -> list[Demand]:
    """Ask for the mapping; which function it feeds is the condition key lambda:FunctionArn."""
    values = {"lambda:FunctionArn": function_arn(call, qualified=True)} if text(call, "FunctionName") else {}
    uuid = text(call, "UUID") or "*"
    return [Demand(action(call), call.arn(f"event-source-mapping:{uuid}"), values)]


def _with(find: Callable[..., list[Demand]], *, version: bool) -> Callable[[ApiCall], list[Demand]]:
    return lambda call: find(call, version=version)


DEMANDS: Table = {
    **same(
        _unqualified,
        "CreateAlias",
        "DeleteAlias",
        "DeleteFunctionCodeSigningConfig",
        "DeleteFunctionConcurrency",
        "GetAlias",
        "GetFunctionCodeSigningConfig",
        "GetFunctionConcurrency",
        "GetFunctionRecursionConfig",
        "ListAliases",
        "ListFunctionEventInvokeConfigs",
        "ListFunctionUrlConfigs",
        "ListProvisionedConcurrencyConfigs",
        "ListVersionsByFunction",
        "PublishVersion",
        "PutFunctionCodeSigningConfig",
        "PutFunctionConcurrency",
        "PutFunctionRecursionConfig",
        "UpdateAlias",
    ),
    **same(
        _qualified,
        "AddPermission",
        "CreateFunctionUrlConfig",
        "DeleteFunction",
        "DeleteFunctionEventInvokeConfig",
        "DeleteFunctionUrlConfig",
        "DeleteProvisionedConcurrencyConfig",
        "GetFunctionConfiguration",
        "GetFunctionEventInvokeConfig",
        "GetFunctionUrlConfig",
        "GetPolicy",
        "GetProvisionedConcurrencyConfig",
        "GetRuntimeManagementConfig",
        "PutFunctionEventInvokeConfig",
        "PutProvisionedConcurrencyConfig",
        "PutRuntimeManagementConfig",
        "RemovePermission",
        "UpdateFunctionEventInvokeConfig",
        "UpdateFunctionUrlConfig",
    ),
    **same(_invoke, "Invoke", "InvokeAsync", "InvokeWithResponseStream"),
    "GetFunction": _get_function,
    "CreateFunction": with_tags(_create, "Tags"),
    "UpdateFunctionCode": _update_code,
    "UpdateFunctionConfiguration": _update_configuration,
    **same(anywhere, "GetAccountSettings", "ListFunctions", "ListLayers", "ListEventSourceMappings"),
    **same(on_arn("Resource"), "ListTags", "TagResource", "UntagResource"),
    **same(_with(_layer, version=True), "DeleteLayerVersion", "GetLayerVersion", "GetLayerVersionByArn"),
    **same(_with(_layer, version=False), "ListLayerVersions", "PublishLayerVersion"),
    **same(
        _event_source,
        "CreateEventSourceMapping",
        "DeleteEventSourceMapping",
        "GetEventSourceMapping",
        "UpdateEventSourceMapping",
    ),
    **same(on_named("{}", "CodeSigningConfigArn"), "GetCodeSigningConfig"),
}
