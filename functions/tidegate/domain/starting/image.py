"""`ECR Image Action`: an image was pushed, and functions that are tagged with its repository get it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.errors import EventNotUnderstood
from tidegate.domain.settings import Settings, read_request
from tidegate.domain.starting.envelope import Envelope
from tidegate.domain.starting.naming import Order, name_by_event
from tidegate.domain.starting.tags import Tagged

KIND = "ECR Image Action"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
ACCOUNT = re.compile(r"\d{12}", re.ASCII)
REGION = re.compile(r"[a-z0-9-]+")
CHINA = "cn-"


@dataclass(frozen=True)
class Push:
    """An image under a tag; `uri` names it by its digest."""

    repository: str
    tag: str
    uri: str

    @property
    def wanted(self) -> tuple[str, str]:
        """Values of the tag of functions that it is for."""
        return self.repository, f"{self.repository}:{self.tag}"


def pushed(event: Envelope) -> Push | None:
    """Give what was pushed; None where the event tells of something else, or of an image without a tag.

    A push of several platforms tells of each image without a tag, then of their list with it.

    Raises
    ------
    EventNotUnderstood
        When the event is not as ECR sends it.
    """
    action, result = event.text("action-type"), event.text("result")
    if (action, result) != ("PUSH", "SUCCESS") or not event.find("image-tag"):
        return None
    digest, repository = event.text("image-digest"), event.text("repository-name")
    if not DIGEST.fullmatch(digest):
        raise EventNotUnderstood(f"{KIND}: detail.image-digest is no sha256: and 64 digits.")
    if not ACCOUNT.fullmatch(event.account) or not REGION.fullmatch(event.region):
        raise EventNotUnderstood(f"{KIND}: the event names no account and Region.")
    domain = "amazonaws.com.cn" if event.region.startswith(CHINA) else "amazonaws.com"
    uri = f"{event.account}.dkr.ecr.{event.region}.{domain}/{repository}@{digest}"
    return Push(repository, event.text("image-tag"), uri)


def order_of_push(event: Envelope, push: Push, found: Sequence[Tagged], settings: Settings) -> Order | None:
    """Order one release of all functions that are tagged with the image and may be released; None where there is none.

    The others are for another Tidegate of this account, or for nobody.

    Raises
    ------
    EventNotUnderstood
        When the event cannot be named.
    InvalidRequest
        When a function's tags say what no request may.
    """
    limits = settings.limits()
    ours = [each for each in found if limits.covers(each.function) and not limits.owns(each.function)]
    targets = [each.target(code={"image_uri": push.uri}) for each in sorted(ours, key=lambda each: each.function)]
    if not targets:
        return None
    labels = {"started_by": f"push of {push.repository}:{push.tag}"[:256]}
    document = {"targets": targets, "labels": labels}
    read_request(document, settings)
    name = name_by_event(f"{push.repository}-{push.tag}", event)
    return Order(name, document, tuple(each["function"] for each in targets))
