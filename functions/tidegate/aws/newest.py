"""What a name stands for now: a tag in ECR, a key in S3."""

from tidegate.aws import images
from tidegate.aws.clients import storage_client
from tidegate.domain.starting import Brought, Image, StoredObject


def newest(brought: Brought) -> str | None:
    """Give the digest or the version that has the name now; None where nothing has it any more.

    Both services answer with what was written last as soon as they have told of it.
    """
    return _of_tag(brought) if isinstance(brought, Image) else _of_key(brought)


def _of_tag(image: Image) -> str | None:
    found = images.describe(image.repository, imageTag=image.tag)
    return found.digest if found else None


def _of_key(stored: StoredObject) -> str | None:
    """Versions are listed by key, the newest of each first: the first whose key begins so is that of the key itself."""
    listed = storage_client().list_object_versions(Bucket=stored.bucket, Prefix=stored.key, MaxKeys=1)
    found = [each for each in listed.get("Versions", []) if each["Key"] == stored.key and each["IsLatest"]]
    return str(found[0]["VersionId"]) if found else None
