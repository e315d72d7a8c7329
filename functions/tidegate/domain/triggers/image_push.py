"""`ECR Image Action`: an image was pushed, and is released to functions that are tagged with its repository."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.errors import EventNotUnderstood, InvalidRequest
from tidegate.domain.media_types import ManifestKind, kind_of, not_run
from tidegate.domain.partition import partition_of
from tidegate.domain.request.limits import Settings
from tidegate.domain.request.parse import read_request
from tidegate.domain.triggers.event import Envelope
from tidegate.domain.triggers.order import Image, Order, Tagged, name_by_event

KIND = "ECR Image Action"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
REPOSITORY = re.compile(r"[a-z0-9._/-]{2,256}", re.ASCII)
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)
LONGEST_VALUE = 256
"""Characters of a tag's value (Lambda guide, "Using tags on Lambda functions")."""


@dataclass(frozen=True)
class Push:
    """A push with a tag; `uri` contains the digest. Missing media types are empty."""

    image: Image
    uri: str
    manifest: str
    artifact: str

    @property
    def kind(self) -> ManifestKind | None:
        """The kind of manifest from the event; None if unknown."""
        return kind_of(self.manifest, self.artifact, [self.image.tag])

    @property
    def wanted(self) -> tuple[str, ...]:
        """Values of the functions' tag that select this push."""
        values = (self.image.repository, self.image.name)
        return tuple(value for value in values if len(value) <= LONGEST_VALUE)


def pushed(event: Envelope) -> Push | None:
    """Return the push; None if the event is about something else, or about an image without a tag.

    For several platforms, there is one event for each image without a tag, then one for their index with the tag.
    Signatures and other artifacts have tags, too: see `Push.kind`.

    Raises
    ------
    EventNotUnderstood
        When the event does not have ECR's format.
    """
    action, result = event.text("action-type"), event.text("result")
    if (action, result) != ("PUSH", "SUCCESS") or not event.find("image-tag"):
        return None
    image = Image(event.text("repository-name"), event.text("image-tag"), event.text("image-digest"))
    for name, value, form in (
        ("repository-name", image.repository, REPOSITORY),
        ("image-tag", image.tag, TAG),
        ("image-digest", image.digest, DIGEST),
    ):
        if not form.fullmatch(value):
            raise EventNotUnderstood(f"{KIND}: detail.{name} is not a valid ECR value.")
    host = f"{event.account}.dkr.ecr.{event.region}.{partition_of(event.region).domain}"
    found = (event.find(name) for name in ("manifest-media-type", "artifact-media-type"))
    types = (each if isinstance(each, str) else "" for each in found)
    return Push(image, f"{host}/{image.repository}@{image.digest}", *types)


def order_of_push(event: Envelope, push: Push, found: Sequence[Tagged], settings: Settings) -> Order | None:
    """Order one release of all functions that are tagged with the image and may be released; None if there is none.

    The others are for another Tidegate of this account, or for nobody.

    Raises
    ------
    EventNotUnderstood
        When the event cannot be named.
    InvalidRequest
        When a function's tags are not valid in a request, or an image index was pushed.
    """
    limits = settings.limits()
    ours = [each for each in found if limits.covers(each.function) and not limits.owns(each.function, each.tags)]
    targets = [each.target(code={"image_uri": push.uri}) for each in sorted(ours, key=lambda each: each.function)]
    if not targets:
        return None
    image = push.image
    if push.kind is ManifestKind.INDEX:
        raise InvalidRequest([f"code.image_uri: {image.name} {not_run(push.kind, push.manifest, push.artifact)}"])
    labels = {"started_by": f"push of {image.name}"[:256]}
    document = {"targets": targets, "labels": labels}
    read_request(document, settings)
    name = name_by_event(f"{image.repository}-{image.tag}", event)
    return Order(name, document, tuple(each["function"] for each in targets), brought=(image,))
