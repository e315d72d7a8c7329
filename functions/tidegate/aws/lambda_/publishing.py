"""Publishing $LATEST as a version, in its settled state."""

from dataclasses import dataclass, replace

from botocore.exceptions import ClientError

from tidegate.aws.clients import lambda_client
from tidegate.aws.failures import code_of
from tidegate.aws.lambda_.functions import read
from tidegate.domain.schedule import format_time

DESCRIPTION_LENGTH = 256


@dataclass(frozen=True)
class PublishedVersion:
    version: str
    created: bool


def description_of(release: str, now: int) -> str:
    """Return a description that only the same try of the same release produces again."""
    return f"Released by {release} at {format_time(now)}"[:DESCRIPTION_LENGTH]


@dataclass(frozen=True)
class SettledLatest:
    """$LATEST in its settled state: its RevisionId, and Lambda's digests of code and configuration."""

    revision_id: str
    code_sha256: str
    config_sha256: str | None


def publish(function: str, ours: str, settled: SettledLatest) -> PublishedVersion | None:
    """Publish $LATEST in the given state; None if it has changed since.

    Lambda answers 201 with an *existing* version, and its old description, when nothing changed since the
    last one: our own description (`ours`) shows whether this release created the version. It also finds
    the version if the response to an earlier try was lost.

    Publishing changes the RevisionId of $LATEST, and only that: another alias may have caused it in the meantime.
    """
    found = _publish(function, ours, settled)
    if found:
        return found
    latest = read(function)
    if latest is None or latest.config_sha256 is None:
        return None
    same = (latest.code_sha256, latest.config_sha256) == (settled.code_sha256, settled.config_sha256)
    return _publish(function, ours, replace(settled, revision_id=latest.revision_id)) if same else None


def _publish(function: str, ours: str, settled: SettledLatest) -> PublishedVersion | None:
    try:
        answer = lambda_client().publish_version(
            FunctionName=function, RevisionId=settled.revision_id, CodeSha256=settled.code_sha256, Description=ours
        )
    except ClientError as error:
        other_code = code_of(error) == "InvalidParameterValueException" and "CodeSHA256" in str(error)
        # ResourceConflictException: someone began another update after this one had settled.
        if code_of(error) not in {"PreconditionFailedException", "ResourceConflictException"} and not other_code:
            raise
        version = _published_as(function, ours)
        return PublishedVersion(version, created=True) if version else None
    return PublishedVersion(answer["Version"], created=answer.get("Description") == ours)


def _published_as(function: str, description: str) -> str | None:
    """Find the version with this description."""
    pages = lambda_client().get_paginator("list_versions_by_function").paginate(FunctionName=function)
    versions = [v["Version"] for page in pages for v in page["Versions"] if v.get("Description") == description]
    return versions[-1] if versions else None
