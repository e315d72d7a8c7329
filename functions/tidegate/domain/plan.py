"""The plan of a release in the ledger, which every later step reads."""

from dataclasses import asdict, dataclass, replace
from math import log
from typing import Any

from tidegate.domain.alias import AliasState
from tidegate.domain.finding import Finding
from tidegate.domain.hooks import PlannedHook
from tidegate.domain.judge import FLEET_SHARE, alpha_of_target
from tidegate.domain.metric import USUAL, PlannedMetric
from tidegate.domain.request.capacity import LATER, QUICK
from tidegate.domain.routing import CANARY, STABLE, Routing, canary_alias
from tidegate.domain.schedule import DAY, MINUTE, readable_duration
from tidegate.domain.strategy import Step, Strategy
from tidegate.domain.truncation import first_names

IDLE = 10
"""Calls of the canary over a whole schedule; a target for which fewer are expected is idle."""


@dataclass(frozen=True)
class TargetPlan:
    """One function and alias of a release.

    `timeout_seconds` is the longer one of the two versions'. `snapshot` is the alias before the release, None if
    Finish will create it. `canary` is the version being released, known once it is published. `keep` is how many of
    the newest versions are kept afterwards, 0 for all. `idle`: fewer than `IDLE` calls of the canary are expected
    over the whole schedule. `goes_back`: the canary was live before, so no freeze blocks it. `probe` is the kind of
    its probe, `runtime` the ARN of stable's runtime version (empty if unknown). `provisioned` is how many
    provisioned environments of stable the canary gets, too. `calls` are the names of the targets that it is known
    to call, `found` those of them that no request declares, each with the place where it was found.
    `looks_at_logs`: its logs are compared, too, soon after each shift. `channel` is set if users are routed: the
    alias serves those of stable or of the canary; an alias without a channel takes weights.
    `contract`: the schema of the canary's messages is known.
    """

    function: str
    alias: str
    snapshot: AliasState | None
    timeout_seconds: int
    changes: tuple[str, ...] = ()
    version: str | None = None
    wave: int = 1
    canary: str | None = None
    keep: int = 0
    idle: bool = False
    goes_back: bool = False
    probe: str = "invoke"
    runtime: str = ""
    provisioned: int = 0
    calls: tuple[str, ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    looks_at_logs: bool = False
    channel: str = ""
    contract: bool = False

    @property
    def name(self) -> str:
        return f"{self.function}:{self.alias}"

    @property
    def stable(self) -> str | None:
        return self.snapshot.version if self.snapshot else None

    @property
    def live(self) -> bool:
        """Return whether the version to release already serves every request."""
        return self.canary is not None and self.canary == self.stable

    @property
    def shifts(self) -> bool:
        """Return whether there are two versions to split the requests between."""
        return self.canary is not None and self.stable is not None and not self.live

    @property
    def aliases(self) -> tuple["TargetPlan", ...]:
        """Return the alias, and the one that carries its canary if users are routed: both move in the release."""
        if self.channel != STABLE or self.snapshot is None:
            return (self,)
        return self, replace(self, alias=canary_alias(self.alias), channel=CANARY)

    def versions(self) -> tuple[str, str]:
        """Return stable and canary of a target that shifts."""
        if self.stable is None or self.canary is None:
            message = f"{self.name} has no two versions to split traffic between"
            raise ValueError(message)
        return self.stable, self.canary

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "snapshot": self.snapshot.document() if self.snapshot else None}

    @classmethod
    def of(cls, document: dict[str, Any]) -> "TargetPlan":
        snapshot = document["snapshot"]
        return cls(
            **{
                **document,
                "changes": tuple(document["changes"]),
                "calls": tuple(document.get("calls", ())),
                # An earlier Tidegate wrote only names.
                "found": tuple((each, "") if isinstance(each, str) else (*each,) for each in document.get("found", ())),
                "snapshot": AliasState.of(snapshot) if snapshot else None,
            }
        )


