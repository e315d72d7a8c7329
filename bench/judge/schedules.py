"""The schedules: the canary's weight in each minute, and in the one that passes while the last one's data comes in."""

from tidegate.domain.strategy import strategy_named


def weights(name: str) -> list[float]:
    """Give the weight of each minute as a fraction, the last one twice."""
    each = [step.weight / 100 for step in strategy_named(name).steps for _ in range(step.bake_minutes)]
    return [*each, each[-1]]


CANARY, LINEAR, GUARDED = "canary-10-5m", "linear-10-1m", "guarded"
