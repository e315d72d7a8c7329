"""Unit tests that draw examples draw as many as the property tests, and those of clocks share one that leaps."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.property.examples import load_profile

if TYPE_CHECKING:
    from localcloud.clock import Clock

load_profile()


@pytest.fixture
def clock() -> Iterator["Clock"]:
    """Give a clock that leaps, in use, with this thread in flight."""
    from localcloud.clock import Clock, use  # takes as long as all of the local cloud, which few unit tests need

    leaping = Clock(leaping=True)
    use(leaping)
    with leaping.working():
        yield leaping
    use(Clock(factor=1.0))
