"""Publishing and keeping versions (as LocalStack's snapshot tests recorded it on AWS)."""

import json
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud, lambda_
from localcloud.lambda_ import lifecycle
from tests.contract.lambda_calls import (
    ARN,
    HEALTHY,
    configuration,
    configure,
    create,
    publish,
    refused,
    settled,
    source,
    until,
    zip_of,
)


def test_a_published_version_is_active_at_once(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-first", HEALTHY)
    answer = client.publish_version(FunctionName="version-first", Description="the first")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (answer["Version"], answer["State"], answer["LastUpdateStatus"]) == ("1", "Active", "Successful")
    assert answer["FunctionArn"] == f"{ARN}version-first:1"
    assert answer["Description"] == "the first"


def test_publishing_unchanged_answers_201_with_the_old_version_and_its_old_description(
    cloud: LocalCloud, client: Any
) -> None:
    cloud.create_function("version-same", HEALTHY)
    first = client.publish_version(FunctionName="version-same", Description="the first")
    latest = configuration(client, "version-same")["RevisionId"]
    again = client.publish_version(FunctionName="version-same", Description="the second")
    assert again["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert [again[key] for key in ("Version", "Description", "RevisionId")] == ["1", "the first", first["RevisionId"]]
    assert configuration(client, "version-same")["RevisionId"] == latest


def test_a_change_back_and_forth_is_published_as_a_third_version(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-aba", HEALTHY)
    numbers = [publish(client, "version-aba", Timeout=seconds) for seconds in (3, 4, 3, 3)]
    assert numbers == ["1", "2", "3", "3"]


@pytest.mark.parametrize(
    "change",
    [
        {"Timeout": 9},
        {"MemorySize": 256},
        {"Description": "other"},
        {"Environment": {"Variables": {"A": "1"}}},
        {"Handler": "app.other"},
        {"EphemeralStorage": {"Size": 1024}},
        {"TracingConfig": {"Mode": "Active"}},
        {"LoggingConfig": {"LogFormat": "JSON"}},
        {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_part_of_the_configuration_makes_a_new_version(
    cloud: LocalCloud, client: Any, change: dict[str, Any]
) -> None:
    name = f"version-by-{next(iter(change))}"
    cloud.create_function(name, HEALTHY)
    assert [publish(client, name), publish(client, name, **change)] == ["1", "2"]


def test_reserved_concurrency_and_tags_make_no_new_version(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-not-by", HEALTHY)
    publish(client, "version-not-by")
    client.put_function_concurrency(FunctionName="version-not-by", ReservedConcurrentExecutions=5)
    client.tag_resource(Resource=f"{ARN}version-not-by", Tags={"a": "b"})
    assert publish(client, "version-not-by") == "1"


def test_publishing_changes_the_revision_of_latest(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-revision", HEALTHY)
    before = configuration(client, "version-revision")["RevisionId"]
    published = client.publish_version(FunctionName="version-revision")["RevisionId"]
    after = configuration(client, "version-revision")["RevisionId"]
    assert len({before, published, after}) == 3
    client.create_alias(FunctionName="version-revision", Name="live", FunctionVersion="1")
    assert configuration(client, "version-revision")["RevisionId"] == after
    assert configuration(client, "version-revision", Qualifier="1")["RevisionId"] == published


def test_publishing_with_an_old_revision_is_refused(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-stale", HEALTHY)
    name, code, message = refused(client.publish_version, FunctionName="version-stale", RevisionId="0")
    assert (name, code) == ("PreconditionFailedException", 412)
    assert message.startswith("The Revision Id provided does not match the latest Revision Id.")


def test_publishing_with_another_code_hash_is_refused_as_an_invalid_parameter(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-sha", HEALTHY)
    actual = configuration(client, "version-sha")["CodeSha256"]
    assert refused(client.publish_version, FunctionName="version-sha", CodeSha256="wrong") == (
        "InvalidParameterValueException",
        400,
        (
            f"CodeSHA256 (wrong) is different from current CodeSHA256 in $LATEST ({actual}). "
            "Please try again with the CodeSHA256 in $LATEST."
        ),
    )
    assert client.publish_version(FunctionName="version-sha", CodeSha256=actual)["Version"] == "1"


def test_a_version_keeps_its_code_and_configuration(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    tell = "import os\ndef handler(event, context):\n    return [{!r}, os.environ['COLOUR']]\n"
    cloud.create_function("version-frozen", source(tmp_path / "one", tell.format("one")), environment={"COLOUR": "red"})
    publish(client, "version-frozen")
    before = configuration(client, "version-frozen", Qualifier="1")
    cloud.update_code("version-frozen", source(tmp_path / "two", tell.format("two")))
    configure(client, "version-frozen", Environment={"Variables": {"COLOUR": "blue"}})
    answers = {
        qualifier: json.load(client.invoke(FunctionName="version-frozen", Qualifier=qualifier)["Payload"])
        for qualifier in ("1", "$LATEST")
    }
    assert answers == {"1": ["one", "red"], "$LATEST": ["two", "blue"]}
    assert configuration(client, "version-frozen", Qualifier="1") == before
    assert refused(client.update_function_configuration, FunctionName="version-frozen:1", Timeout=9)[1] == 400


def test_numbers_are_not_used_again_even_after_the_function_was_deleted(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-number", HEALTHY)
    publish(client, "version-number")
    publish(client, "version-number", Timeout=4)
    client.delete_function(FunctionName="version-number", Qualifier="2")
    assert publish(client, "version-number", Timeout=5) == "3"
    client.delete_function(FunctionName="version-number")
    cloud.create_function("version-number", HEALTHY)
    assert publish(client, "version-number") == "4"


def test_updating_and_publishing_at_once_gives_a_pending_version_without_update_status(
    cloud: LocalCloud, client: Any
) -> None:
    cloud.create_function("version-at-once", HEALTHY)
    with lifecycle.settling_in(600):
        answer = client.update_function_code(FunctionName="version-at-once", ZipFile=zip_of("slow"), Publish=True)
        version = configuration(client, "version-at-once", Qualifier="1")
        latest = configuration(client, "version-at-once", Qualifier="$LATEST")
    for seen in (answer, version):
        assert (seen["Version"], seen["State"], seen["StateReasonCode"]) == ("1", "Pending", "Creating")
        assert "LastUpdateStatus" not in seen
    assert (latest["State"], latest["LastUpdateStatus"]) == ("Active", "InProgress")
    assert latest["FunctionArn"].endswith(":$LATEST")


def test_a_version_can_be_made_never_to_become_active(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-never", HEALTHY)
    lifecycle.never_active("version-never")
    assert client.publish_version(FunctionName="version-never")["State"] == "Pending"
    cloud.clock.sleep(10)
    assert configuration(client, "version-never", Qualifier="1")["State"] == "Pending"
    assert refused(client.invoke, FunctionName="version-never", Qualifier="1")[0] == "ResourceConflictException"
    assert publish(client, "version-never", Timeout=4) == "2"
    assert configuration(client, "version-never", Qualifier="2")["State"] == "Active"


def test_lists_show_no_states(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-list", HEALTHY)
    publish(client, "version-list")
    versions = client.list_versions_by_function(FunctionName="version-list")["Versions"]
    functions = client.list_functions()["Functions"]
    assert [version["FunctionArn"] for version in versions] == [
        f"{ARN}version-list:$LATEST",
        f"{ARN}version-list:1",
    ]
    for entry in (*versions, *functions):
        assert not {"State", "LastUpdateStatus", "RuntimeVersionConfig"} & set(entry)
        assert {"FunctionName", "CodeSha256", "RevisionId", "Version"} <= set(entry)


def test_versions_are_listed_in_pages(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-pages", HEALTHY)
    for seconds in (3, 4, 5):
        publish(client, "version-pages", Timeout=seconds)
    first = client.list_versions_by_function(FunctionName="version-pages", MaxItems=3)
    assert [version["Version"] for version in first["Versions"]] == ["$LATEST", "1", "2"]
    rest = client.list_versions_by_function(FunctionName="version-pages", MaxItems=3, Marker=first["NextMarker"])
    assert [version["Version"] for version in rest["Versions"]] == ["3"]
    assert "NextMarker" not in rest
    pages = client.get_paginator("list_versions_by_function").paginate(
        FunctionName="version-pages", PaginationConfig={"PageSize": 1}
    )
    assert len([version for page in pages for version in page["Versions"]]) == 4


def test_a_version_that_an_alias_uses_cannot_be_deleted(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-used", HEALTHY)
    for seconds in (3, 4):
        publish(client, "version-used", Timeout=seconds)
    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    client.create_alias(FunctionName="version-used", Name="live", FunctionVersion="1", RoutingConfig=weights)
    for version in ("1", "2"):
        assert refused(client.delete_function, FunctionName="version-used", Qualifier=version) == (
            "ResourceConflictException",
            409,
            "Unable to delete version because the following aliases reference it: [live]",
        )
    message = "$LATEST version cannot be deleted without deleting the function."
    assert refused(client.delete_function, FunctionName="version-used", Qualifier="$LATEST")[2] == message


def test_a_qualifier_may_be_part_of_the_name_but_not_contradict(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("version-name", HEALTHY, alias="live")
    for written in ("version-name:1", f"{ARN}version-name:1", "123456789012:function:version-name:1"):
        assert configuration(client, written)["FunctionArn"] == f"{ARN}version-name:1"
    assert configuration(client, f"{ARN}version-name:live")["FunctionArn"] == f"{ARN}version-name:live"
    assert configuration(client, f"{ARN}version-name:$LATEST")["Version"] == "$LATEST"
    assert refused(client.get_function, FunctionName="version-name:1", Qualifier="2")[2] == (
        "The derived qualifier from the function name does not match the specified qualifier."
    )


def test_a_function_created_with_publish_has_version_1(cloud: LocalCloud, client: Any) -> None:
    assert create(cloud, "version-created", Publish=True)["Version"] == "1"
    until(lambda: configuration(client, "version-created", Qualifier="1"), lambda seen: seen["State"] == "Active")


def test_code_comes_from_s3_in_the_version_of_the_object_that_is_asked_for(cloud: LocalCloud, client: Any) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="version-builds")
    s3.put_bucket_versioning(Bucket="version-builds", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="version-builds", Key="a.zip", Body=zip_of("healthy"))["VersionId"]
    s3.put_object(Bucket="version-builds", Key="a.zip", Body=zip_of("handler_error"))
    cloud.create_function("version-s3", HEALTHY)
    here = {"FunctionName": "version-s3", "S3Bucket": "version-builds"}
    client.update_function_code(S3Key="a.zip", **here)
    settled(client, "version-s3")
    assert client.invoke(FunctionName="version-s3")["FunctionError"] == "Unhandled"
    client.update_function_code(S3Key="a.zip", S3ObjectVersion=old, **here)
    settled(client, "version-s3")
    assert "FunctionError" not in client.invoke(FunctionName="version-s3")
    assert refused(client.update_function_code, S3Key="none.zip", **here) == (
        "InvalidParameterValueException",
        400,
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
    )


def test_an_image_s_digest_is_its_code_hash(cloud: LocalCloud, client: Any) -> None:
    digest = "ab" * 32
    uri = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/shop@sha256:{digest}"
    lambda_.register_image(uri, HEALTHY)
    arguments = {"Code": {"ImageUri": uri}, "PackageType": "Image"}
    role = create(cloud, "version-role")["Role"]
    client.create_function(FunctionName="version-image", Role=role, **arguments)
    seen = until(
        lambda: client.get_function(FunctionName="version-image"), lambda f: f["Configuration"]["State"] == "Active"
    )
    assert seen["Configuration"]["CodeSha256"] == digest
    assert seen["Configuration"]["PackageType"] == "Image"
    assert seen["Code"]["ResolvedImageUri"] == uri
    assert json.load(client.invoke(FunctionName="version-image", Payload=b"5")["Payload"])["event"] == 5
    gone = uri.replace("ab", "cd")
    name, _, message = refused(client.update_function_code, FunctionName="version-image", ImageUri=gone)
    assert (name, message) == (
        "InvalidParameterValueException",
        f"Source image {gone} does not exist. Provide a valid source image.",
    )


def test_a_registered_folder_is_run_in_place(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    folder = source(tmp_path / "code", "def handler(event, context):\n    return __file__\n")
    lambda_.register_folder("local-folders", "code", folder)
    create(cloud, "version-folder", Code={"S3Bucket": "local-folders", "S3Key": "code"})
    first = until(lambda: configuration(client, "version-folder"), lambda seen: seen["State"] == "Active")
    assert json.load(client.invoke(FunctionName="version-folder")["Payload"]) == str(folder / "app.py")
    source(folder, "def handler(event, context):\n    return 'changed'\n")
    client.update_function_code(FunctionName="version-folder", S3Bucket="local-folders", S3Key="code")
    assert settled(client, "version-folder")["CodeSha256"] != first["CodeSha256"]
