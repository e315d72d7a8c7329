"""What was pushed to ECR is told by media types and tags: images are released, everything else is not."""

import pytest

from tidegate.domain.media_types import CONFIGURATIONS, IMAGES, INDEXES, ManifestKind, kind_of, not_run

OCI, OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.config.v1+json"
DOCKER, DOCKER_IMAGE = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.container.image.v1+json",
)
DIGEST = "4f" * 32


@pytest.mark.parametrize(
    ("manifest", "artifact", "tag", "kind"),
    [
        (DOCKER, DOCKER_IMAGE, "released", ManifestKind.IMAGE),
        (OCI, OCI_IMAGE, "released", ManifestKind.IMAGE),
        (OCI, None, "released", ManifestKind.IMAGE),
        (OCI, OCI_IMAGE, f"sha-{DIGEST[:40]}", ManifestKind.IMAGE),
        (OCI, OCI_IMAGE, "sha256-of-it", ManifestKind.IMAGE),
        ("application/vnd.oci.image.index.v1+json", None, "released", ManifestKind.INDEX),
        ("application/vnd.docker.distribution.manifest.list.v2+json", "", "released", ManifestKind.INDEX),
        (OCI, OCI_IMAGE, f"sha256-{DIGEST}.sig", ManifestKind.OTHER),
        (OCI, "application/vnd.dsse.envelope.v1+json", f"sha256-{DIGEST}.att", ManifestKind.OTHER),
        (DOCKER, DOCKER_IMAGE, f"sha256-{DIGEST}.sbom", ManifestKind.OTHER),
        ("application/vnd.oci.image.index.v1+json", None, f"sha256-{DIGEST}", ManifestKind.OTHER),
        (None, None, f"sha256-{DIGEST}.sig", ManifestKind.OTHER),
        (OCI, "application/vnd.cncf.notary.signature", "signature", ManifestKind.OTHER),
        (OCI, "application/vnd.dev.sigstore.bundle.v0.3+json", "released", ManifestKind.OTHER),
        (OCI, "application/spdx+json", "released", ManifestKind.OTHER),
        (OCI, "application/vnd.cncf.helm.config.v1+json", "1.2.3", ManifestKind.OTHER),
        ("application/vnd.oci.artifact.manifest.v1+json", None, "released", ManifestKind.OTHER),
        ("application/vnd.docker.distribution.manifest.v1+prettyjws", None, "released", ManifestKind.OTHER),
        (None, None, "released", None),
        ("", "", "released", None),
    ],
)
def test_a_manifest_is_told_by_its_types_and_its_tag(
    manifest: str | None, artifact: str | None, tag: str, kind: ManifestKind | None
) -> None:
    assert kind_of(manifest, artifact, [tag]) is kind


def test_an_image_that_also_has_a_tag_of_its_own_is_one() -> None:
    assert kind_of(OCI, OCI_IMAGE, ["released", f"sha256-{DIGEST}.sig"]) is ManifestKind.IMAGE
    assert kind_of(OCI, OCI_IMAGE) is ManifestKind.IMAGE


def test_what_lambda_does_not_run_is_refused_with_the_way_out() -> None:
    assert "--provenance=false" in (not_run(ManifestKind.INDEX, next(iter(INDEXES)), "") or "")
    assert "is not an image (application/spdx+json)" in (
        not_run(ManifestKind.OTHER, OCI, "application/spdx+json") or ""
    )
    assert not_run(ManifestKind.IMAGE, OCI, OCI_IMAGE) is None
    assert not IMAGES & INDEXES
    assert not (IMAGES | INDEXES) & CONFIGURATIONS
