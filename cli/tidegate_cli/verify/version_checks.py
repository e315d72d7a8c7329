"""Checks of code, configuration, versions and aliases."""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from tidegate.domain.schedule import MINUTE
from tidegate_cli.verify.checks import Seen, check, same
from tidegate_cli.verify.ground import ALIAS, Ground, package

WEIGHT, MOST = 0.123456, 0.99
SECONDS_TO_TAKE_EFFECT = 30.0


@check(
    "package-first",
    "Lambda imports boto3 from the package, and not the boto3 of the runtime, which may be older",
    expected="the boto3 of the package",
    otherwise="Plan would refuse every release as `NotConfigured`, where the boto3 of the runtime is older: put the "
    "package first in PYTHONPATH",
    source="lambda/latest/dg/python-package.html",
)
def package_first(ground: Ground) -> Seen:
    """Invoke a function with its own module `boto3`, and ask which one it has imported."""
    name = ground.function("own-boto3", files={"boto3.py": "__version__ = 'the boto3 of the package'\n"})
    return same("the boto3 of the package", ground.invoke(name, boto3=True).payload)


@check(
    "three-versions",
    "Publishing A, B, A makes three versions",
    expected="3 versions",
    otherwise="going back to A by code would say `already live` or name the older version",
    source="lambda/latest/dg/configuration-versions.html",
)
def three_versions(ground: Ground) -> Seen:
    """Change a function's code to A, to B and to A again, and publish after each change."""
    name = ground.function("changed")
    versions = set()
    for text in ("A", "B", "A"):
        ground.change_code(name, text)
        versions.add(ground.publish(name))
    return same("3 versions", f"{len(versions)} versions")


@check(
    "dry-run-digest",
    "UpdateFunctionCode with DryRun answers with the CodeSha256 of the code that it was given, and changes nothing",
    expected="the digest of the new code, then the digest of the old code",
    otherwise="a change of code whose answer was lost would end the release as LatestChanged",
    source="lambda/latest/api/API_UpdateFunctionCode.html",
)
def dry_run_digest(ground: Ground) -> Seen:
    """Call UpdateFunctionCode with DryRun, compute the digest of the zip here, and read the function again."""
    client, name = ground.client("lambda"), ground.function("plain")
    before, code = ground.settled(name)["CodeSha256"], package({"dry.txt": "dry"})
    said = client.update_function_code(FunctionName=name, ZipFile=code, DryRun=True)["CodeSha256"]
    digest = base64.b64encode(hashlib.sha256(code).digest()).decode()
    words = {digest: "the digest of the new code", before: "the digest of the old code"}
    after = client.get_function_configuration(FunctionName=name)["CodeSha256"]
    return same(
        "the digest of the new code, then the digest of the old code",
        ", then ".join(words.get(each, "another digest") for each in (said, after)),
    )


def _digests(answers: list[dict[str, Any]]) -> Seen:
    """Compare ConfigSha256 of answers; could not tell where there is none."""
    found = [answer.get("ConfigSha256") for answer in answers]
    if None in found:
        return Seen(None, "GetFunctionConfiguration answers no ConfigSha256 here")
    return same("the same ConfigSha256", "the same ConfigSha256" if len(set(found)) == 1 else "different ones")


@check(
    "config-digest-code",
    "A change of code leaves the ConfigSha256 of $LATEST as it is",
    expected="the same ConfigSha256",
    otherwise="a change of code whose answer was lost would end the release as LatestChanged",
    source="lambda/latest/api/API_FunctionConfiguration.html",
)
def config_digest_code(ground: Ground) -> Seen:
    """Read ConfigSha256 before and after a change of code."""
    name = ground.function("changed")
    before = ground.settled(name)
    ground.change_code(name, "another")
    return _digests([before, ground.settled(name)])


@check(
    "config-digest-publish",
    "PublishVersion leaves the ConfigSha256 of $LATEST as it is",
    expected="the same ConfigSha256",
    otherwise="a release of two aliases of one function could end as LatestChanged",
    source="lambda/latest/api/API_PublishVersion.html",
)
def config_digest_publish(ground: Ground) -> Seen:
    """Read ConfigSha256 before and after PublishVersion."""
    name = ground.function("changed")
    ground.change_code(name, "to be published")
    before = ground.settled(name)
    ground.publish(name)
    return _digests([before, ground.settled(name)])


@check(
    "config-digest-version",
    "ConfigSha256, where the answer has it, is the same for $LATEST and for a version of the same configuration. "
    "Recordings of November 2025 and January 2026 do not have it",
    expected="the same ConfigSha256",
    otherwise="where an environment cannot be read, the command would not say `already live`, nor Plan `rolled back "
    "before`: Publish asks Lambda, which answers with the version that is there",
    source="lambda/latest/api/API_FunctionConfiguration.html",
)
def config_digest_version(ground: Ground) -> Seen:
    """Compare ConfigSha256 of a new version with that of $LATEST."""
    name = ground.function("changed")
    ground.change_code(name, "a version")
    version = ground.publish(name)
    return _digests([ground.settled(name), ground.settled(f"{name}:{version}")])


