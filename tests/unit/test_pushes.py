"""A push is asked what it is before it takes a name, a lock or a place in an announcement."""

import json
from typing import Any

import pytest

from tests.builders import some_settings
from tests.reading import ROOT
from tidegate.aws import images, machine, trigger_sources
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.triggers import Order, Tagged, read_envelope
from tidegate.entry import start

PUSH = json.loads((ROOT / "tests/events/ecr-push.json").read_text())
SIGNATURE = f"sha256-{'4f' * 32}.sig"
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIGURATION = "application/vnd.oci.image.config.v1+json"


class Ecr:
    """Has one manifest, of the types given; what is asked is noted."""

    def __init__(self, manifest: str = "", artifact: str = "", *, there: bool = True) -> None:
        self.types, self.there = {"imageManifestMediaType": manifest, "artifactMediaType": artifact}, there
        self.asked: list[Any] = []

    def describe_images(self, repositoryName: str, imageIds: Any) -> Any:
        self.asked.append((repositoryName, imageIds))
        return {"imageDetails": [{"imageDigest": "sha256:" + "4f" * 32, **self.types}] if self.there else []}


def ordered(
    monkeypatch: pytest.MonkeyPatch, ecr: Ecr, detail: dict[str, str] | None = None, *, tagged: bool = True
) -> Order | None:
    monkeypatch.setattr(machine, "home", lambda: ("123456789012", "eu-west-1"))
    monkeypatch.setattr(trigger_sources, "functions_with", lambda *_: [Tagged("shop-cart", {})] if tagged else [])
    monkeypatch.setattr(images, "images_client", lambda: ecr)
    event = read_envelope({**PUSH, "detail": {**PUSH["detail"], **(detail or {})}})
    return start._on_push(event, some_settings(image_repository_pattern="shop/*"))


@pytest.mark.parametrize(
    "detail",
    [
        {"image-tag": SIGNATURE, "manifest-media-type": MANIFEST, "artifact-media-type": CONFIGURATION},
        {"image-tag": SIGNATURE},
        {"manifest-media-type": MANIFEST, "artifact-media-type": "application/vnd.cncf.notary.signature"},
    ],
)
def test_a_signature_starts_nothing_and_nothing_is_asked_for_it(
    detail: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ecr = Ecr()
    assert ordered(monkeypatch, ecr, detail) is None
    assert ecr.asked == []


def test_an_index_is_rejected_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidRequest, match=r"shop/cart:released is an image index .*--provenance=false"):
        ordered(monkeypatch, Ecr(), {"manifest-media-type": INDEX})
    assert ordered(monkeypatch, Ecr(), {"manifest-media-type": INDEX}, tagged=False) is None, "it is for nobody here"


def test_an_image_is_released_and_ecr_is_asked_only_what_the_event_does_not_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {"manifest-media-type": MANIFEST, "artifact-media-type": CONFIGURATION}
    silent, asked = Ecr(), Ecr(MANIFEST, CONFIGURATION)
    assert ordered(monkeypatch, silent, told) == ordered(monkeypatch, asked)
    assert (silent.asked, asked.asked) == ([], [("shop/cart", [{"imageDigest": "sha256:" + "4f" * 32}])])


def test_what_the_event_does_not_say_is_asked_of_ecr(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidRequest, match="is an image index"):
        ordered(monkeypatch, Ecr(INDEX))
    assert ordered(monkeypatch, Ecr(MANIFEST, "application/vnd.cncf.notary.signature")) is None
    assert ordered(monkeypatch, Ecr(there=False)), "what is gone is announced as overtaken"
