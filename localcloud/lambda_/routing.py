"""Which version an invocation runs: Lambda draws for each, it is not sticky."""

import random
from collections.abc import Mapping

_random = random.Random()  # noqa: S311 - traffic, not secrets


def seed(value: int) -> None:
    """Make the draws that follow repeatable."""
    _random.seed(value)


def draw(primary: str, weights: Mapping[str, float]) -> str:
    point = _random.random()
    for version, weight in weights.items():
        if point < weight:
            return version
        point -= weight
    return primary
