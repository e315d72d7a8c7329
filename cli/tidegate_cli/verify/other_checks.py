"""Checks of the other services: IAM, DynamoDB and S3."""

from typing import Any

from botocore.exceptions import ClientError

from tidegate.domain.schedule import MINUTE
from tidegate_cli.verify.checks import Seen, check, same
from tidegate_cli.verify.ground import SERVICES, Ground

KEY = {"id": {"S": "1"}}


@check(
    "service-principals",
    "Service principals have the same names in China, GovCloud and the European Sovereign Cloud",
    expected="all four trusted, and Lambda takes the role",
    otherwise="the stack would be refused with `Invalid principal`",
    source="IAM/latest/UserGuide/reference_policies_elements_principal.html",
)
def service_principals(ground: Ground) -> Seen:
    """Make a role that trusts four services by these names, and invoke a function that has it."""
    runs = ground.invoke(ground.function("plain")).error == ""
    trust = ground.client("iam").get_role(RoleName=ground.name("role"))["Role"]["AssumeRolePolicyDocument"]
    missing = [service for service in SERVICES if service not in str(trust)]
    if missing or not runs:
        return Seen(False, f"not trusted: {missing}" if missing else "the function does not run")
    return Seen(True, "all four trusted, and Lambda takes the role")


@check(
    "deleted-table",
    "Every call on a deleted table, also while it is being deleted, is answered with ResourceNotFoundException or "
    "another error that does not pass",
    expected="ResourceNotFoundException each time",
    otherwise="Roll back would try again until it is left to Recover",
    source="amazondynamodb/latest/APIReference/API_DeleteTable.html",
)
def deleted_table(ground: Ground) -> Seen:
    """Delete a table, and call GetItem at once and until the table is gone."""
    client, name = ground.client("dynamodb"), f"{ground.name('table')}-{int(ground.now() * 1000)}"
    make_table(client, name, ground.tag_list)
    ground.until(lambda: table_status(client, name) == "ACTIVE", 2 * MINUTE)
    client.delete_table(TableName=name)
    codes: set[str] = set()

    def look() -> bool:
        codes.add(_get_item(client, name))
        return table_status(client, name) == "gone"

    ground.until(look, 2 * MINUTE)
    return same("ResourceNotFoundException each time", f"{', '.join(sorted(codes))} each time")


def make_table(client: Any, name: str, tags: list[dict[str, str]]) -> None:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=tags,
    )


def table_status(client: Any, name: str) -> str:
    try:
        return str(client.describe_table(TableName=name)["Table"]["TableStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return "gone"


def _get_item(client: Any, name: str) -> str:
    try:
        client.get_item(TableName=name, Key=KEY)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "an answer"


@check(
    "object-versions",
    "ListObjectVersions lists objects of buckets without versioning, with the version `null`",
    expected="version null",
    otherwise="Plan would say of an object that it is not there",
    source="AmazonS3/latest/API/API_ListObjectVersions.html",
)
def object_versions(ground: Ground) -> Seen:
    """Put an object into a new bucket, and list its versions."""
    client, bucket = ground.client("s3"), ground.shared("bucket", lambda: _bucket(ground))
    client.put_object(Bucket=bucket, Key="code.zip", Body=b"code")
    versions = client.list_object_versions(Bucket=bucket, Prefix="code.zip").get("Versions") or []
    return same("version null", f"version {versions[0]['VersionId']}" if versions else "no version")


def _bucket(ground: Ground) -> str:
    client, name = ground.client("s3"), ground.name("bucket")
    region = client.meta.region_name
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=name, **where)
    client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": ground.tag_list})
    return name
