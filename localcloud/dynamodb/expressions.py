"""Update expressions that are parsed once; moto does it twice for each call, which takes a seventh of it."""

from functools import lru_cache

from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined] # mypy does not see it


def install() -> None:
    """Keep what was parsed: who looks at a tree leaves it as it is, or works on a copy (moto's Validator)."""
    UpdateExpressionParser.make = lru_cache(maxsize=256)(UpdateExpressionParser.make)
