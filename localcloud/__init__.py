"""An AWS in one process, to run and test Tidegate without an account."""

from localcloud import moto_apigateway, moto_ec2  # noqa: F401 - before anything imports moto's CloudFormation
from localcloud.cloud import LocalCloud

__all__ = ["LocalCloud"]
