"""How the two versions are to be compared: what is measured, how sure one has to be, and what happens after."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tidegate.domain.request.fields import Document, Many, Minutes, form
from tidegate.domain.strategy import Strategy

_PATIENCE = 15
MOST_METRICS = 10
MOST_ALARMS = 10
OF_LAMBDA = ("errors", "latency", "throttles", "init_duration")
VERSION = "{version}"
"""What stands for the version in the dimensions of a custom metric."""

_CUSTOM = ("namespace", "bad", "total", "dimensions")
_EXAMPLE = '"namespace": "Shop", "bad": "Declined", "total": "Orders", "dimensions": {"version": "{version}"}'

MetricName = Annotated[str, form(r"[a-z][a-z0-9_-]*", 40)]
SeriesName = Annotated[str, Field(min_length=1, max_length=255)]
OnInconclusive = Literal["hold", "promote", "rollback"]
Mode = Literal["gate", "report"]


class MetricRequest(Document):
    """One thing to compare the versions by: of Lambda, or your own."""

    name: MetricName = Field(
        description="`errors`, `latency`, `throttles`, `init_duration`, or a name of your choice for a metric of your "
        "own.",
        examples=["latency"],
    )
    mode: Mode | None = Field(
        default=None,
        description="Whether it decides or is only shown. `gate`, but `report` for `init_duration`.",
        examples=["report"],
    )
    weight: Annotated[float, Field(ge=0.001, le=1)] | None = Field(
        default=None,
        description="Its part of the chance `alpha`, beside the other metrics that gate. 0.5 for `errors`, 0.25 for "
        "`latency`, 0.25 for all others together.",
        examples=[0.25],
    )
    min_effect: Annotated[float, Field(ge=0, lt=1)] | None = Field(
        default=None,
        description="Difference of rates that is not worth a roll back; 0.01 for `latency`, else that of the analysis.",
        examples=[0.01],
    )
    over_ms: Annotated[float, Field(ge=0.001, le=900_000)] | None = Field(
        default=None,
        description="`latency`: a call is slow when it takes longer than so many milliseconds; without it, longer than "
        "95 and than 99 % of stable's calls took the day before. `init_duration`: how much longer than stable's.",
        examples=[800],
    )
    namespace: Annotated[str, form(r"[^:][0-9A-Za-z._/#: -]*", 255)] | None = Field(
        default=None, description="Namespace of your own metric.", examples=["Shop"]
    )
    bad: SeriesName | None = Field(
        default=None, description="Metric whose Sum counts what went wrong.", examples=["Declined"]
    )
    total: SeriesName | None = Field(
        default=None, description="Metric whose Sum counts all there was.", examples=["Orders"]
    )
    dimensions: Annotated[dict[SeriesName, SeriesName], Field(max_length=30)] | None = Field(
        default=None,
        description='Dimensions of both; "{version}" stands for the number of the version, "{function}" and "{alias}" '
        "for the target's.",
        examples=[{"version": VERSION}],
    )

    @property
    def gates(self) -> bool:
        return self.mode == "gate" or (self.mode is None and self.name != "init_duration")

    @model_validator(mode="after")
    def _one_of_lambda_or_ones_own(self) -> Self:
        given = [name for name in _CUSTOM if getattr(self, name) is not None]
        if self.name in OF_LAMBDA:
            if given:
                raise ValueError(f'"{self.name}" is a metric of Lambda: leave out {", ".join(given)}, or rename it')
            return self
        if not given:
            raise ValueError(
                f'there is no metric "{self.name}"; there are {", ".join(OF_LAMBDA)}; one of your own has {_EXAMPLE}'
            )
        if len(given) < len(_CUSTOM):
            missing = [name for name in _CUSTOM if name not in given]
            raise ValueError(f"is a metric of your own and lacks {', '.join(missing)}: it has {_EXAMPLE}")
        if not any(VERSION in value for value in (self.dimensions or {}).values()):
            raise ValueError('has no "{version}" in its dimensions, so both versions would be one and the same')
        return self

    @model_validator(mode="after")
    def _settings_that_mean_something(self) -> Self:
        if self.over_ms is not None and self.name not in {"latency", "init_duration"}:
            raise ValueError('has "over_ms", which is for latency and init_duration')
        if self.weight is not None and not self.gates:
            raise ValueError('is only reported, so it has no "weight"')
        if self.name == "init_duration":
            if self.weight is not None or self.min_effect is not None:
                raise ValueError('is no rate: it has neither "weight" nor "min_effect"')
            if self.gates and self.over_ms is None:
                raise ValueError('gates by "over_ms": how many milliseconds longer than stable\'s an init may take')
        return self


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
        description="CloudWatch alarms that turn the release back when they change from OK to ALARM after its first "
        "shift. One that was red before does not.",
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
        default=24 * 60,
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
