"""What an event has brought, under a name that something newer may have taken by the time it is told of."""

from dataclasses import dataclass

from tidegate.domain.request.models import Request
from tidegate.domain.request.problems import shown


@dataclass(frozen=True)
class Image:
    """An image that was pushed under a tag; tags move."""

    repository: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.repository}:{self.tag}"

    @property
    def version(self) -> str:
        return self.digest


@dataclass(frozen=True)
class StoredObject:
    """A version of an object in S3."""

    bucket: str
    key: str
    version: str

    @property
    def name(self) -> str:
        return f"s3://{self.bucket}/{shown(self.key)}"


Brought = Image | StoredObject


def objects_of(request: Request) -> tuple[StoredObject, ...]:
    """Give the versions of objects that the code of a request's targets comes from."""
    codes = [target.code for target in request.targets if target.code]
    return tuple(
        StoredObject(code.s3_bucket, code.s3_key, code.s3_object_version)
        for code in codes
        if code.s3_bucket and code.s3_key and code.s3_object_version
    )


def overtaken(brought: Brought, newest: str | None) -> str | None:
    """Say that what was brought is not what its name stands for now, None where it is."""
    if newest == brought.version:
        return None
    now = f"is {shown(newest)} by now" if newest else "is gone by now"
    return (
        f"{brought.name} {now}, and the event tells of {shown(brought.version)}: events do not always come in order. "
        "What is newer has an event of its own; to release the older one after all, ask for it with Release Requested."
    )