@dataclass(frozen=True)
class ReleasePlan:
    """The whole release: targets, strategy and how it is judged.

    `deadline` is the latest end, `expires` the end of its record's retention; seconds since 1970. `after_minutes` are
    those of the look back at 100 %, 0 for none; `on_worse` is alert or rollback. `drain_minutes` is how long the old
    versions are watched after the promotion at most, 0 for not at all, and `quiet_minutes` how long they must not be
    called, at least. `approvals` are where it waits for approval: before_traffic, before_finish, or the weight
    (percent) of a step. `max_hold_minutes` is for all steps together, `on_hold_expired` the action after that: rollback
    or promote. `on_idle` is what happens with idle targets: promote, hold or refuse. With little traffic, the steps
    likely take `likely_minutes` (0: as scheduled), and the evidence likely stays inconclusive at `likely_undecided`
    (weights in percent). `event_bus` receives its events. In the first `quick_minutes` a tick comes every minute, later
    every five; each target has `looks` checks for its updates. `despite_freeze` describes the freeze that did not block
    its start, because its targets go back. `findings` are the warnings of the preflight. `logs_off` says whose logs are
    not looked at, and why. `skipped` has the selected functions that are not released, and why. With `routing`, weights
    are shares of the users. A release of several Regions has no targets: its `regions` are the names of those of each
    group, `regions_on_failure` is leave or rollback, and `regions_role` is the name of the role in each account.
    """

    targets: tuple[TargetPlan, ...]
    strategy: Strategy
    alpha: float
    min_effect: float
    max_bake_minutes: int
    on_inconclusive: str
    max_hold_minutes: int
    deadline: int
    expires: int
    mde: float = 0.02
    metrics: tuple[PlannedMetric, ...] = USUAL
    alarms: tuple[str, ...] = ()
    after_minutes: int = 0
    on_worse: str = "alert"
    drain_minutes: int = 0
    quiet_minutes: int = 0
    approvals: tuple[str | float, ...] = ()
    approval_minutes: int = 0
    on_approval_timeout: str = "rollback"
    on_hold_expired: str = "rollback"
    on_idle: str = "promote"
    likely_minutes: int = 0
    likely_undecided: tuple[float, ...] = ()
    event_bus: str = "default"
    quick_minutes: int = DAY // MINUTE
    looks: int = 500
    despite_freeze: str = ""
    hooks: tuple[PlannedHook, ...] = ()
    findings: tuple[Finding, ...] = ()
    logs_off: str = ""
    skipped: tuple[str, ...] = ()
    routing: Routing | None = None
    regions: tuple[tuple[str, ...], ...] = ()
    regions_on_failure: str = "leave"
    regions_role: str = ""

    @property
    def quick(self) -> int:
        """Seconds after the first shift in which a tick comes every minute."""
        return self.quick_minutes * MINUTE

    @property
    def pace(self) -> str:
        """Describe the pace of checks, if it is reduced; otherwise empty."""
        if self.quick_minutes >= QUICK[0]:
            return ""
        return (
            f"To fit into the history of one execution, it checks every minute for {readable_duration(self.quick)} "
            f"after the first shift, then every {readable_duration(LATER * MINUTE)}"
        )

    @property
    def order_of_regions(self) -> str:
        """Say which Regions are released, in which order."""
        return ", then ".join(" and ".join(group) for group in self.regions)

    @property
    def left_out(self) -> str:
        """Say which selected functions are not released; otherwise empty."""
        return f"not released: {first_names(self.skipped)}" if self.skipped else ""

    @property
    def unprobed(self) -> str:
        """Say for which targets the request wants no probe; otherwise empty."""
        names = [target.name for target in self.targets if target.probe == "none"]
        return f"without a probe of {first_names(names)}" if names else ""

    @property
    def carried(self) -> str:
        """Say which provisioned environments go with the release; otherwise empty."""
        each = [f"{one.provisioned} of version {one.stable} of {one.name}" for one in self.targets if one.provisioned]
        return f"provisioned environments that go with it: {first_names(each)}" if each else ""

    @property
    def shifting(self) -> tuple[TargetPlan, ...]:
        return tuple(target for target in self.targets if target.shifts)

    @property
    def aliases(self) -> tuple[TargetPlan, ...]:
        """Return every alias that the release locks and may move."""
        return tuple(each for target in self.targets for each in target.aliases)

    @property
    def functions(self) -> tuple[str, ...]:
        return tuple(target.function for target in self.targets)

    @property
    def freezable(self) -> tuple[str, ...]:
        """The functions that a freeze blocks: those that do not go back to an earlier version."""
        return tuple(target.function for target in self.targets if not target.goes_back)

    @property
    def target_alpha(self) -> float:
        """Return the part of `alpha` that each target has."""
        return alpha_of_target(self.alpha, len(self.shifting))

    @property
    def fleet_alpha(self) -> float:
        """Return the part of `alpha` that the targets of a wave, or of the release, have together."""
        return self.alpha * FLEET_SHARE / len({step.wave for step in self.strategy.steps} or {None})

    @property
    def limit(self) -> float:
        """Return the natural log of the evidence that rolls a target back."""
        return log(1 / self.target_alpha)

    def step(self, index: int) -> Step:
        return self.strategy.steps[index]

    def with_canaries(self, canaries: dict[str, str]) -> "ReleasePlan":
        """Return the plan with the published versions filled in, by target name."""
        targets = (replace(target, canary=canaries.get(target.name, target.canary)) for target in self.targets)
        return replace(self, targets=tuple(targets))

    def document(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "targets": [target.document() for target in self.targets],
            "metrics": [metric.document() for metric in self.metrics],
            "hooks": [hook.document() for hook in self.hooks],
        }

    @classmethod
    def of(cls, document: dict[str, Any]) -> "ReleasePlan":
        strategy = document["strategy"]
        steps = tuple(Step(**step) for step in strategy["steps"])
        return cls(
            **{
                **document,
                "targets": tuple(TargetPlan.of(target) for target in document["targets"]),
                "strategy": Strategy(**{**strategy, "steps": steps}),
                "metrics": tuple(PlannedMetric.of(metric) for metric in document.get("metrics", [])) or USUAL,
                "alarms": tuple(document.get("alarms", ())),
                "approvals": tuple(document.get("approvals", ())),
                "likely_undecided": tuple(document.get("likely_undecided", ())),
                "hooks": tuple(PlannedHook(**hook) for hook in document.get("hooks", ())),
                "skipped": tuple(document.get("skipped", ())),
                "routing": Routing.of(document["routing"]) if document.get("routing") else None,
                "regions": tuple(tuple(group) for group in document.get("regions", ())),
                "findings": tuple(Finding.of(each) for each in document.get("findings", ())),
            }
        )
