"""Settings of a function that have settings of their own, as UpdateFunctionConfiguration takes them."""

from typing import Annotated, Literal

from pydantic import Field

from tidegate.domain.request.fields import Document, Many, form

Arn = Annotated[str, form(r"|arn:aws[a-zA-Z-]*:[a-z0-9.-]+:.*", 2048)]
MountArn = Annotated[str, form(r"arn:aws[a-zA-Z-]*:(?:elasticfilesystem|s3files):.*access-point/fsap-[0-9a-f]+", 256)]


class VpcConfig(Document):
    subnet_ids: Annotated[Many[Annotated[str, form(r"subnet-[0-9a-z]*", 1024)]], Field(max_length=16)] = Field(
        description="Subnets; none takes the function out of its VPC.", examples=[["subnet-0a1b2c3d"]]
    )
    security_group_ids: Annotated[Many[Annotated[str, form(r"sg-[0-9a-zA-Z]*", 1024)]], Field(max_length=5)] = Field(
        description="Security groups.", examples=[["sg-0a1b2c3d"]]
    )
    ipv6_allowed_for_dual_stack: bool | None = Field(
        default=None, description="Whether IPv6 may leave through dual-stack subnets.", examples=[True]
    )


class DeadLetterConfig(Document):
    target_arn: Arn = Field(
        description='Queue or topic for failed asynchronous events; "" for none. Stable and canary must agree in it.',
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
        description="Least level of the function's own lines; with format JSON.",
        examples=["INFO"],
    )
    system_log_level: Literal["DEBUG", "INFO", "WARN"] | None = Field(
        default=None, description="Least level of Lambda's lines; with format JSON.", examples=["WARN"]
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
        description="Where it is mounted.", examples=["/mnt/data"]
    )


class ImageConfig(Document):
    entry_point: Annotated[Many[str], Field(max_length=1500)] | None = Field(
        default=None, description="Instead of the image's ENTRYPOINT.", examples=[["/lambda-entrypoint.sh"]]
    )
    command: Annotated[Many[str], Field(max_length=1500)] | None = Field(
        default=None, description="Instead of the image's CMD.", examples=[["app.handler"]]
    )
    working_directory: Annotated[str, Field(max_length=1000)] | None = Field(
        default=None, description="Instead of the image's WORKDIR.", examples=["/var/task"]
    )
