"""Hypothesis counts examples, not seconds: a busy machine is no failure.

The gate draws the same examples each time, so that it is red for a change only because of that change. `make property`
draws new ones, and three times as many: what they find becomes an `@example`.
"""

from hypothesis import settings

from tests.property.examples import FEWEST, GATE, PROFILE

settings.register_profile(GATE, max_examples=FEWEST * 2, deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile(PROFILE)
