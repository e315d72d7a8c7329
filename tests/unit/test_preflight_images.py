"""The architecture of an image, from the configuration that its manifest names."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.surveys import a_survey, only
from tidegate.aws.preflight import packages
from tidegate.aws.preflight.aim import Aim
from tidegate.domain.planning.preflight.architecture import architecture

DIGEST = f"sha256:{'4f' * 32}"
URI = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/checkout@{DIGEST}"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:checkout"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Have an ECR with one image for arm64; return the calls."""
    calls: list[Any] = []

    def batch_get_image(**call: Any) -> Any:
        calls.append(call)
        return {"images": [{"imageManifest": json.dumps({"config": {"digest": "sha256:c0"}})}]}

    def get_download_url_for_layer(**call: Any) -> Any:
        calls.append(call)
        return {"downloadUrl": "https://config"}

    def from_link(url: str) -> Any:
        calls.append(url)
        return lambda _start, _end: (b'{"architecture": "amd64", "os": "linux"}', "bytes 0-39/40")

    ecr = SimpleNamespace(batch_get_image=batch_get_image, get_download_url_for_layer=get_download_url_for_layer)
    monkeypatch.setattr(packages, "client", {"ecr": ecr}.__getitem__)
    monkeypatch.setattr(packages, "from_link", from_link)
    return calls


@pytest.mark.parametrize("code", [{"ImageUri": URI}, {"ImageUri": "a:latest", "ResolvedImageUri": URI}])
def test_the_architecture_of_an_image_is_that_of_its_configuration(asked: list[Any], code: Any) -> None:
    found = packages.image(Aim("checkout", "live", ARN, code=code), 0)
    assert found == {f"image {DIGEST[:19]}": "x86_64"}
    manifest, layer, link = asked
    place = {"registryId": "123456789012", "repositoryName": "shop/checkout"}
    assert manifest["imageIds"] == [{"imageDigest": DIGEST}]
    assert layer == {"layerDigest": "sha256:c0", **place}
    assert link == "https://config"
    assert manifest.items() >= place.items()


@pytest.mark.parametrize("code", [{}, {"Location": "https://zip"}, {"S3Bucket": "builds", "S3Key": "a.zip"}])
def test_of_a_zip_archive_no_image_is_read(asked: list[Any], code: Any) -> None:
    assert packages.image(Aim("checkout", "live", ARN, code=code), 0) == {}
    assert asked == []


def test_an_image_for_another_architecture_is_found_and_one_that_fits_is_not() -> None:
    found = only(architecture(a_survey(facts={"image": {"image sha256:4f": "x86_64"}})))
    assert "the image has binaries that are not built for arm64: image sha256:4f (x86_64)" in found.found
    assert list(architecture(a_survey(facts={"image": {"image sha256:4f": "arm64"}}))) == []
