"""Publish: publish $LATEST in its settled state as an immutable version."""

from typing import Any

from tidegate.aws.announcements import tell_target
from tidegate.aws.lambda_.publishing import SettledLatest, description_of, publish
from tidegate.aws.ledger import history, locks
from tidegate.domain.errors import LatestChanged, RolledBackBefore
from tidegate.domain.request.limits import Settings
from tidegate.domain.schedule import format_time
from tidegate.steps.handling import step
from tidegate.steps.preparation import PreparationEvent


class PublishEvent(PreparationEvent):
    request: Any
    settings: Settings


@step(PublishEvent)
def handler(event: PublishEvent) -> dict[str, Any]:
    target = event.target
    assert target.revision_id is not None
    assert target.code_sha256 is not None
    locks.require([target.name], event.release)
    settled = SettledLatest(target.revision_id, target.code_sha256, target.config_sha256)
    published = publish(target.function, description_of(event.release, event.now), settled)
    if published is None:
        raise LatestChanged(
            f"$LATEST of {target.function} was changed by someone else after its update had settled; nothing was "
            "published. Start a new release to release the current code."
        )
    if not published.created:
        _refuse_rolled_back(event, published.version)
    details = {"created": published.created}
    tell_target(event.release, target.name, published.version, event.now, expires=target.expires, details=details)
    how = "published" if published.created else "unchanged, still"
    summary = f"{target.function}: {how} version {published.version}"
    return target.then("settle", summary, version=published.version)


def _refuse_rolled_back(event: PublishEvent, version: str) -> None:
    target = event.target
    before = history.rolled_back(target.name, version)
    if before is None or target.request_in(event.request, event.settings).again:
        return
    raise RolledBackBefore(
        f"$LATEST of {target.function} still contains the code that release {before['release']} rolled back as version "
        f"{version} "
        f'at {format_time(before["at"])} ({before["why"]}). Deploy the fixed code, or set "again": true.'
    )
