"""An AWS in one process, to run and test Tidegate without an account."""

from localcloud import garbage, moto_apigateway, moto_ec2  # noqa: F401 - first, and before moto's CloudFormation is imported
from localcloud.cloud import LocalCloud

__all__ = ["LocalCloud"]
