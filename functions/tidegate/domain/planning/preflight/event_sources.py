"""batch-failures, filtered-queue: event source mappings that hide failed items, or lose the messages of a channel.

Lambda guide, "Implementing partial batch responses": an invocation that reports single items that failed succeeds. The
metrics of event source mappings (same guide, "Viewing metrics for Lambda functions") tell mappings apart, and no
versions. Same guide, "Control which events Lambda sends to your function": a mapping for Amazon SQS deletes a message
that matches none of its filters. Of streams, other mappings still see the record.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.truncation import first_names

REPORTED = "ReportBatchItemFailures"

FIELD = "tidegate"
"""The field in which decisions travel (docs/routing.md)."""

METRIC = (
    '{"name": "failed_items", "namespace": "Batches", "bad": "FailedItems", "total": "Items", '
    '"dimensions": {"version": "{version}"}}'
)
"""What to name in `analysis.metrics`: the function counts both, for example in the embedded metric format."""


def batch_failures(survey: Survey) -> Iterator[Conclusion]:
    """Find event source mappings with ReportBatchItemFailures, if no custom metric of the request gates."""
    if not survey.stepwise and not survey.plan.after_minutes:
        return  # nothing is compared
    sources = reporting(survey.read("mappings") or (), survey.wanted.alias)
    if sources and not any(metric.custom and metric.gates for metric in survey.plan.metrics):
        yield of_sources(sources)


def of_sources(sources: Sequence[str]) -> Conclusion:
    return Conclusion(
        f"the event source mapping from {first_names(sources)} has {REPORTED}",
        "Items that fail alone are not in the metric Errors, so they roll no version back",
        f"Count them in a metric of your own and name it in analysis.metrics: {METRIC}",
    )


def reporting(mappings: Iterable[Mapping[str, Any]], alias: str) -> list[str]:
    """Return the sources of mappings of a function (to the alias, a version, or unqualified) that have it."""
    found = [each for each in mappings if REPORTED in (each.get("FunctionResponseTypes") or ())]
    return [
        source_name(str(each.get("EventSourceArn") or each["UUID"]))
        for each in found
        if (qualifier := ":".join(each["FunctionArn"].split(":")[7:])) in ("", alias) or qualifier.isdecimal()
    ]


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


def source_name(arn: str) -> str:
    """Return the name of a queue, a stream or a table."""
    name = arn.split(":", 5)[-1]
    return name.split("/")[1] if "/" in name else name
