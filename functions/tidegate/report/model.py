"""The data of a report. Times are seconds since 1970, weights percent, rates fractions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.domain.analysis.baseline import Observation
from tidegate.domain.analysis.exposure import Exposure
from tidegate.domain.execution import Passage
from tidegate.domain.finding import Finding
from tidegate.domain.planning.step_table import PlannedStay
from tidegate.domain.region_releases import PARTLY, RegionRelease
from tidegate.report.counts import BothVersions, MetricCounts

RUNNING, HELD, ROLLING_BACK = "running", "held", "rolling-back"
RELEASED, WORSE = "released", "worse-than-before"
RELEASED_UNPROVEN = {"not-compared": "released-not-compared", "not-proven": "promoted-not-proven"}
"""By what the evidence for the promotion lacks."""
ROLLED_BACK = "rolled-back"
REFUSED = "refused"
RECOVERED = "recovered"
SUPERSEDED = "superseded"
PARTLY_RELEASED = PARTLY
DRY_RUN = "dry-run"
LEFT_TO_RECOVER = "left-to-recover"
"""Outcomes; a newer ledger may have others, which are shown unchanged."""


@dataclass(frozen=True)
class Target:
    """One function and alias: its versions, metrics and observations; `log_e_value` is that of the last tick.

    `before` are stable's calls in the hour before the first shift. `starts` are seconds of init by version, as probes
    found them. `planned` is Plan's table of its steps, empty if it could not be made.
    """

    name: str
    stable: str | None
    canary: str | None
    metrics: tuple[MetricCounts, ...] = ()
    verdict: str | None = None
    log_e_value: float | None = None
    explanation: str = ""
    probe: str | None = None
    before: Mapping[int, BothVersions] = field(default_factory=dict)
    starts: Mapping[str, float] = field(default_factory=dict)
    planned: tuple[PlannedStay, ...] = ()
    seen: Observation = field(default_factory=Observation)

    @property
    def names(self) -> tuple[str, str]:
        """The names of its versions in legends."""
        return f"version {self.stable}, before", f"version {self.canary}, new"

    @property
    def live(self) -> bool:
        """Return whether the version was live before the release."""
        return self.canary is not None and self.canary == self.stable


@dataclass(frozen=True)
class WeightChange:
    """A change of weight, of one `wave` or of all targets; `skew` is the seconds between its first and last target."""

    at: int
    weight: float
    skew: float | None = None
    wave: int | None = None


@dataclass(frozen=True)
class TargetTick:
    """The verdict of one tick on one target; `of_metrics` are the natural logs of each metric's e-value.

    `log_e_value` is None if the metrics could not be read.
    """

    target: str
    verdict: str
    log_e_value: float | None
    of_metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class JudgedTick:
    """One comparison of all targets; the worst one speaks for the release. `held`: it stays for now."""

    at: int
    weight: float
    verdict: str
    summary: str
    held: bool = False
    targets: tuple[TargetTick, ...] = ()


@dataclass(frozen=True)
class Event:
    at: int
    kind: str
    text: str


@dataclass(frozen=True)
class Logged:
    """A kind of error in the log of a failed version, its count, and a link."""

    target: str
    type: str
    count: int
    link: str


@dataclass(frozen=True)
class LookBack:
    """The last result of the look back at 100 %; `alerts`: the new version is much worse than the old one was."""

    summary: str
    alerts: bool


@dataclass(frozen=True)
class Report:
    """A release at the time `made`.

    `limit` is the natural log of the evidence that rolls a target back. `held` is the reason for a hold, from the
    record; `undoing`: a roll back has begun but not ended. `proof` is what the evidence for its promotion lacks:
    not-compared, not-proven, or empty. `left` describes the aliases after a roll back. `way` is None if Step Functions
    no longer knows it, not `way_whole` if only its beginning and its end were read; `notes` say what is worse without
    failing the version, and what could not be read, and why.
    `findings` are the warnings of the preflight. `exposures` are the calls between targets that met another version.
    `regions` are those of a release of several, which has no targets.
    """

    release: str
    outcome: str
    why: str
    left: str
    made: int
    started: int
    ended: int | None
    execution: str = ""
    error: str | None = None
    strategy: str = ""
    steps: tuple[tuple[float, int], ...] = ()
    limit: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    shifts: tuple[WeightChange, ...] = ()
    ticks: tuple[JudgedTick, ...] = ()
    events: tuple[Event, ...] = ()
    logged: tuple[Logged, ...] = ()
    after: LookBack | None = None
    exposures: tuple[Exposure, ...] = ()
    held: str = ""
    undoing: bool = False
    proof: str = ""
    way: tuple[Passage, ...] | None = None
    way_whole: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)
    request: Any = None
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    regions: tuple[RegionRelease, ...] = ()

    @property
    def state(self) -> str:
        """The outcome, but `worse-than-before` when the look back alerts.

        For a running release: `held` during a hold, and `rolling-back` during a roll back.
        """
        if self.outcome == RELEASED and self.after and self.after.alerts:
            return WORSE
        if self.outcome == RELEASED and self.proof:
            return RELEASED_UNPROVEN.get(self.proof, RELEASED)
        if self.outcome == RUNNING and self.undoing:
            return ROLLING_BACK
        held = self.ticks[-1].held if self.ticks else bool(self.held)
        return HELD if self.outcome == RUNNING and held else self.outcome

    @property
    def promoted_at(self) -> int | None:
        """When every request went to the new version: the exit of Finish to its only successful next state."""
        done = [each.entered for each in self.way or () if each.came_from == "Finish" and each.state != "Roll back"]
        return done[0] if done else self.ended if self.outcome == RELEASED else None

    @property
    def until(self) -> int:
        """Its end, or the time of the last data."""
        return self.made if self.ended is None else self.ended

    @property
    def reached(self) -> float:
        """The largest weight that the canaries had before the release was over."""
        return max((shift.weight for shift in self.shifts), default=0.0)
