"""Bells that ring when something new is in a queue, a stream or a table: who polls waits for them, and not for time."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from moto.dynamodb.models.table import StreamShard
from moto.kinesis.models import Stream
from moto.sqs.models import Queue

from localcloud.clock import Event

_bells: defaultdict[str, list[Event]] = defaultdict(list)
_installed: list[str] = []


def install() -> None:
    if _installed:
        return
    for owner, name, arn in (
        (Queue, "add_message", lambda queue: queue.queue_arn),
        (Stream, "put_record", lambda stream: stream.arn),
        (StreamShard, "add", lambda shard: f"{shard.table.table_arn}/stream/{shard.table.latest_stream_label}"),
    ):
        setattr(owner, name, _ringing(getattr(owner, name), arn))
        _installed.append(name)


def hang(source_arn: str) -> Event:
    """Give a bell of one's own."""
    bell = Event()
    _bells[source_arn].append(bell)
    return bell


def take_down(source_arn: str, bell: Event) -> None:
    _bells[source_arn].remove(bell)


def ring(source_arn: str) -> None:
    for bell in list(_bells.get(source_arn, ())):
        bell.set()


def _ringing(original: Callable[..., Any], arn: Callable[[Any], str]) -> Callable[..., Any]:
    def called(source: Any, *arguments: Any, **named: Any) -> Any:
        result = original(source, *arguments, **named)
        ring(arn(source))
        return result

    return called
