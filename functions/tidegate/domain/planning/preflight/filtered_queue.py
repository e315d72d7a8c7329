"""filtered-queue: filters split the messages of a queue by channel, and those of the other channel are lost.

Lambda guide, "Control which events Lambda sends to your function": a mapping for Amazon SQS deletes a message that
matches none of its filters. Of streams, other mappings still see the record.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.planning.preflight.batch_failures import source_name
from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.truncation import first_names

FIELD = "tidegate"
"""The field in which decisions travel (docs/routing.md)."""


def filtered_queue(survey: Survey) -> Iterator[Conclusion]:
    """Find event source mappings that choose the messages of a queue by the field of decisions about users."""
    mappings = survey.read("mappings") or ()
    queues = [source_name(str(each["EventSourceArn"])) for each in mappings if _is_queue(each) and _by_channel(each)]
    if queues:
        yield Conclusion(
            f"the event source mapping from {first_names(sorted(set(queues)))} filters by the field {FIELD}",
            "Amazon SQS deletes the messages that match no filter: those of the other channel are lost",
            "Use a queue for each channel behind SNS or EventBridge, or one mapping without a filter: docs/routing.md",
        )


def _is_queue(mapping: Mapping[str, Any]) -> bool:
    return str(mapping.get("EventSourceArn")).split(":")[2:3] == ["sqs"]


def _by_channel(mapping: Mapping[str, Any]) -> bool:
    filters = (mapping.get("FilterCriteria") or {}).get("Filters") or ()
    return any(f'"{FIELD}"' in str(each.get("Pattern")) for each in filters)
