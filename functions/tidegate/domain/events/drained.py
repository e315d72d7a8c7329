"""The milestones that end the watch on old versions."""

from typing import Literal

from pydantic import Field

from tidegate.domain.events.form import Milestone, Model, Moment


class DrainedTarget(Model):
    target: str
    version: str = Field(description="The old version.")
    last: Moment | None = Field(
        default=None, description="The minute of its last call; null if there was none since the promotion."
    )
    still: str = Field(default="", description="Why its end is not proven; empty if it is.")


class Drained(Milestone):
    """No old version of the release runs any more: what only they use may be removed."""

    type: Literal["drained"] = "drained"
    targets: tuple[DrainedTarget, ...]


class NotDrained(Milestone):
    """The watch on the old versions is over, and at least one of them may still run."""

    type: Literal["not-drained"] = "not-drained"
    targets: tuple[DrainedTarget, ...]
