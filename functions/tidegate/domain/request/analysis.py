"""The analysis in a request: metrics, required certainty, and what happens afterwards."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tidegate.domain.request.fields import Document, Many, Minutes
from tidegate.domain.request.limits import OnHoldExpired, OnIdle
from tidegate.domain.request.metrics import MetricRequest, SeriesName
from tidegate.domain.schedule import DAY, MINUTE
from tidegate.domain.strategy import Strategy

_PATIENCE = 15
MOST_METRICS = 10
MOST_ALARMS = 10
OnInconclusive = Literal["hold", "promote", "rollback"]


class After(Document):
    """The look back once every request goes to the new version."""

    bake_minutes: Minutes = Field(
        default=2,
        alias="bake",
        description="How many minutes at 100 % are compared with stable's hour before the release.",
        examples=["2m"],
    )
    on_worse: Literal["alert", "rollback", "ignore"] = Field(
        default="alert",
        description="What to do if the new version is more than twice as bad: `alert` reports it; `rollback` rolls "
        "back, and keeps the release open and its aliases locked until the look back ends; `ignore` skips the look "
        "back.",
        examples=["rollback"],
    )


def _as_guarded() -> OnInconclusive:
    """Return a placeholder until the strategy is known, see `Analysis.completed_by`."""
    return "hold"


def _usual_metrics() -> tuple[MetricRequest, ...]:
    return (MetricRequest(name="errors"), MetricRequest(name="latency"))


class Analysis(Document):
    """How the two versions are compared."""

    metrics: Annotated[Many[MetricRequest], Field(min_length=1, max_length=MOST_METRICS)] = Field(
        default_factory=_usual_metrics,
        description="The metrics that compare the versions. By default, `errors` and gross slowness decide: 20 points "
        "more calls are slow than on stable.",
        examples=[[{"name": "errors"}, {"name": "latency", "over_ms": 800}]],
    )
    alarms: Annotated[Many[SeriesName], Field(max_length=MOST_ALARMS)] = Field(
        default=(),
        description="CloudWatch alarms (of metrics, of logs, or composite) that roll the release back when they "
        "change from OK or INSUFFICIENT_DATA to ALARM after its first shift. An alarm that was in ALARM during the 15 "
        "minutes before the change is ignored.",
        examples=[["checkout-orders-stopped"]],
    )
    fast: bool = Field(
        default=True,
        description="Whether to look at the logs of both versions every ten seconds soon after each shift: a version "
        "that fails much is rolled back within seconds. It is off by itself where the logs cannot be read or compared.",
        examples=[False],
    )
    alpha: Annotated[float, Field(ge=0.000001, le=0.5)] = Field(
        default=0.05,
        description="Probability of a false roll back, over all minutes and targets of the release. 0.2 "
        "detects more with little traffic.",
        examples=[0.05],
    )
    min_effect: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.001,
        description="Tolerated difference of error rates: 0.001 is 0.1 points.",
        examples=[0.001],
    )
    mde: Annotated[float, Field(ge=0.000001, le=0.2)] = Field(
        default=0.02,
        description="Regression, as a difference of rates, that must be ruled out before a step at 50 % passes. At "
        "smaller weights it is larger: mde * 50 / weight, at most 0.2.",
        examples=[0.02],
    )
    max_bake_minutes: Minutes | None = Field(
        default=None,
        alias="max_bake",
        description="Longest time at one step while the evidence is inconclusive. Default: 15m for `guarded` and for "
        "your own steps; other named strategies end each step after its bake.",
        examples=["15m"],
    )
    on_inconclusive: OnInconclusive = Field(
        default_factory=_as_guarded,
        description="What to do after max_bake: `hold` stays, still judged, until the evidence suffices or max_hold "
        "is over; `promote` continues; `rollback` rolls back. Default: `hold` for `guarded` and for your own steps, "
        "`promote` for other named strategies.",
        examples=["hold"],
    )
    max_hold_minutes: Minutes = Field(
        default=DAY // MINUTE,
        alias="max_hold",
        description="Longest time to hold, over all steps.",
        examples=["24h"],
    )
    on_hold_expired: OnHoldExpired = Field(
        default="rollback",
        description="What to do after max_hold: `rollback` rolls back; `promote` continues to the end without holding "
        "again. If the evidence could not be read, the release is rolled back in both cases. The stack's parameter "
        "OnHoldExpired sets the default.",
        examples=["rollback"],
    )
    on_idle: OnIdle = Field(
        default="promote",
        description="What to do if the function is idle: fewer than ten calls of the new version are expected over "
        "the whole schedule, `max_bake` included. `promote` ends each step after its bake, without a comparison; "
        "`hold` holds until somebody decides; `refuse` refuses the release. Calls that come are judged in any case. "
        "The stack's parameter OnIdle sets the default.",
        examples=["hold"],
    )
    after: After | None = Field(
        default=None,
        description="The look back: a comparison after every request goes to the new version. Default: 2 "
        "minutes and `alert` for `guarded` and for your own steps; none for other named strategies.",
        examples=[{"bake": "5m", "on_worse": "rollback"}],
    )

    @property
    def may_hold(self) -> bool:
        """Return whether a release may be held for lack of evidence."""
        return "hold" in {self.on_inconclusive, self.on_idle}

    @model_validator(mode="after")
    def _something_decides(self) -> Self:
        if not any(metric.gates and metric.name != "init_duration" for metric in self.metrics):
            raise ValueError("needs at least one metric that gates on calls of both versions")
        return self

    def completed_by(self, strategy: Strategy) -> "Analysis":
        """Return the analysis, completed with the strategy's defaults."""
        filled: dict[str, object] = {}
        if "on_inconclusive" not in self.model_fields_set:
            filled["on_inconclusive"] = strategy.on_inconclusive
        if self.max_bake_minutes is None and strategy.bakes_on:
            filled["max_bake_minutes"] = _PATIENCE
        if self.after is None:
            filled["after"] = After() if strategy.bakes_on else After(on_worse="ignore")
        return self.model_copy(update=filled)
