"""How many examples a property is tried on: all in the search of `make property`, a third in the gate.

Hypothesis counts examples, not seconds: a busy machine is no failure. The gate draws the same examples each time, so
that it is red for a change only because of that change. `make property` draws new ones, and three times as many: what
they find becomes an `@example`.
"""

import os

from hypothesis import settings

GATE = "gate"
PROFILE = os.environ.get("EXAMPLES", GATE)
FEWEST = 15


def load_profile() -> None:
    settings.register_profile(GATE, max_examples=FEWEST * 2, deadline=None, derandomize=True)
    settings.register_profile("search", deadline=None)
    settings.load_profile(PROFILE)


def examples(most: int) -> settings:
    """Return the settings for a property that a search tries on so many examples."""
    return settings(max_examples=max(FEWEST, most // 3) if PROFILE == GATE else most, deadline=None)