@check(
    "version-modified",
    "LastModified of a published version is not before $LATEST was last changed",
    expected="not before",
    otherwise="a version that somebody published less than a day ago, from code that is older, could be deleted if it "
    "is not among the newest and nothing uses it",
    source="lambda/latest/api/API_FunctionConfiguration.html",
)
def version_modified(ground: Ground) -> Seen:
    """Read LastModified of $LATEST after a change, and of the version that is published then."""
    name = ground.function("changed")
    ground.change_code(name, "modified")
    changed = _moment(ground.settled(name)["LastModified"])
    version = _moment(ground.settled(f"{name}:{ground.publish(name)}")["LastModified"])
    return same("not before", "not before" if version >= changed else f"{changed - version} before")


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


@check(
    "alias-weight",
    "GetAlias answers a weight of six digits exactly as UpdateAlias was given it",
    expected="0.123456",
    otherwise="every bake would end as AliasMoved",
    source="lambda/latest/api/API_AliasRoutingConfiguration.html",
)
def alias_weight(ground: Ground) -> Seen:
    """Give an alias a weight that has six digits, then read it."""
    client, name = ground.client("lambda"), _two_versions(ground)
    client.update_alias(FunctionName=name, Name=ALIAS, RoutingConfig={"AdditionalVersionWeights": {"2": WEIGHT}})
    routing = client.get_alias(FunctionName=name, Name=ALIAS).get("RoutingConfig") or {}
    client.update_alias(FunctionName=name, Name=ALIAS, RoutingConfig={"AdditionalVersionWeights": {}})
    return same(f"{WEIGHT}", f"{routing.get('AdditionalVersionWeights', {}).get('2')}")


@check(
    "weight-at-once",
    "Weights take effect within seconds of UpdateAlias",
    expected=f"within {SECONDS_TO_TAKE_EFFECT:.0f} seconds",
    otherwise="the first minute of a step would mix two weights; it is judged as such anyway",
    source="lambda/latest/dg/configuring-alias-routing.html",
)
def weight_at_once(ground: Ground) -> Seen:
    """Give a version 99 % of an alias, then invoke the alias until that version has answered ten times in a row."""
    client, name = ground.client("lambda"), _two_versions(ground)
    client.update_alias(FunctionName=name, Name=ALIAS, RoutingConfig={"AdditionalVersionWeights": {"2": MOST}})
    began, row = ground.now(), 0
    while row < 10 and ground.now() < began + 2 * MINUTE:
        row = row + 1 if ground.invoke(name, ALIAS).version == "2" else 0
        ground.sleep(0.5)
    took = timedelta(seconds=round(ground.now() - began))
    client.update_alias(FunctionName=name, Name=ALIAS, RoutingConfig={"AdditionalVersionWeights": {}})
    is_soon = row == 10 and took.total_seconds() <= SECONDS_TO_TAKE_EFFECT
    return Seen(is_soon, f"{row} calls in a row after {took}")


def _two_versions(ground: Ground) -> str:
    """Make a function with versions 1 and 2, and its alias on 1; return its name."""
    name = ground.published("moved")
    if len(ground.client("lambda").list_versions_by_function(FunctionName=name)["Versions"]) < 3:
        ground.publish(name, Description="second")
    return name


@check(
    "delete-version",
    "IAM asks for DeleteFunction on the ARN with the number, where the call has one",
    expected="deleted",
    otherwise="Prune would be refused each version, and say so; nothing is deleted",
    source="service-authorization/latest/reference/list_awslambda.html",
)
def delete_version(ground: Ground) -> Seen:
    """Let a function whose role may delete versions, but no function, delete a version of another."""
    name, caller = ground.function("changed"), ground.function("plain")
    ground.change_code(name, "to be deleted")
    version = ground.publish(name)
    done = ground.invoke(caller, delete={"FunctionName": name, "Qualifier": version})
    if done.error:
        return Seen(False, str(done.payload.get("errorMessage")))
    try:
        ground.client("lambda").get_function_configuration(FunctionName=name, Qualifier=version)
    except ClientError as error:
        is_gone = error.response["Error"]["Code"] == "ResourceNotFoundException"
        return Seen(is_gone, "deleted" if is_gone else str(error))
    return Seen(False, "it is still there")


@check(
    "function-tags",
    "GetFunction shows tags to whoever may call ListTags",
    expected="the tag",
    otherwise="functions of another Tidegate that FunctionPattern covers could be released",
    source="lambda/latest/api/API_GetFunction.html",
)
def function_tags(ground: Ground) -> Seen:
    """Call GetFunction for a function that was made with a tag."""
    name = ground.function("plain")
    tags = ground.client("lambda").get_function(FunctionName=name).get("Tags") or {}
    return Seen(ground.tags.items() <= tags.items(), "the tag" if tags else "no tags")
