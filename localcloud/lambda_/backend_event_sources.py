"""The calls about event source mappings (Lambda API reference, CreateEventSourceMapping and those beside it)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.dynamodbstreams.models import dynamodbstreams_backends
from moto.kinesis.models import kinesis_backends
from moto.sqs.models import sqs_backends

from localcloud.clock import current
from localcloud.iam import Caller
from localcloud.iam.authorise import Demand, decide
from localcloud.lambda_ import errors
from localcloud.lambda_.event_sources import mapping as mappings
from localcloud.lambda_.event_sources.mapping import EventSource
from localcloud.lambda_.event_sources.poller import Poller
from localcloud.lambda_.event_sources.queues import QueuePoller
from localcloud.lambda_.event_sources.streams import StreamPoller
from localcloud.lambda_.naming import parse

if TYPE_CHECKING:
    from localcloud.lambda_.functions import Function, Functions

NEEDED = {
    "sqs": ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"),
    "kinesis": ("GetRecords", "GetShardIterator", "DescribeStream"),
    "dynamodb": ("GetRecords", "GetShardIterator", "DescribeStream"),
}
NAMES = {"sqs": "SQS", "kinesis": "Kinesis", "dynamodb": "DynamoDB Streams"}
NO_MAPPING = "The resource you requested does not exist."


class EventSourceCalls:
    functions: "Functions"
    region_name: str
    account_id: str
    _event_source_mappings: dict[str, EventSource]

    def create_event_source_mapping(self, spec: Mapping[str, Any]) -> EventSource:
        spec = mappings.read(spec)
        if not spec.get("EventSourceArn"):
            raise errors.invalid("Unrecognized event source, must be kinesis, dynamodb stream or sqs.")
        mappings.check(spec)
        function, qualifier = self._mapped_function(spec["FunctionName"])
        self._check_source(spec["EventSourceArn"], function, qualifier)
        arn = function.arn(qualifier)
        for other in self._event_source_mappings.values():
            if (other.event_source_arn, other.function_arn) == (spec["EventSourceArn"], arn):
                raise errors.conflict(
                    f'The event source arn (" {other.event_source_arn} ") and function (" {function.name} ") provided '
                    f"mapping already exists. Please update or delete the existing mapping with UUID {other.uuid}"
                )
        place = {"RegionName": self.region_name, "AccountId": self.account_id, "FunctionArn": arn}
        mapping = EventSource({**spec, **place, "FunctionName": function.name})
        mapping.last_modified = current().time()
        self._event_source_mappings[mapping.uuid] = mapping
        self._start_polling(mapping)
        return mapping

    def get_event_source_mapping(self, uuid: str) -> EventSource:
        if uuid not in self._event_source_mappings:
            raise errors.not_found(NO_MAPPING)
        return self._event_source_mappings[uuid]

    def list_event_source_mappings(self, event_source_arn: str | None, function_name: str | None) -> list[EventSource]:
        """List those of a source and of a function; an alias or a version has its own."""
        found = list(self._event_source_mappings.values())
        if event_source_arn:
            found = [mapping for mapping in found if mapping.event_source_arn == event_source_arn]
        if function_name:
            name, qualifier = parse(function_name)
            found = [mapping for mapping in found if parse(mapping.function_arn) == (name, qualifier)]
        return found

    def update_event_source_mapping(self, uuid: str, spec: Mapping[str, Any]) -> EventSource:
        mapping, changes = self.get_event_source_mapping(uuid), mappings.read(spec)
        if mapping.state not in ("Enabled", "Disabled"):
            raise errors.LambdaError(
                "ResourceInUseException",
                400,
                f"Cannot update the event source mapping because it is in use. It is {mapping.state}.",
            )
        if "FunctionName" in changes:
            function, qualifier = self._mapped_function(changes.pop("FunctionName"))
            mapping.function_arn, mapping.function_name = function.arn(qualifier), function.name
        mappings.check(
            {
                "EventSourceArn": mapping.event_source_arn,
                "BatchSize": changes.get("BatchSize", mapping.batch_size),
                "MaximumBatchingWindowInSeconds": changes.get(
                    "MaximumBatchingWindowInSeconds", mapping.max_batch_window
                ),
                "StartingPosition": mapping.starting_position or "LATEST",
            }
        )
        before = mapping.enabled
        super().update_event_source_mapping(uuid, changes)  # type: ignore[misc] # of LambdaBackend
        enabled: bool = mapping.enabled
        mapping.last_modified = current().time()
        mapping.passing("Updating" if before == enabled else "Enabling" if enabled else "Disabling")
        mapping.poller.bell.set()
        return mapping

    def delete_event_source_mapping(self, uuid: str) -> EventSource:
        mapping = self.get_event_source_mapping(uuid)
        del self._event_source_mappings[uuid]
        mapping.poller.stop()
        mapping.passing("Deleting")
        return mapping

    def _start_polling(self, mapping: EventSource) -> None:
        def invoke(payload: bytes) -> tuple[bytes, dict[str, str]]:
            headers: dict[str, str] = {}
            answer: bytes = self.invoke(mapping.function_arn, None, payload, {}, headers)  # type: ignore[attr-defined] # of InvokeCalls
            return answer, headers

        kind: type[Poller] = QueuePoller if mapping.service == "sqs" else StreamPoller
        mapping.poller = kind(mapping, invoke, lambda: self._role(*parse(mapping.function_arn)))
        mapping.poller.start()

    def _role(self, name: str, qualifier: str | None) -> str:
        return str(self.functions.find(name).resolve(qualifier).definition.settings["Role"])

    def _mapped_function(self, written: str) -> tuple["Function", str | None]:
        name, qualifier = parse(written)
        function = self.functions.find(name, qualifier)
        function.resolve(qualifier)  # raises ResourceNotFoundException
        return function, qualifier

    def _check_source(self, arn: str, function: "Function", qualifier: str | None) -> None:
        """Hold that the source is there, and that the function's role may read it."""
        service, timeout = arn.split(":")[2], int(function.resolve(qualifier).definition.settings["Timeout"])
        visible = self._visibility_timeout(arn)
        if visible is not None and visible < timeout:
            raise errors.invalid(
                f"Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds"
            )
        caller = Caller(self._role(function.name, qualifier), "event-source-mapping")
        for action in NEEDED[service]:
            if not decide(caller, self.region_name, Demand(f"{service}:{action}", arn)).allowed:
                raise errors.invalid(
                    f"The function execution role does not have permissions to call {action} on {NAMES[service]}"
                )

    def _visibility_timeout(self, arn: str) -> int | None:
        """Give a queue's, None for streams. Raises InvalidParameterValueException where there is no such source."""
        _, _, service, region, account, name = arn.split(":", 5)
        if service == "sqs":
            queue: Any = sqs_backends[account][region].queues.get(name)
            if queue is None:
                raise errors.invalid(
                    "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
                    "SQS Error Message: The specified queue does not exist for this wsdl version."
                )
            return int(queue.visibility_timeout)
        if service == "kinesis":
            known = {stream.arn for stream in kinesis_backends[account][region].streams.values()}
        else:
            known = {stream["StreamArn"] for stream in dynamodbstreams_backends[account][region].list_streams()}
        if arn not in known:
            raise errors.invalid(f"Stream not found: {arn}")
        return None
