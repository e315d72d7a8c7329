"""Images in ECR, by tag or digest."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.clients import images_client
from tidegate.aws.failures import code_of
from tidegate.domain.media_types import ManifestKind, kind_of

GONE = {"ImageNotFoundException", "RepositoryNotFoundException"}


@dataclass(frozen=True)
class Described:
    """A manifest in ECR; missing media types are empty."""

    digest: str
    tags: tuple[str, ...]
    manifest: str
    artifact: str

    @property
    def kind(self) -> ManifestKind | None:
        return kind_of(self.manifest, self.artifact, self.tags)


def describe(repository: str, **image: str) -> Described | None:
    """Describe the image with this `imageTag` or `imageDigest`; None if the image or the repository does not exist."""
    named: Any = image
    try:
        found = images_client().describe_images(repositoryName=repository, imageIds=[named])["imageDetails"]
    except ClientError as error:
        if code_of(error) not in GONE:
            raise
        return None
    return _described(found[0]) if found else None


def _described(found: Any) -> Described:
    return Described(
        str(found["imageDigest"]),
        tuple(found.get("imageTags", ())),
        found.get("imageManifestMediaType", ""),
        found.get("artifactMediaType", ""),
    )
