"""Records of streams, in order by shard (Lambda guide, "Process Amazon Kinesis Data Streams records with Lambda").

A batch that fails holds its shard up: it comes again, in halves if the mapping says so, until it succeeds, its retries
are used up, or it is too old; then a record of it goes to the on-failure destination, and the shard goes on.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from localcloud.clock import current
from localcloud.lambda_.event_end import ends
from localcloud.lambda_.event_sources import deliveries, filters, records
from localcloud.lambda_.event_sources.deliveries import Delivery
from localcloud.lambda_.event_sources.poller import Poller
from localcloud.lambda_.event_sources.records import Record

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
SERVICES = {"kinesis": "kinesis", "dynamodb": "dynamodbstreams"}
INFORMATION = {"kinesis": "KinesisBatchInfo", "dynamodb": "DDBStreamBatchInfo"}


class StreamPoller(Poller):
    """Starts a poller of each shard that the stream has."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._shards: dict[str, ShardPoller] = {}

    def poll(self) -> float | None:
        source = self.client(SERVICES[self.mapping.service])
        name = "StreamARN" if self.mapping.service == "kinesis" else "StreamArn"
        for shard in source.describe_stream(**{name: self.arn})["StreamDescription"]["Shards"]:
            if shard["ShardId"] not in self._shards:
                follower = ShardPoller(self.mapping, self.invoke, self.role, shard["ShardId"])
                self._shards[shard["ShardId"]] = follower
                follower.start()
        return None

    def stop(self) -> None:
        for follower in self._shards.values():
            follower.stop()
        super().stop()


class ShardPoller(Poller):
    def __init__(self, mapping: Any, invoke: Any, role: Any, shard: str) -> None:
        super().__init__(mapping, invoke, role)
        self._shard = shard
        self._iterator: str | None = None

    def pause(self, seconds: float) -> None:
        if self._iterator is not None:  # the poller of the stream has waited for the mapping
            super().pause(seconds)

    def poll(self) -> float | None:
        while not self.stopped and self.mapping.enabled:
            batch, read = self._gathered()
            if not read:
                return None
            if batch:
                self._deliver(batch)
        return None

    def _gathered(self) -> tuple[list[Record], int]:
        """Read until the batch is full, or its window over: give what passes the filter, and how many were read."""
        size, batch = self.mapping.batch_size, self._read(self.mapping.batch_size)
        deadline = current().time() + self.mapping.window
        while batch and len(batch) < size and not self.stopped and (left := deadline - current().time()) > 0:
            self.bell.clear()
            more = self._read(size - len(batch))
            batch += more
            if not more:
                current().wait(self.bell, left)
        return [one for one in batch if filters.passes(self.mapping.filter_criteria, one)], len(batch)

    def _read(self, most: int) -> list[Record]:
        kinesis = self.mapping.service == "kinesis"
        source = self.client(SERVICES[self.mapping.service])
        if self._iterator is None:
            self._iterator = self._first_iterator(source)
        arn = {"StreamARN": self.arn} if kinesis else {}
        answer = source.get_records(ShardIterator=self._iterator, Limit=most, **arn)
        self._iterator = answer.get("NextShardIterator") or self._iterator
        if kinesis:
            return [records.of_kinesis(one, self.arn, self._shard, self.role()) for one in answer["Records"]]
        return [records.of_table(one, self.arn) for one in answer["Records"]]

    def _first_iterator(self, source: Any) -> str:
        place: dict[str, Any] = {"ShardIteratorType": self.mapping.starting_position}
        if self.mapping.starting_position == "AT_TIMESTAMP":
            place["Timestamp"] = self.mapping.starting_position_timestamp
        name = "StreamARN" if self.mapping.service == "kinesis" else "StreamArn"
        return str(source.get_shard_iterator(**{name: self.arn}, ShardId=self._shard, **place)["ShardIterator"])

    def _deliver(self, batch: list[Record]) -> None:
        """Deliver a batch and what becomes of it; `runs` is how often the front one was tried."""
        waiting, runs, pause = [(batch, 0)], 0, FIRST_PAUSE_SECONDS
        while waiting and not self.stopped:
            batch, runs = waiting.pop(0)
            delivery = deliveries.deliver(self.mapping, self.invoke, batch)
            if delivery.succeeded:
                pause = FIRST_PAUSE_SECONDS
                continue
            runs += not delivery.throttled
            rest = _from_checkpoint(batch, delivery)
            if why := self._given_up(rest, runs):
                self._tell(rest, why, runs, delivery)
                continue
            waiting[:0] = [(part, runs) for part in self._parts(batch, rest, delivery)]
            self.pause(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _parts(self, batch: list[Record], rest: list[Record], delivery: Delivery) -> list[list[Record]]:
        """Split at the checkpoint if the function named one, else in halves, if the mapping says so."""
        if not self.mapping.bisect_on_error or delivery.throttled or len(rest) < len(batch) or len(rest) == 1:
            return [rest]
        middle = len(rest) // 2
        return [rest[:middle], rest[middle:]]

    def _given_up(self, batch: Sequence[Record], runs: int) -> str | None:
        if runs > self.mapping.retries:
            return "RetryAttemptsExhausted"
        if current().time() - records.arrived(batch[0]) > self.mapping.oldest_seconds:
            return "RecordAgeExceeded"
        return None

    def _tell(self, batch: Sequence[Record], condition: str, runs: int, delivery: Delivery) -> None:
        """Send a record of a discarded batch (same guide, "Retain discarded batch records")."""
        destination = ((self.mapping.destination_config or {}).get("OnFailure") or {}).get("Destination")
        if not destination:
            return
        first, last = batch[0], batch[-1]
        told = {
            "requestContext": {
                "requestId": delivery.headers.get("x-amzn-requestid", ""),
                "functionArn": self.mapping.function_arn,
                "condition": condition,
                "approximateInvokeCount": runs,
            },
            "responseContext": {
                "statusCode": 429 if delivery.throttled else 200,
                "executedVersion": delivery.headers.get("X-Amz-Executed-Version", "$LATEST"),
                "functionError": delivery.headers.get("X-Amz-Function-Error"),
            },
            "version": "1.0",
            "timestamp": _written(current().time()),
            INFORMATION[self.mapping.service]: {
                "shardId": self._shard,
                "startSequenceNumber": records.identifier(first),
                "endSequenceNumber": records.identifier(last),
                "approximateArrivalOfFirstRecord": _written(records.arrived(first)),
                "approximateArrivalOfLastRecord": _written(records.arrived(last)),
                "batchSize": len(batch),
                "streamArn": self.arn,
            },
        }
        ends.deliver(self.role(), destination, json.dumps(told))


def _from_checkpoint(batch: list[Record], delivery: Delivery) -> list[Record]:
    """Give what comes again: all from the first record that failed on."""
    first = next(place for place, one in enumerate(batch) if records.identifier(one) in delivery.failed)
    return batch[first:]


def _written(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
