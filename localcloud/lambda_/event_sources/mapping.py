"""One event source mapping: its settings, the rules that they keep, and the state that it is in."""

from collections.abc import Mapping
from typing import Any

from moto.awslambda.models import EventSourceMapping

from localcloud.clock import current
from localcloud.lambda_ import errors

SETTLING_SECONDS = 2.0
"""How long a mapping is Creating, Updating, Enabling or Disabling: seconds on AWS, never told how many."""

NUMBERS = (
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "TumblingWindowInSeconds",
)
FLAGS = ("Enabled", "BisectBatchOnFunctionError")
UNLIMITED = -1


class EventSource(EventSourceMapping):
    """`result` is what the last batch came to, in Lambda's words; `poller` reads the source."""

    poller: Any

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in ("Id", "EventSourceMappingArn")

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self.uuid if attribute_name == "Id" else self.arn

    def is_created(self) -> bool:
        return True

    def __init__(self, spec: dict[str, Any]) -> None:
        super().__init__(spec)
        self.result = "No records processed"
        self.passing("Creating")

    def passing(self, state: str) -> None:
        """Be in a state that passes by itself."""
        self._state, self._since = state, current().time()

    @property
    def state(self) -> str:
        if current().time() < self._since + SETTLING_SECONDS:
            return self._state
        return "Enabled" if self.enabled else "Disabled"

    @property
    def service(self) -> str:
        return str(self.event_source_arn.split(":")[2])

    @property
    def window(self) -> float:
        return float(self.max_batch_window or 0)

    @property
    def retries(self) -> float:
        return float("inf") if self.max_retry_attempts in (None, UNLIMITED) else float(self.max_retry_attempts)

    @property
    def oldest_seconds(self) -> float:
        return float("inf") if self.max_record_age in (None, UNLIMITED) else float(self.max_record_age)

    def get_configuration(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            **super().get_configuration(),
            "State": self.state,
            "StateTransitionReason": "USER_INITIATED" if self.service == "sqs" else "User action",
            "FunctionResponseTypes": self.function_response_types or [],
            "MaximumBatchingWindowInSeconds": self.max_batch_window or 0,
        }
        shown.pop("Tags", None)
        if self.service == "sqs":
            return shown
        defaults = {
            "MaximumRecordAgeInSeconds": UNLIMITED,
            "MaximumRetryAttempts": UNLIMITED,
            "BisectBatchOnFunctionError": False,
            "ParallelizationFactor": 1,
            "TumblingWindowInSeconds": 0,
            "DestinationConfig": {"OnFailure": {}},
        }
        return {**defaults, **shown, "LastProcessingResult": self.result}


def read(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Give settings with numbers and flags as such: CloudFormation takes text for them."""
    spec = dict(properties)
    spec.update({name: int(spec[name]) for name in NUMBERS if spec.get(name) is not None})
    spec.update({name: str(spec[name]).lower() == "true" for name in FLAGS if spec.get(name) is not None})
    return spec


def check(spec: Mapping[str, Any]) -> None:
    """Hold what AWS asks of the settings of each kind of source."""
    service = str(spec["EventSourceArn"]).split(":")[2]
    if service not in ("sqs", "kinesis", "dynamodb"):
        raise errors.invalid(f"The local cloud reads queues and streams only, not {spec['EventSourceArn']}.")
    size, window = spec.get("BatchSize"), spec.get("MaximumBatchingWindowInSeconds")
    largest = 10 if str(spec["EventSourceArn"]).endswith(".fifo") else 10_000
    if size is not None and size < 1:
        raise errors.violates(size, "batchSize", "Member must have value greater than or equal to 1")
    if size is not None and size > largest:
        raise errors.invalid(f"BatchSize {size} exceeds the maximum of {largest}.")
    if service == "sqs" and (size or 0) > 10 and not window:
        raise errors.invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    if service != "sqs" and not spec.get("StartingPosition"):
        raise errors.violates_null("startingPosition")
