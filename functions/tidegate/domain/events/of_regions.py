"""Milestones of a release of several Regions."""

from typing import Literal

from pydantic import Field

from tidegate.domain.events.form import Milestone


class RegionChanged(Milestone):
    """A Region of a release of several is at another stage."""

    type: Literal["region-changed"] = "region-changed"
    target: str = Field(description="REGION/ACCOUNT/STACK.")
    stage: str = Field(description="checked, releasing, released, unchanged, going-back, back or uncertain.")
    release_there: str = Field(default="", description="The release in that Region.")
    link_there: str = Field(default="", description="The same, in the Step Functions console.")


class PartlyReleased(Milestone):
    """A release of several Regions failed in one of them, and not every Region is on the same versions."""

    type: Literal["partly-released"] = "partly-released"
    why: str = ""
    error: str = ""
