"""Findings of the preflight: what may go wrong in a release, found before anything changes."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from tidegate.domain.foreign_text import shortened
from tidegate.domain.truncation import and_more

Severity = Literal["error", "warning", "ignore"]
CheckName = Literal[
    "unqualified-callers",
    "managed-instances",
    "code-and-configuration",
    "no-traffic",
    "batch-failures",
    "filtered-queue",
    "roles-differ",
    "dlq-differ",
    "policy-not-on-alias",
    "architecture",
    "deprecated-runtime",
    "provisioned-concurrency",
    "snapstart",
    "reserved-concurrency",
    "code-storage",
    "async-retries",
    "moving-parts",
    "alias-owned-by-template",
    "contract",
]
"""The checks, by the names that a request, the stack and the findings use."""

MOST_RECORDED = 20
"""Most findings in a plan; of more, the errors first, then the warnings in the order of the checks."""

LONGEST = 500
"""Most characters of each part of a recorded finding: with twenty of them, a plan stays far below 256 KiB."""

MOST_TOLD = 3
"""Most findings in a summary."""


@dataclass(frozen=True)
class Finding:
    """One sharp edge of a target: what was found, why it matters, and the command or change that removes it.

    `check` is a CheckName; `severity` is error, which refuses the release, or warning, which is recorded and shown.
    """

    check: str
    severity: str
    target: str
    found: str
    why: str
    fix: str

    @property
    def sentence(self) -> str:
        parts = (f"{self.target}: {self.found}", self.why, self.fix)
        return f"{self.check}: {'. '.join(filter(None, parts))}"

    def document(self) -> dict[str, Any]:
        return {name: shortened(value, LONGEST) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Finding":
        return cls(**{name: str(document[name]) for name in cls.__dataclass_fields__})


REFUSED_BY_LAMBDA = frozenset({"roles-differ", "dlq-differ"})
"""Checks of what Lambda itself refuses: no severity makes such a release possible."""


def softened(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings about a release that only Lambda may refuse: other errors become warnings; errors first."""
    found = [each if each.check in REFUSED_BY_LAMBDA else replace(each, severity="warning") for each in findings]
    return sorted(found, key=lambda each: each.severity != "error")


def recorded(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that a plan records: bounded in number and length."""
    return tuple(Finding.of(each.document()) for each in [*findings][:MOST_RECORDED])


def in_short(findings: Iterable[Finding]) -> str:
    """Return the first findings as sentences; empty without any."""
    told = [f"{each.sentence}." for each in findings]
    more = and_more(told, MOST_TOLD)
    return " ".join([*told[:MOST_TOLD], *([f"{more.capitalize()} findings."] if more else [])])
