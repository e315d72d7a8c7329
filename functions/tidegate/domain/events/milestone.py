"""Milestones: the events of a release, in one form for the command and all other consumers.

`docs/milestones.schema.json` is generated from these. Types and fields may be added: ignore unknown ones.
"""

from typing import Annotated, Literal, get_args

from pydantic import Field

from tidegate.domain.events.drained import Drained, NotDrained
from tidegate.domain.events.form import Count, Milestone, Model, Moment
from tidegate.domain.events.of_regions import PartlyReleased, RegionChanged
from tidegate.domain.finding import Finding


class StartedTarget(Model):
    function: str
    alias: str
    stable: str | None = Field(description="The version that serves; null if the release creates the alias.")

    @property
    def name(self) -> str:
        return f"{self.function}:{self.alias}"


class PlannedStep(Model):
    weight: float = Field(description="Percent of the requests that go to the new version.")
    bake_minutes: int
    wave: int | None = Field(default=None, description="The wave that the step moves; null for all targets.")


class Started(Milestone):
    """Plan accepted the release: its aliases are locked."""

    type: Literal["started"] = "started"
    targets: tuple[StartedTarget, ...]
    strategy: str
    steps: tuple[PlannedStep, ...]
    labels: dict[str, str] = Field(default={})
    idle: tuple[str, ...] = Field(default=(), description="Targets with fewer than ten expected calls of the canary.")
    on_idle: str = Field(default="promote", description="What happens with them: promote, hold or refuse.")
    likely_minutes: int | None = Field(default=None, description="Minutes of all steps, if little traffic adds some.")
    likely_undecided: tuple[float, ...] = Field(default=(), description="Weights that likely stay inconclusive.")
    despite_freeze: str = Field(default="", description="The freeze that does not block it, because it goes back.")
    findings: tuple[Finding, ...] = Field(default=(), description="Warnings of the preflight.")
    routing: str = Field(default="", description="`users` if users are routed: weights are then shares of the users.")


class Published(Milestone):
    """A target has the version to release."""

    type: Literal["published"] = "published"
    target: str
    version: str
    created: bool = Field(description="False if an existing version already had the content of $LATEST.")


class Settled(Milestone):
    """The version is active."""

    type: Literal["settled"] = "settled"
    target: str
    version: str


class WakingUp(Milestone):
    """The version was idle, and Lambda makes it ready again: the probe is retried for five minutes."""

    type: Literal["waking-up"] = "waking-up"
    target: str
    version: str


class Waiting(Milestone):
    """The version is not ready yet, for minutes: Lambda makes its snapshot, for example, or starts an environment."""

    type: Literal["waiting"] = "waiting"
    target: str
    version: str


class Probed(Milestone):
    """The version was tried before it received any traffic, unless the request wanted no probe."""

    type: Literal["probed"] = "probed"
    target: str
    version: str
    probe: str = Field(default="invoke", description="How it was tried: invoke, provision, function or none.")
    init_seconds: float | None = None


class HooksRan(Milestone):
    """Functions of the user's were asked, and the release continues."""

    type: Literal["hooks-ran"] = "hooks-ran"
    hooks: tuple[str, ...] = Field(description="The moments, such as before_traffic.")


class Shifted(Milestone):
    """Every target of a wave, or of the release, is at a new weight."""

    type: Literal["shifted"] = "shifted"
    step: int = Field(description="From 0.")
    weight: float = Field(description="Percent of the requests that go to the new version.")
    wave: int | None = Field(default=None, description="The wave that was shifted; null for all targets.")
    skew_seconds: float | None = Field(
        default=None,
        description="Seconds between Lambda's answers for the first and the last alias of a wave; null if an earlier "
        "try of the step had shifted some of them.",
    )


Since = Annotated[
    Moment | None,
    Field(description="Start of the first counted minute; null if all minutes since the first shift count."),
]


class JudgedMetric(Model):
    name: str
    canary: Count | None = Field(default=None, description="Bad calls and all calls; null before the first minute.")
    stable: Count | None = None
    since: Since = None


