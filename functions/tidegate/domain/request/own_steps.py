"""The strategy of a request: a name, or steps of the user's own."""

from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator

from tidegate.domain.request.fields import Document, Many, Minutes, Weight
from tidegate.domain.schedule import duration_text
from tidegate.domain.strategy import MOST_STEPS, Step, Strategy, stepwise, strategy_named


class StepRequest(Document):
    weight: Weight = Field(
        description="Percent of the requests that go to the new version; more than in the step before.", examples=[5]
    )
    bake_minutes: Minutes = Field(
        alias="bake", description="How long to stay, at least; whole minutes.", examples=["3m"]
    )


class StepList(Document):
    """Your own steps. While inconclusive, a step bakes up to max_bake, then applies `on_inconclusive`."""

    steps: Annotated[Many[StepRequest], Field(min_length=1, max_length=MOST_STEPS)] = Field(
        description="Weights rise from step to step; after the last one the version is promoted.",
        examples=[[{"weight": 5, "bake": "3m"}, {"weight": 50, "bake": "5m"}]],
    )


def _read_strategy(value: object) -> Strategy:
    if isinstance(value, str):
        return strategy_named(value)
    if isinstance(value, dict):
        steps = StepList.model_validate(value).steps
        return stepwise(Step(step.weight, step.bake_minutes) for step in steps)
    raise ValueError('must be the name of a strategy or {"steps": [...]}')


def _write_strategy(strategy: Strategy) -> str | dict[str, Any]:
    if strategy.name != "steps":
        return strategy.name
    return {"steps": [{"weight": s.weight, "bake": duration_text(s.bake_minutes)} for s in strategy.steps]}


StrategyField = Annotated[
    Strategy,
    PlainValidator(_read_strategy, json_schema_input_type=str | StepList),
    PlainSerializer(_write_strategy),
]
