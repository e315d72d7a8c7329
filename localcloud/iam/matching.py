"""IAM's wildcards."""

import re
from functools import lru_cache

ARN_PARTS = 6


def like(value: str, pattern: str) -> bool:
    """Match `*` and `?`, with regard to case."""
    return _expression(pattern).fullmatch(value) is not None


def action_like(action: str, pattern: str) -> bool:
    """Match an action; their names have no case."""
    return like(action.lower(), pattern.lower())


def arn_like(arn: str, pattern: str) -> bool:
    """Match an ARN: each of its six parts by itself, so that a `*` cannot reach into the next part."""
    parts = pattern.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS:
        return like(arn, pattern)
    given = arn.split(":", ARN_PARTS - 1)
    return len(given) == ARN_PARTS and all(map(like, given, parts))


@lru_cache(maxsize=20_000)
def _expression(pattern: str) -> re.Pattern[str]:
    first, *others = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern))
    *middle, last = others or [""]
    # `(?>…)` does not backtrack: a part between two stars is taken where it comes first.
    rest = "".join(f"(?>.*?{part})" for part in middle) + f".*{last}" if others else ""
    return re.compile(first + rest, re.DOTALL)
