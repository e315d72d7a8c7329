"""Partitions of AWS, and the differences between them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Partition:
    """`regions` is how the names of its Regions begin, `domain` that of its APIs, `console` the host of its console."""

    name: str
    regions: str
    domain: str
    console: str


PARTITIONS = (
    Partition("aws-cn", "cn-", "amazonaws.com.cn", "console.amazonaws.cn"),
    Partition("aws-us-gov", "us-gov-", "amazonaws.com", "console.amazonaws-us-gov.com"),
    Partition("aws-eusc", "eusc-", "amazonaws.eu", "console.amazonaws-eusc.eu"),
    Partition("aws", "", "amazonaws.com", "console.aws.amazon.com"),
)
"""Those that template.yaml can be deployed in.

Sources: botocore's endpoints.json (Regions and domains); of the consoles AWS General Reference, Getting Started with
AWS in China, AWS GovCloud (US) User Guide, and the endpoints reference of the AWS European Sovereign Cloud.
"""


def partition_of(region: str) -> Partition:
    """Find the partition of a Region."""
    return next(found for found in PARTITIONS if region.startswith(found.regions))
