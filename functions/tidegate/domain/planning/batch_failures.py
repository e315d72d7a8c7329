"""Event source mappings whose functions report single items that failed: the Errors metric does not count those.

Lambda guide, "Implementing partial batch responses": such an invocation succeeds. The metrics of event source mappings
(same guide, "Viewing metrics for Lambda functions") tell mappings apart, and no versions.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tidegate.domain.metric import PlannedMetric
from tidegate.domain.truncation import first_names

REPORTED = "ReportBatchItemFailures"

METRIC = (
    '{"name": "failed_items", "namespace": "Batches", "bad": "FailedItems", "total": "Items", '
    '"dimensions": {"version": "{version}"}}'
)
"""What to name in `analysis.metrics`: the function counts both, for example in the embedded metric format."""


def reporting(mappings: Iterable[Mapping[str, Any]], targets: Iterable[str]) -> dict[str, list[str]]:
    """Return the sources of mappings that have it, by target: to its alias, unqualified function, or any version."""
    wanted = [(name, *name.split(":")) for name in targets]
    found: dict[str, list[str]] = {name: [] for name, *_ in wanted}
    for mapping in mappings:
        if REPORTED not in (mapping.get("FunctionResponseTypes") or ()):
            continue
        function, _, qualifier = ":".join(str(mapping.get("FunctionArn", "")).split(":")[6:]).partition(":")
        for name, wanted_function, alias in wanted:
            if function == wanted_function and (qualifier in ("", alias) or qualifier.isdecimal()):
                found[name].append(source_name(str(mapping.get("EventSourceArn") or mapping.get("UUID", ""))))
    return {name: sources for name, sources in found.items() if sources}


def source_name(arn: str) -> str:
    """Return the name of a queue, a stream or a table."""
    name = arn.split(":", 5)[-1]
    return name.split("/")[1] if "/" in name else name


def warning(hidden: Mapping[str, Sequence[str]], metrics: Iterable[PlannedMetric] = ()) -> str:
    """Return a sentence about these targets; none where the release has a metric of the author's own that gates."""
    if not hidden or any(metric.custom and metric.gates for metric in metrics):
        return ""
    each = [f"{first_names(sources)} to {target}" for target, sources in hidden.items()]
    return (
        f"Items that fail alone are not in the metric Errors: the event source mapping from {first_names(each)} has "
        f"{REPORTED}; count them in a metric of your own and name it in analysis.metrics: {METRIC}."
    )
