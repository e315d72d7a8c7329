"""What a name stands for now: a tag in ECR, a key in S3."""

from botocore.exceptions import ClientError

from tidegate.aws.clients import images_client, storage_client
from tidegate.aws.failures import code_of
from tidegate.domain.starting import Brought, Image, StoredObject

GONE = {"ImageNotFoundException", "RepositoryNotFoundException"}


def newest(brought: Brought) -> str | None:
    """Give the digest or the version that has the name now; None where nothing has it any more.

    Both services answer with what was written last as soon as they have told of it.
    """
    return _of_tag(brought) if isinstance(brought, Image) else _of_key(brought)


def _of_tag(image: Image) -> str | None:
    try:
        found = images_client().describe_images(repositoryName=image.repository, imageIds=[{"imageTag": image.tag}])[
            "imageDetails"
        ]
    except ClientError as error:
        if code_of(error) not in GONE:
            raise
        return None
    return str(found[0]["imageDigest"]) if found else None


def _of_key(stored: StoredObject) -> str | None:
    """Versions are listed by key, the newest of each first: the first whose key begins so is that of the key itself."""
    listed = storage_client().list_object_versions(Bucket=stored.bucket, Prefix=stored.key, MaxKeys=1)
    found = [each for each in listed.get("Versions", []) if each["Key"] == stored.key and each["IsLatest"]]
    return str(found[0]["VersionId"]) if found else None
