"""What every kind of fault has in common."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from tests.faults.scenario import Outline

if TYPE_CHECKING:
    from tests.faults.run import Run

Struck = Callable[[], bool]
"""Tells afterwards whether the fault hit anything."""


class Trouble(Protocol):
    """One thing that goes wrong in one release. Its fields are what was drawn for it.

    `exclusive` names what a release can have only one of (its end, say); `reaches_recover` that it slows recover
    down, which all releases share.
    """

    kind: ClassVar[str]
    exclusive: ClassVar[str | None]
    reaches_recover: ClassVar[bool]

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self: ...

    def inject(self, run: "Run") -> Struck: ...
