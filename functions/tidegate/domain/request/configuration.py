"""Configuration of a function in a request: references to the values of variables, never the values."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from tidegate.domain.request.fields import Document, Many, api_parameters, form

Arn = Annotated[str, form(r"|arn:aws[a-zA-Z-]*:[a-z0-9.-]+:.*", 2048)]
MountArn = Annotated[str, form(r"arn:aws[a-zA-Z-]*:(?:elasticfilesystem|s3files):.*access-point/fsap-[0-9a-f]+", 256)]

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+", re.ASCII)
_SET_BY_LAMBDA = re.compile(
    "AWS_(REGION|DEFAULT_REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|EXECUTION_ENV|LAMBDA_.*)"
)


def _variable_name(name: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > 256:
        raise ValueError("is not a variable name: use at least two characters: a letter, then letters, digits and _")
    if _SET_BY_LAMBDA.fullmatch(name):
        raise ValueError("is set by Lambda: use a different name")
    return name


VariableName = Annotated[str, AfterValidator(_variable_name)]


class Reference(Document):
    """A reference to the value of an environment variable; the value itself is never in a request."""

    ssm: Annotated[str, form(r"[a-zA-Z0-9_./:-]+", 2048)] | None = Field(
        default=None,
        description="Name of a parameter in Systems Manager Parameter Store.",
        examples=["/shop/log-level"],
    )
    secret: Annotated[str, form(r"[a-zA-Z0-9/_+=.@!:-]+", 2048)] | None = Field(
        default=None, description="Name or ARN of a secret in Secrets Manager.", examples=["shop/database"]
    )
    key: Annotated[str, Field(min_length=1, max_length=256)] | None = Field(
        default=None,
        description="Key of the value, if the secret is a JSON object.",
        examples=["password"],
    )

    @model_validator(mode="before")
    @classmethod
    def _no_literal(cls, value: object) -> object:
        if not isinstance(value, dict):
            raise ValueError(  # noqa: TRY004 - pydantic collects these
                "is a literal value, which history, logs and events would show: store it in Parameter Store "
                "or Secrets Manager and refer to it"
            )
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.ssm is None) == (self.secret is None):
            raise ValueError('needs either "ssm" or "secret"')
        if self.key is not None and self.secret is None:
            raise ValueError('has "key", which is allowed with "secret" only')
        return self


class VpcConfig(Document):
    subnet_ids: Annotated[Many[Annotated[str, form(r"subnet-[0-9a-z]*", 1024)]], Field(max_length=16)] = Field(
        description="Subnets; an empty list removes the function from its VPC.", examples=[["subnet-0a1b2c3d"]]
    )
    security_group_ids: Annotated[Many[Annotated[str, form(r"sg-[0-9a-zA-Z]*", 1024)]], Field(max_length=5)] = Field(
        description="Security groups.", examples=[["sg-0a1b2c3d"]]
    )
    ipv6_allowed_for_dual_stack: bool | None = Field(
        default=None, description="Whether outbound IPv6 is allowed through dual-stack subnets.", examples=[True]
    )


class DeadLetterConfig(Document):
    target_arn: Arn = Field(
        description='Queue or topic for failed asynchronous events; "" for none. It must be the same for stable and '
        "canary.",
        examples=["arn:aws:sqs:eu-west-1:123456789012:checkout-failed"],
    )


class TracingConfig(Document):
    mode: Literal["Active", "PassThrough"] = Field(description="X-Ray tracing.", examples=["Active"])


class EphemeralStorage(Document):
    size: Annotated[int, Field(ge=512, le=10240)] = Field(description="Size of /tmp in MB.", examples=[1024])


class SnapStart(Document):
    apply_on: Literal["PublishedVersions", "None"] = Field(
        description="Whether published versions start from a snapshot.", examples=["PublishedVersions"]
    )


class LoggingConfig(Document):
    log_format: Literal["JSON", "Text"] | None = Field(
        default=None, description="Format of the logs.", examples=["JSON"]
    )
    application_log_level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] | None = Field(
        default=None,
        description="Lowest level of the function's own log lines; needs format JSON.",
        examples=["INFO"],
    )
    system_log_level: Literal["DEBUG", "INFO", "WARN"] | None = Field(
        default=None, description="Lowest level of Lambda's log lines; needs format JSON.", examples=["WARN"]
    )
    log_group: Annotated[str, form(r"[.\-_/#A-Za-z0-9]+", 512)] | None = Field(
        default=None, description="Log group.", examples=["/shop/checkout"]
    )


class FileSystemConfig(Document):
    arn: MountArn = Field(
        description="Access point.",
        examples=["arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef0"],
    )
    local_mount_path: Annotated[str, form(r"/mnt/[a-zA-Z0-9-_.]+", 160)] = Field(
        description="Mount path.", examples=["/mnt/data"]
    )


class ImageConfig(Document):
    entry_point: Annotated[Many[str], Field(max_length=1500)] | None = Field(
        default=None, description="Overrides the image's ENTRYPOINT.", examples=[["/lambda-entrypoint.sh"]]
    )
    command: Annotated[Many[str], Field(max_length=1500)] | None = Field(
        default=None, description="Overrides the image's CMD.", examples=[["app.handler"]]
    )
    working_directory: Annotated[str, Field(max_length=1000)] | None = Field(
        default=None, description="Overrides the image's WORKDIR.", examples=["/var/task"]
    )


_REGION = r"(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-[0-9]"
LayerArn = Annotated[
    str,
    form(rf"arn:aws[a-zA-Z-]*:lambda:{_REGION}:[0-9]{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+", 2048),
]
"""With its version's number."""


