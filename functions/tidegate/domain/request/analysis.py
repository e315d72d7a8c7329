"""How the two versions are to be compared: what is measured, how sure one has to be, and what happens after."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tidegate.domain.request.fields import Document, Many, Minutes
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
        description="Whole minutes at 100 % that are compared with stable's hour before the release.",
        examples=["2m"],
    )
    on_worse: Literal["alert", "rollback", "ignore"] = Field(
        default="alert",
        description="What to do if the new version is more than twice as bad: say so; roll back, for which the release "
        "stays open and holds its aliases until then; or do not look at all.",
        examples=["rollback"],
    )


def _as_guarded() -> OnInconclusive:
    """Stand in until the strategy is known, see `Analysis.completed_by`."""
    return "hold"


def _usual_metrics() -> tuple[MetricRequest, ...]:
    return (MetricRequest(name="errors"), MetricRequest(name="latency", mode="report"))


class Analysis(Document):
    """How the two versions are compared."""

    metrics: Annotated[Many[MetricRequest], Field(min_length=1, max_length=MOST_METRICS)] = Field(
        default_factory=_usual_metrics,
        description="What the versions are compared by. Errors decide and latency is shown, unless listed otherwise.",
        examples=[[{"name": "errors"}, {"name": "latency", "over_ms": 800}]],
    )
    alarms: Annotated[Many[SeriesName], Field(max_length=MOST_ALARMS)] = Field(
        default=(),
        description="CloudWatch alarms (of metrics, of logs, or composite) that roll the release back when they change "
        "to ALARM after its first shift, from OK or INSUFFICIENT_DATA. An alarm that was in ALARM in the 15 minutes "
        "before does not.",
        examples=[["checkout-orders-stopped"]],
    )
    alpha: Annotated[float, Field(ge=0.000001, le=0.5)] = Field(
        default=0.05,
        description="Chance to roll back a release in which nothing got worse, over all its minutes and targets. "
        "0.2 sees more where there is little traffic.",
        examples=[0.05],
    )
    min_effect: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.001,
        description="Difference of the error rates that is not worth a roll back: 0.001 is 0.1 points.",
        examples=[0.001],
    )
    mde: Annotated[float, Field(ge=0.000001, le=0.2)] = Field(
        default=0.02,
        description="Regression that has to be visible before a step at 50 % passes, as a difference of rates; smaller "
        "weights need less: 50 / weight times as much, at most 0.2.",
        examples=[0.02],
    )
    max_bake_minutes: Minutes | None = Field(
        default=None,
        alias="max_bake",
        description="How long to stay at a step at most while too little is known. 15m for `guarded` and for steps of "
        "your own; other named strategies do not wait for more unless this is given.",
        examples=["15m"],
    )
    on_inconclusive: OnInconclusive = Field(
        default_factory=_as_guarded,
        description="What to do then: stay, judged, until there is enough to judge by or max_hold is over; go on; or "
        "roll back. `hold` for `guarded` and for steps of your own, `promote` for other named strategies.",
        examples=["hold"],
    )
    max_hold_minutes: Minutes = Field(
        default=DAY // MINUTE,
        alias="max_hold",
        description="How long to hold at most, all steps together.",
        examples=["24h"],
    )
    on_hold_expired: Literal["rollback", "promote"] = Field(
        default="rollback",
        description="What to do when that time is up: roll back, or go on, to the end, holding no more. Over evidence "
        "that could not be read it rolls back all the same.",
        examples=["rollback"],
    )
    after: After | None = Field(
        default=None,
        description="The look back once every request goes to the new version. Two minutes, to alert, for `guarded` "
        "and for steps of your own; other named strategies do not look back unless this is given.",
        examples=[{"bake": "5m", "on_worse": "rollback"}],
    )

    @model_validator(mode="after")
    def _something_decides(self) -> Self:
        if not any(metric.gates and metric.name != "init_duration" for metric in self.metrics):
            raise ValueError("has no metric that decides on both versions' calls: let one of them gate")
        return self

    def completed_by(self, strategy: Strategy) -> "Analysis":
        """Give what the strategy decides where the request does not."""
        filled: dict[str, object] = {}
        if "on_inconclusive" not in self.model_fields_set:
            filled["on_inconclusive"] = strategy.on_inconclusive
        if self.max_bake_minutes is None and strategy.bakes_on:
            filled["max_bake_minutes"] = _PATIENCE
        if self.after is None:
            filled["after"] = After() if strategy.bakes_on else After(on_worse="ignore")
        return self.model_copy(update=filled)
