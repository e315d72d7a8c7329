"""What of a function's settings a release changes."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from tidegate.domain.request.environment import Reference, VariableName
from tidegate.domain.request.fields import Document, Many, form
from tidegate.domain.request.parameters import api_parameters
from tidegate.domain.request.settings import (
    Arn,
    DeadLetterConfig,
    EphemeralStorage,
    FileSystemConfig,
    ImageConfig,
    LoggingConfig,
    SnapStart,
    TracingConfig,
    VpcConfig,
)

_REGION = r"(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-[0-9]"
LayerArn = Annotated[
    str,
    form(rf"arn:aws[a-zA-Z-]*:lambda:{_REGION}:[0-9]{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+", 2048),
]
"""With its version's number."""


class Configuration(Document):
    """Any part of UpdateFunctionConfiguration; what is left out, or null, stays as it is."""

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
        description="Execution role; one of those named when Tidegate was deployed. Lambda divides traffic only "
        "between versions with the same role.",
        examples=["arn:aws:iam::123456789012:role/checkout"],
    )
    description: Annotated[str, Field(max_length=256)] | None = Field(
        default=None, description="Description of the function.", examples=["Takes the money"]
    )
    layers: Annotated[Many[LayerArn], Field(max_length=5)] | None = Field(
        default=None,
        description="Layers, all of them: the list replaces the one before.",
        examples=[["arn:aws:lambda:eu-west-1:123456789012:layer:shared:7"]],
    )
    environment: dict[VariableName, Reference] | None = Field(
        default=None,
        description="Environment variables to set, by where their values are kept; the others stay as they are.",
        examples=[{"LOG_LEVEL": {"ssm": "/shop/log-level"}}],
    )
    vpc_config: VpcConfig | None = Field(
        default=None,
        description="VPC.",
        examples=[{"subnet_ids": ["subnet-0a1b2c3d"], "security_group_ids": ["sg-0a1b2c3d"]}],
    )
    dead_letter_config: DeadLetterConfig | None = Field(
        default=None,
        description="Where failed asynchronous events go.",
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
        description="File system, all of them: the list replaces the one before.",
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
            raise ValueError("changes nothing: name a setting, or leave it out")
        return self

    def api_parameters(self) -> dict[str, Any]:
        """Give the parameters of UpdateFunctionConfiguration, without Environment: see `environment`."""
        parameters = api_parameters(self)
        parameters.pop("Environment", None)
        return parameters
