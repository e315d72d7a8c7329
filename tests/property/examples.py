"""How many examples a property is tried on: all in the search of `make property`, a third in the gate."""

import os

from hypothesis import settings

GATE = "gate"
PROFILE = os.environ.get("EXAMPLES", GATE)
FEWEST = 15


def examples(most: int) -> settings:
    """Return the settings for a property that a search tries on so many examples."""
    return settings(max_examples=max(FEWEST, most // 3) if PROFILE == GATE else most, deadline=None)
