"""One metric that compares the versions: a metric of Lambda, or a custom one."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tidegate.domain.request.fields import Document, form

OF_LAMBDA = ("errors", "latency", "throttles", "init_duration")
OURS = ("log", "users")
"""Names of counts that Tidegate makes itself; see `tidegate.domain.metric`."""
VERSION = "{version}"
"""The placeholder for the version in the dimensions of a custom metric."""

_CUSTOM = ("namespace", "bad", "total", "dimensions")
_EXAMPLE = '"namespace": "Shop", "bad": "Declined", "total": "Orders", "dimensions": {"version": "{version}"}'

MetricName = Annotated[str, form(r"[a-z][a-z0-9_-]*", 40)]
SeriesName = Annotated[str, Field(min_length=1, max_length=255)]
Mode = Literal["gate", "report"]


class MetricRequest(Document):
    """One metric that compares the versions: of Lambda, or your own."""

    name: MetricName = Field(
        description="`errors`, `latency`, `throttles`, `init_duration`, or any other name for your own metric.",
        examples=["latency"],
    )
    mode: Mode | None = Field(
        default=None,
        description="Whether the metric decides (`gate`) or is only shown (`report`). Default: `gate`, but `report` "
        "for `init_duration`. Slowness that does not decide is shown as a warning.",
        examples=["report"],
    )
    weight: Annotated[float, Field(ge=0.001, le=1)] | None = Field(
        default=None,
        description="Its share of `alpha` among the metrics that gate. Default: 0.5 for `errors`, 0.25 for `latency`, "
        "0.25 for all others together. If `analysis.metrics` is omitted: 0.05 for `latency`.",
        examples=[0.25],
    )
    min_effect: Annotated[float, Field(ge=0, lt=1)] | None = Field(
        default=None,
        description="Tolerated difference of rates. Default: 0.01 for `latency`, otherwise the analysis' min_effect. "
        "If `analysis.metrics` is omitted: 0.2 for `latency`. From 0.2 on, `latency` only stops gross slowness: a pass "
        "does not wait for it, and the slow first calls of a few fresh sandboxes do not count.",
        examples=[0.01],
    )
    over_ms: Annotated[float, Field(ge=0.001, le=900_000)] | None = Field(
        default=None,
        description="Milliseconds. `latency`: calls that take longer are slow; by default, calls that take longer "
        "than 95 % and than 99 % of stable's calls on the day before. `init_duration`: how much longer than stable's "
        "init is allowed.",
        examples=[800],
    )
    namespace: Annotated[str, form(r"[^:][0-9A-Za-z._/#: -]*", 255)] | None = Field(
        default=None, description="Namespace of your own metric.", examples=["Shop"]
    )
    bad: SeriesName | None = Field(
        default=None, description="Metric whose Sum is the number of bad events.", examples=["Declined"]
    )
    total: SeriesName | None = Field(
        default=None, description="Metric whose Sum is the number of all events.", examples=["Orders"]
    )
    dimensions: Annotated[dict[SeriesName, SeriesName], Field(max_length=30)] | None = Field(
        default=None,
        description='Dimensions of both metrics; "{version}" is replaced by the version number, "{function}" and '
        '"{alias}" by '
        "the target's names.",
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
                raise ValueError(f'"{self.name}" is a metric of Lambda: omit {", ".join(given)}, or rename it')
            return self
        if not given:
            raise ValueError(
                f'there is no metric "{self.name}"; there are {", ".join(OF_LAMBDA)}; your own metric needs {_EXAMPLE}'
            )
        if self.name in OURS:
            raise ValueError(f'is named "{self.name}", which Tidegate uses itself: choose another name')
        if len(given) < len(_CUSTOM):
            missing = [name for name in _CUSTOM if name not in given]
            raise ValueError(f"is your own metric and lacks {', '.join(missing)}; it needs {_EXAMPLE}")
        if not any(VERSION in value for value in (self.dimensions or {}).values()):
            raise ValueError('has no "{version}" in its dimensions, so both versions would share one series')
        return self

    @model_validator(mode="after")
    def _settings_that_mean_something(self) -> Self:
        if self.over_ms is not None and self.name not in {"latency", "init_duration"}:
            raise ValueError('has "over_ms", which is for latency and init_duration')
        if self.weight is not None and not self.gates:
            raise ValueError('is only reported, so it has no "weight"')
        if self.name == "init_duration":
            if self.weight is not None or self.min_effect is not None:
                raise ValueError('is not a rate: omit "weight" and "min_effect"')
            if self.gates and self.over_ms is None:
                raise ValueError('needs "over_ms" to gate: how many milliseconds longer than stable\'s init is allowed')
        return self
