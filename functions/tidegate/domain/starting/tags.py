"""Tags by which a function says that events of AWS may release it. docs/starting.md explains them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

IMAGE = "tidegate:image"
"""A repository, or repository:tag: released whenever that is pushed."""

ON_UPDATE = "tidegate:on-update"
RELEASE = "release"
"""Value of the tag ON_UPDATE: released whenever somebody else updates its code or configuration."""

ALIAS = "tidegate:alias"
"""The alias it is released through, where that is not the default."""


@dataclass(frozen=True)
class Tagged:
    """A function with its tags."""

    function: str
    tags: Mapping[str, str]

    def target(self, **more: Any) -> dict[str, Any]:
        """Give the target of a request that releases it."""
        alias = {"alias": self.tags[ALIAS]} if self.tags.get(ALIAS) else {}
        return {"function": self.function, **alias, **more}