class JudgedTarget(Model):
    target: str
    verdict: str
    metric: str = Field(
        default="errors",
        description="The metric of the counts: the failed one, otherwise errors; users if users are routed.",
    )
    canary: Count | None = Field(
        default=None,
        description="Bad calls and all calls of the new version, or users; null if there were none to read.",
    )
    stable: Count | None = Field(default=None, description="The same for the old version.")
    since: Since = None
    explanation: str = ""
    amber: tuple[str, ...] = Field(default=(), description="What is worse without failing the new version.")
    metrics: tuple[JudgedMetric, ...] = Field(default=(), description="Bad and total counts of each metric.")


class Judged(Milestone):
    """The versions were compared: once a minute."""

    type: Literal["judged"] = "judged"
    weight: float = Field(description="Percent of the requests that go to the new version.")
    verdict: str = Field(description="pass, fail, inconclusive or no_data: that of the worst target.")
    next: str = Field(description="bake, shift, finish or roll_back.")
    targets: tuple[JudgedTarget, ...] = ()


class Held(Milestone):
    """The release is held, still judged: the evidence is inconclusive, somebody holds it, or it waits for approval."""

    type: Literal["held"] = "held"
    weight: float = Field(description="Percent of the requests that go to the new version; 0 before any traffic.")
    why: str = ""


class HoldExpiring(Milestone):
    """A hold ends in about an hour, unless somebody decides."""

    type: Literal["hold-expiring"] = "hold-expiring"
    weight: float = Field(description="Percent of the requests that go to the new version; 0 before any traffic.")
    until: Moment
    then: str = Field(description="What happens then: rollback or promote.")


class Decided(Milestone):
    """Somebody decided; the decision takes effect at the next check."""

    type: Literal["decided"] = "decided"
    decision: str = Field(description="hold, promote or abort.")
    by: str = Field(description="Who decided, as stated by the caller; not verified.")
    reason: str = ""
    via: str = Field(default="", description="Source, as stated by the caller: command, dashboard, function.")
    to: float | None = Field(default=None, description="Weight in percent that promote goes to; 100 finishes.")


class Finished(Milestone):
    """Every alias is 100 % on its new version."""

    type: Literal["finished"] = "finished"
    proof: str = Field(
        default="", description="What the evidence lacks: not-compared (idle), not-proven (inconclusive), or empty."
    )


class LookedBack(Milestone):
    """The new version at 100 % was compared with the old version in the hour before the release."""

    type: Literal["looked-back"] = "looked-back"
    alerts: bool = Field(description="Whether it is more than twice as bad.")


class RolledBack(Milestone):
    """Every alias is in its state before the release."""

    type: Literal["rolled-back"] = "rolled-back"
    why: str


class Recovered(Milestone):
    """The execution ended early, and Recover restored its aliases."""

    type: Literal["recovered"] = "recovered"
    why: str = ""


class NotRestored(Milestone):
    """AWS denies Recover access to an alias until a person acts: the alias stays unchanged and locked."""

    type: Literal["not-restored"] = "not-restored"
    target: str


class Superseded(Milestone):
    """Another release stopped it, rolled it back and locked its aliases."""

    type: Literal["superseded"] = "superseded"
    why: str = ""


class Refused(Milestone):
    """The release was refused; nothing was changed."""

    type: Literal["refused"] = "refused"
    error: str


class Pruned(Milestone):
    """Old versions were deleted after the release was finished."""

    type: Literal["pruned"] = "pruned"
    deleted: tuple[str, ...] = Field(description="As function:version.")
    left: tuple[str, ...] = Field(description="Versions that were not deleted because an alias now uses them.")


Known = (
    Started
    | Published
    | Settled
    | WakingUp
    | Waiting
    | Probed
    | HooksRan
    | RegionChanged
    | Shifted
    | Judged
    | Held
    | HoldExpiring
    | Decided
    | Finished
    | LookedBack
    | Drained
    | NotDrained
    | RolledBack
    | Recovered
    | NotRestored
    | Superseded
    | PartlyReleased
    | Refused
    | Pruned
)
KINDS: dict[str, type[Milestone]] = {
    kind.model_fields["type"].default: kind for kind in get_args(Known) if issubclass(kind, Milestone)
}
"""Every kind by its type."""