class Configuration(Document):
    """Any part of UpdateFunctionConfiguration; omitted or null settings stay unchanged."""

    memory_size: Annotated[int, Field(ge=128, le=10240)] | None = Field(
        default=None, description="Memory in MB.", examples=[512]
    )
    timeout: Annotated[int, Field(ge=1, le=900)] | None = Field(
        default=None, description="Time-out of an invocation in seconds.", examples=[30]
    )
    handler: Annotated[str, form(r"\S+", 128)] | None = Field(
        default=None, description="Handler in the code.", examples=["app.handler"]
    )
    runtime: Annotated[str, form(r"[a-z][a-z0-9.-]*", 64)] | None = Field(
        default=None, description="Runtime.", examples=["python3.13"]
    )
    role: Annotated[str, form(r"arn:aws[a-zA-Z-]*:iam::[0-9]{12}:role/?[a-zA-Z_0-9+=,.@\-/]+", 2048)] | None = Field(
        default=None,
        description="Execution role; it must be allowed by a parameter of Tidegate's stack. Lambda splits traffic "
        "only between versions with the same role.",
        examples=["arn:aws:iam::123456789012:role/checkout"],
    )
    description: Annotated[str, Field(max_length=256)] | None = Field(
        default=None, description="Description of the function.", examples=["Takes the money"]
    )
    layers: Annotated[Many[LayerArn], Field(max_length=5)] | None = Field(
        default=None,
        description="All layers: the list replaces the current one.",
        examples=[["arn:aws:lambda:eu-west-1:123456789012:layer:shared:7"]],
    )
    environment: dict[VariableName, Reference] | None = Field(
        default=None,
        description="Environment variables to set, as references to their values; other variables are unchanged.",
        examples=[{"LOG_LEVEL": {"ssm": "/shop/log-level"}}],
    )
    vpc_config: VpcConfig | None = Field(
        default=None,
        description="VPC.",
        examples=[{"subnet_ids": ["subnet-0a1b2c3d"], "security_group_ids": ["sg-0a1b2c3d"]}],
    )
    dead_letter_config: DeadLetterConfig | None = Field(
        default=None,
        description="Destination of failed asynchronous events.",
        examples=[{"target_arn": "arn:aws:sqs:eu-west-1:123456789012:checkout-failed"}],
    )
    kms_key_arn: Arn | None = Field(
        default=None,
        description='Key that encrypts the environment variables; "" for the one of AWS.',
        examples=["arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
    )
    tracing_config: TracingConfig | None = Field(default=None, description="Tracing.", examples=[{"mode": "Active"}])
    ephemeral_storage: EphemeralStorage | None = Field(
        default=None, description="Size of /tmp.", examples=[{"size": 1024}]
    )
    snap_start: SnapStart | None = Field(
        default=None, description="Start from a snapshot.", examples=[{"apply_on": "PublishedVersions"}]
    )
    logging_config: LoggingConfig | None = Field(default=None, description="Logs.", examples=[{"log_format": "JSON"}])
    file_system_configs: Annotated[Many[FileSystemConfig], Field(max_length=1)] | None = Field(
        default=None,
        description="All file systems: the list replaces the current one.",
        examples=[
            [
                {
                    "arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef0",
                    "local_mount_path": "/mnt/data",
                }
            ]
        ],
    )
    image_config: ImageConfig | None = Field(
        default=None, description="How the image is started.", examples=[{"command": ["app.handler"]}]
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError("changes nothing: set at least one setting, or omit it")
        return self

    def api_parameters(self) -> dict[str, Any]:
        """Return the parameters of UpdateFunctionConfiguration, without Environment: see `environment`."""
        parameters = api_parameters(self)
        parameters.pop("Environment", None)
        return parameters
