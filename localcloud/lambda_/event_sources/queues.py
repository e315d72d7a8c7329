"""Messages of a queue, in batches (Lambda guide, "Using Lambda with Amazon SQS").

A message that failed comes again when its visibility timeout is over; the queue's redrive policy ends that.
"""

from typing import Any

from moto.sqs.models import sqs_backends

from localcloud.clock import Thread, current
from localcloud.lambda_.event_sources import bells, deliveries, filters, records
from localcloud.lambda_.event_sources.poller import REFUSED, Poller, log
from localcloud.lambda_.event_sources.records import Record

MOST_RECEIVED = 10
MOST_CONCURRENT = 1000


class QueuePoller(Poller):
    """Reads a queue; each batch is delivered in a thread of its own."""

    _busy = 0

    def poll(self) -> float | None:
        while not self.stopped and self._busy < self._most():
            batch = self._gathered()
            if not batch:
                return self._until_visible()
            self._busy += 1
            Thread(target=self._deliver, args=(batch,), name="batch", daemon=True).start()
        return None  # the end of a batch rings

    def _most(self) -> int:
        return int((self.mapping.scaling_config or {}).get("MaximumConcurrency") or MOST_CONCURRENT)

    def _gathered(self) -> list[Record]:
        """Receive until the batch is full, or its window over."""
        size = self.mapping.batch_size
        batch = self._receive(size)
        deadline = current().time() + self.mapping.window
        while batch and len(batch) < size and not self.stopped and (left := deadline - current().time()) > 0:
            self.bell.clear()
            more = self._receive(size - len(batch))
            batch += more
            if not more:
                current().wait(self.bell, left)
        return batch

    def _receive(self, most: int) -> list[Record]:
        """Receive so many messages at most; what the filter holds back is deleted."""
        client, found = self.client("sqs"), list[Record]()
        while len(found) < most:
            answer = client.receive_message(
                QueueUrl=self._url(),
                MaxNumberOfMessages=min(MOST_RECEIVED, most - len(found)),
                WaitTimeSeconds=0,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            messages = [records.of_message(message, self.arn) for message in answer.get("Messages", [])]
            if not messages:
                break
            passing = [one for one in messages if filters.passes(self.mapping.filter_criteria, one)]
            self._delete([one for one in messages if one not in passing])
            found += passing
        return found

    def _deliver(self, batch: list[Record]) -> None:
        try:
            delivery = deliveries.deliver(self.mapping, self.invoke, batch)
            self._delete([one for one in batch if records.identifier(one) not in delivery.failed])
        except REFUSED as error:
            log.warning("messages of %s are not deleted: %s", self.arn, error)
        finally:
            self._busy -= 1
            bells.ring(self.arn)

    def _delete(self, done: list[Record]) -> None:
        for start in range(0, len(done), MOST_RECEIVED):
            entries = [
                {"Id": str(place), "ReceiptHandle": one["receiptHandle"]}
                for place, one in enumerate(done[start : start + MOST_RECEIVED])
            ]
            self.client("sqs").delete_message_batch(QueueUrl=self._url(), Entries=entries)

    def _until_visible(self) -> float | None:
        """Return the seconds until a message that is there can be received, at least one; None if there is none."""
        moments = [max(message.visible_at, message.delayed_until) for message in self._queue()._messages]
        return max(1.0, min(moments) / 1000 - current().time() + 0.001) if moments else None

    def _queue(self) -> Any:
        _, _, _, region, account, name = self.arn.split(":")
        return sqs_backends[account][region].queues[name]

    def _url(self) -> str:
        account, name = self.arn.split(":")[4:6]
        return f"https://sqs.{self.arn.split(':')[3]}.amazonaws.com/{account}/{name}"
