"""The kind of a manifest in ECR, from its media types and tags: an image for Lambda, an image index, or neither."""

import re
from collections.abc import Collection
from enum import Enum

IMAGES = {
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
}
"""Manifests that Lambda takes (Lambda guide, "Requirements for Lambda functions from container images").

OCI artifacts also have the first one; their artifact media type distinguishes them from images.
"""

INDEXES = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}
"""Lists of images for several platforms, which Lambda does not take.

Docker's buildx also creates one for a single platform, because an image's provenance is another manifest (Docker
documentation, "Provenance attestations").
"""

CONFIGURATIONS = {
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
}
"""Artifact media types of images: that of their configuration (OCI image specification, "Artifact usage").

Others are of signatures (`application/vnd.cncf.notary.signature`, `application/vnd.dev.sigstore.bundle.v0.3+json`),
bills of materials (`application/spdx+json`, `application/vnd.cyclonedx+json`), charts and others.
"""

_ATTACHED = re.compile(r"sha(?:256|384|512)-[0-9a-f]{32,128}(?:\..+)?", re.ASCII)
"""Tags that name another manifest's digest: `sha256-….sig`, `.att` and `.sbom` (cosign, SIGNATURE_SPEC.md), and without
an end the referrers of a manifest (OCI distribution specification, "Referrers tag schema"), which are an index.

Signatures by cosign 2 have the media types of images, so only their tags identify them.
"""

REMEDY = (
    "push an image of one platform, without provenance; example: docker buildx build --platform linux/arm64 "
    "--provenance=false --push"
)


class ManifestKind(Enum):
    """`OTHER` is a signature, an attestation, a bill of materials or another artifact."""

    IMAGE = "image"
    INDEX = "index"
    OTHER = "other"


def kind_of(manifest: str | None, artifact: str | None, tags: Collection[str] = ()) -> ManifestKind | None:
    """Return the kind of a manifest; None if neither its media type nor its tags show it.

    Parameters
    ----------
    manifest, artifact
        `manifest-media-type` and `artifact-media-type` of an event (EventBridge schema aws.ecr@ECRImageAction), or
        `imageManifestMediaType` and `artifactMediaType` of DescribeImages; None or empty if missing.
    tags
        All tags that it is known to have.
    """
    if tags and all(_ATTACHED.fullmatch(tag) for tag in tags):
        return ManifestKind.OTHER
    if not manifest:
        return None
    if manifest in INDEXES:
        return ManifestKind.INDEX
    return (
        ManifestKind.IMAGE
        if manifest in IMAGES and (not artifact or artifact in CONFIGURATIONS)
        else ManifestKind.OTHER
    )


def not_run(kind: ManifestKind, manifest: str, artifact: str) -> str | None:
    """Explain why Lambda cannot run such a manifest and what to do; None for an image."""
    if kind is ManifestKind.INDEX:
        return f"is an image index ({manifest}), but Lambda runs single images only: {REMEDY}"
    if kind is ManifestKind.OTHER:
        return (
            f"is not an image ({artifact or manifest}) but belongs to one, such as a signature: use the "
            'digest of the image; example: "image_uri": "…/checkout@sha256:…"'
        )
    return None
