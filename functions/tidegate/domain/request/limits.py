"""The limits that a deployment sets for requests."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidegate.domain.own_functions import is_own

NO_TAGS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Limits:
    """Deploy-time rules for requests.

    `function_pattern` is a name with `*` and `?` as IAM reads them; functions whose name begins with
    `own_prefix` are Tidegate's own. `code_buckets`, `image_repositories` (names in ECR), `parameters` (of Systems
    Manager, without a leading slash), `secrets` (names with their suffix), `roles`, `layers` and `keys` (ARNs) are
    patterns for names in a request that may contain code or configuration. `allow_keep` is whether
    the stack deletes old versions. `account` and `region` are those of the stack; empty if unknown.
    """

    function_pattern: str
    own_prefix: str
    allow_code: bool = False
    allow_configuration: bool = False
    allow_keep: bool = False
    code_buckets: tuple[str, ...] = ("*",)
    image_repositories: tuple[str, ...] = ("*",)
    roles: tuple[str, ...] = ()
    layers: tuple[str, ...] = ("*",)
    parameters: tuple[str, ...] = ("*",)
    secrets: tuple[str, ...] = ("*",)
    keys: tuple[str, ...] = ("*",)
    account: str = ""
    region: str = ""

    def __post_init__(self) -> None:
        if not self.function_pattern or not self.own_prefix:
            raise ValueError("a function pattern and the prefix of Tidegate's own functions must be set")

    def covers(self, function: str) -> bool:
        return matches(function, [self.function_pattern])

    def owns(self, function: str, tags: Mapping[str, str] = NO_TAGS) -> bool:
        return is_own(function, self.own_prefix, tags)


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Return whether one of the patterns fits all of the name, as in an IAM policy: `*`, `?`, case-sensitive.

    The time is at most proportional to the length of the name times the length of the pattern, because people write
    both.
    """
    return any(re.fullmatch(_expression(pattern), name, re.DOTALL) for pattern in patterns)


def matches_arn(arn: str, patterns: Sequence[str]) -> bool:
    """Return whether one of the patterns fits.

    `*` alone, or an ARN whose wildcards stay within their part, as in IAM.
    """
    return any(pattern == "*" or _each_part(arn.split(":", 5), pattern.split(":", 5)) for pattern in patterns)


def _each_part(given: Sequence[str], wanted: Sequence[str]) -> bool:
    return len(given) == len(wanted) and all(matches(one, [other]) for one, other in zip(given, wanted, strict=True))


def _expression(pattern: str) -> str:
    """Each part between two stars is taken where it comes first, and never again: `(?>…)` does not backtrack."""
    first, *others = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern))
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>.*?{part})" for part in middle) + f".*{last}"
