"""One thing to compare the versions by: a metric of Lambda, or of one's own."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tidegate.domain.request.fields import Document, form

OF_LAMBDA = ("errors", "latency", "throttles", "init_duration")
VERSION = "{version}"
"""What stands for the version in the dimensions of a custom metric."""

_CUSTOM = ("namespace", "bad", "total", "dimensions")
_EXAMPLE = '"namespace": "Shop", "bad": "Declined", "total": "Orders", "dimensions": {"version": "{version}"}'

MetricName = Annotated[str, form(r"[a-z][a-z0-9_-]*", 40)]
SeriesName = Annotated[str, Field(min_length=1, max_length=255)]
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
