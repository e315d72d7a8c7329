"""SEARCH of CloudWatch, as far as the dashboard uses it (user guide, "Search expression syntax for metrics").

A value without quotes would be cut into words and match parts of names, so it is not read at all.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from localcloud.cloudwatch.store import Key

LONGEST = 1024
CALL = re.compile(r"SEARCH\('(?P<search>[^']*)', '(?P<stat>[\w.]+)', (?P<period>\d+)\)")
TERMS = re.compile(r"\{(?P<schema>[^{}]+)\}(?P<terms>(?: \w+=\"[^\"]+\")+)")
TERM = re.compile(r' (\w+)="([^"]+)"')


@dataclass(frozen=True)
class Search:
    """What is looked for: metrics with exactly these dimensions, and these values of some of them."""

    namespace: str
    dimensions: frozenset[str]
    metric: str
    values: dict[str, str]
    stat: str = ""

    @classmethod
    def of(cls, expression: str) -> "Search":
        """Read a call of SEARCH."""
        found = CALL.fullmatch(expression)
        assert found, f"not read: {expression}"
        assert len(found["search"]) <= LONGEST
        return cls.of_terms(found["search"], found["stat"])

    @classmethod
    def of_terms(cls, search: str, stat: str = "") -> "Search":
        found = TERMS.fullmatch(search)
        assert found, f"not read, or not quoted: {search}"
        namespace, *dimensions = found["schema"].split(",")
        values = dict(TERM.findall(found["terms"]))
        metric = values.pop("MetricName")
        assert values.keys() <= set(dimensions), search
        return cls(namespace, frozenset(dimensions), metric, values, stat)

    def among(self, known: Iterable[Key]) -> list[Key]:
        return [key for key in known if self._finds(key)]

    def _finds(self, key: Key) -> bool:
        dimensions = dict(key.dimensions)
        return (key.namespace, key.name, frozenset(dimensions)) == (
            self.namespace,
            self.metric,
            self.dimensions,
        ) and self.values.items() <= dimensions.items()
