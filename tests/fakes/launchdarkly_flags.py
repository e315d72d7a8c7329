"""A flag of LaunchDarkly's, as its SDK reads it from a file, a stream or a table."""

from typing import Any


def flag(percent: float = 10, *, on: bool = True, canary: tuple[str, ...] = (), key: str = "orders-channel") -> Any:
    """Give a flag that sends a share of all contexts, and those whose keys are named, to the canary."""
    weights = [
        {"variation": 0, "weight": round(1000 * (100 - percent))},
        {"variation": 1, "weight": round(1000 * percent)},
    ]
    return {
        "key": key,
        "version": 1,
        "on": on,
        "variations": ["stable", "canary", "undecided", 7],
        "offVariation": 0,
        "salt": "salt",
        "targets": [{"values": list(canary), "variation": 1}],
        "fallthrough": {"rollout": {"variations": weights}},
    }
