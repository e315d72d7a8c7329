"""A request, field by field. docs/request.schema.json is generated from these."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from tidegate.domain.finding import CheckName, Severity
from tidegate.domain.request.analysis import Analysis
from tidegate.domain.request.code import Code, Contract
from tidegate.domain.request.configuration import Configuration
from tidegate.domain.request.fields import (
    AliasName,
    Document,
    FunctionName,
    Many,
    Minutes,
    TargetName,
    VersionNumber,
    Weight,
)
from tidegate.domain.request.hooks import Hooks
from tidegate.domain.request.own_steps import StrategyField
from tidegate.domain.request.probe import Probe
from tidegate.domain.request.regions import OnRegionFailure, RegionGroups
from tidegate.domain.request.routing import RoutingField
from tidegate.domain.schedule import DAY, MINUTE
from tidegate.domain.strategy import MOST_STEPS, Strategy, strategy_named

MOST_TARGETS = 100
LONGEST_TIMEOUT = 15
"""Minutes that a call of a function can take (Lambda quotas)."""
MOST_KEPT = 1000


class TargetRequest(Document):
    """One function and alias to release."""

    function: FunctionName = Field(
        description="Name of the function, or its ARN; an alias may follow after a colon.", examples=["checkout"]
    )
    alias: AliasName = Field(
        default="live", description="Alias that callers use; it is moved to the new version.", examples=["live"]
    )
    code: Code | None = Field(
        default=None,
        description="New code. Without it the code in $LATEST is released.",
        examples=[{"s3_bucket": "builds", "s3_key": "checkout.zip"}],
    )
    configuration: Configuration | None = Field(
        default=None, description="New settings. Without it they stay as they are.", examples=[{"memory_size": 512}]
    )
    version: VersionNumber | None = Field(
        default=None,
        description="Release this published version; also use it to go back to an earlier version.",
        examples=[42],
    )
    probe: Probe = Field(
        default_factory=Probe,
        description="How the new version is tried before it gets traffic.",
        examples=[{"payload": {"ping": True}, "expect": {"ok": True}}],
    )
    wave: Annotated[int, Field(ge=1, le=MOST_TARGETS)] = Field(
        default=1,
        description="Targets of a wave shift together; waves go one after the other, the lowest number first. Put the "
        "consumers of a new contract before its producers.",
        examples=[1],
    )
    calls: Annotated[Many[TargetName], Field(max_length=MOST_TARGETS)] = Field(
        default=(),
        description="Functions that this one calls, directly or through a queue or a stream: the plan and the report "
        "then show which versions of both meet.",
        examples=[["orders-consumer"]],
    )
    not_calls: Annotated[Many[TargetName], Field(max_length=MOST_TARGETS)] = Field(
        default=(),
        description="Functions that this one does not call, although Plan finds a call: for example, its result is "
        "discarded on the way.",
        examples=[["orders-audit"]],
    )
    requires: Annotated[dict[TargetName, Literal[">= this release"]], Field(max_length=MOST_TARGETS)] = Field(
        default={},
        description="Targets of this release whose old version the new version of this one must not meet. A release "
        "in which they could meet is refused, with the order of waves that avoids it.",
        examples=[{"orders-consumer": ">= this release"}],
    )
    contract: Contract | None = Field(
        default=None,
        description="The schemas of the messages that this target receives or sends: Plan says which of the two "
        "versions accepts the messages of the other (check `contract`).",
        examples=[{"schema": "s3://builds/orders.schema.json"}],
    )
    create_alias: bool = Field(
        default=False,
        description="Create the alias on the new version if it does not exist. A new alias has nothing to compare "
        "with.",
        examples=[True],
    )
    again: bool = Field(
        default=False, description="Release a version even if a verdict rolled it back before.", examples=[True]
    )
    unmoved: bool = Field(
        default=False,
        description="Refuse the release if somebody has moved the alias since Tidegate's last release of it.",
        examples=[True],
    )

    keep: Annotated[int, Field(ge=1, le=MOST_KEPT)] | None = Field(
        default=None,
        description="How many of the newest versions to keep after the release; older versions "
        "that nothing can use are deleted. Requires Tidegate's parameter KeepVersions.",
        examples=[5],
    )

    @property
    def changes(self) -> tuple[str, ...]:
        """The changes before the version is published, in this order."""
        return tuple(name for name in ("code", "configuration") if getattr(self, name) is not None)


class Drain(Document):
    """The watch on the old versions after the promotion: Release Drained says that none of them runs any more."""

    watch: bool | None = Field(
        default=None, description="Whether to watch. Default: only a release of two or more targets.", examples=[True]
    )
    quiet_minutes: Minutes | None = Field(
        default=None,
        alias="quiet",
        description="How long an old version must not have been called, at least. Default, and minimum: the "
        "function's time-out and two minutes.",
        examples=["30m"],
    )
    limit_minutes: Minutes = Field(
        default=DAY // MINUTE,
        alias="limit",
        description="How long to watch at most; then Release Not Drained names what still runs.",
        examples=["24h"],
    )


Approval = Literal["before_traffic", "before_finish"] | Weight
LabelName = Annotated[str, Field(min_length=1, max_length=64)]
Label = Annotated[str, Field(max_length=256)]


class Request(Document):
    """What to release and how. As the steps use it: defaults filled in, strategy resolved."""

    targets: Annotated[Many[TargetRequest], Field(min_length=1, max_length=MOST_TARGETS)] = Field(
        description="Functions that are released and rolled back together.",
        examples=[[{"function": "checkout"}, {"function": "basket"}]],
    )
    tag: Annotated[dict[LabelName, Label], Field(min_length=1, max_length=10)] | None = Field(
        default=None,
        description="Instead of `targets`: release every function with these tags whose $LATEST differs from what its "
        "alias serves. Fields of a target at the top, such as `alias`, are those of each.",
        examples=[{"app": "shop"}],
    )
    stack: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        default=None,
        description="Instead of `targets`: the same for every function of this CloudFormation stack.",
        examples=["shop"],
    )
    wave_tag: LabelName | None = Field(
        default=None,
        description="With `tag` or `stack`: the name of the tag that has the wave of a function; 1 without it.",
        examples=["wave"],
    )
    strategy: StrategyField = Field(
        default_factory=partial(strategy_named, "guarded"),
        description="How traffic shifts: `guarded` (5, 10, 25, 50 %; the default unless Tidegate was deployed with "
        "another), `canary-10-5m`, `linear-10-1m` (percent and minutes of your choice), `all-at-once`, a CodeDeploy "
        "name, or your own steps.",
        examples=["guarded"],
    )
    routing: RoutingField | None = Field(
        default=None,
        description="Route users instead of calls: the same users meet the new version at every call and in every "
        "function of the release. Their callers need Tidegate's library.",
        examples=["users"],
    )
    waves: Literal["sequential", "lockstep"] = Field(
        default="sequential",
        description="How waves follow each other: `sequential`: a wave passes every step and is promoted before the "
        "next wave begins; `lockstep`: at each step all waves take its weight, in order. A roll back restores them in "
        "reverse order.",
        examples=["lockstep"],
    )
    analysis: Analysis = Field(
        default_factory=Analysis, description="How the two versions are compared.", examples=[{"max_bake": "15m"}]
    )
    approvals: Annotated[Many[Approval], Field(max_length=MOST_STEPS + 2)] = Field(
        default=(),
        description="Where the release waits for a promote: before any traffic, after the bake at the weight "
        "of a step, or before it finishes. It is still judged while it waits.",
        examples=[["before_traffic", 50, "before_finish"]],
    )
    approval_timeout_minutes: Minutes | None = Field(
        default=None,
        alias="approval_timeout",
        description="How long to wait for each answer. Default: max_hold.",
        examples=["12h"],
    )
    on_approval_timeout: Literal["rollback", "promote"] = Field(
        default="rollback", description="What to do when nobody answers in that time.", examples=["rollback"]
    )
    labels: Annotated[dict[LabelName, Label], Field(max_length=20)] = Field(
        default={},
        description="Shown with the release: the commit, who started it, where its build is.",
        examples=[{"commit": "4f2c9e1", "actor": "ci"}],
    )
    hooks: Hooks = Field(
        default_factory=Hooks,
        description="Functions of yours that the release asks at set moments.",
        examples=[{"before_traffic": "release-check"}],
    )
    drain: Drain = Field(
        default_factory=Drain,
        description="How long the old versions are watched after the promotion.",
        examples=[{"watch": True, "limit": "24h"}],
    )
    on_conflict: Literal["refuse", "supersede"] = Field(
        default="refuse",
        description="What to do when another release has locked one of the aliases: refuse this release, or stop the "
        "other release, roll it back completely and continue.",
        examples=["supersede"],
    )
    preflight: dict[CheckName, Severity] = Field(
        default={},
        description="What a check of the preflight does if it finds something: `error` refuses the release, `warning` "
        "records and shows it, `ignore` omits the check. The stack's parameter PreflightSeverities sets the defaults.",
        examples=[{"code-and-configuration": "error"}],
    )
    regions: RegionGroups = ()
    regions_on_failure: OnRegionFailure = "leave"
    dry_run: bool = Field(default=False, description="Check everything without changing anything.", examples=[True])

    @property
    def schedule(self) -> Strategy:
        """The steps of all waves, as if Lambda's longest time-out was to be awaited after the promotion of each."""
        return self.scheduled(dict.fromkeys(sorted({target.wave for target in self.targets}), LONGEST_TIMEOUT))

    def scheduled(self, settling: Mapping[int, int]) -> Strategy:
        """Return the steps of all waves; for `settling` see `Strategy.in_waves`."""
        return self.strategy.in_waves(settling) if self.waves == "sequential" else self.strategy

    def completed(self) -> "Request":
        """Return the request with what the strategy decides for the analysis."""
        return self.model_copy(update={"analysis": self.analysis.completed_by(self.strategy)})
