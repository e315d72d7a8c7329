"""batch-failures: a function reports single items that failed, which the metric Errors does not count.

Lambda guide, "Implementing partial batch responses": such an invocation succeeds. The metrics of event source mappings
(same guide, "Viewing metrics for Lambda functions") tell mappings apart, and no versions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.truncation import first_names

REPORTED = "ReportBatchItemFailures"

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


def source_name(arn: str) -> str:
    """Return the name of a queue, a stream or a table."""
    name = arn.split(":", 5)[-1]
    return name.split("/")[1] if "/" in name else name
