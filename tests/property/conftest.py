"""Hypothesis counts examples, not seconds: a busy machine is no failure.

The gate draws the same examples each time, so that it is red for a change only because of that change. `make property`
draws new ones: what they find becomes an `@example`.
"""

import os

from hypothesis import settings

settings.register_profile("gate", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("EXAMPLES", "gate"))
