"""The fields of a request as docs/request.md shows them, from the models."""

import json
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tidegate.domain.request.analysis import After, Analysis
from tidegate.domain.request.code import Code, Contract
from tidegate.domain.request.configuration import Configuration
from tidegate.domain.request.hooks import Hook, Hooks
from tidegate.domain.request.metrics import MetricRequest
from tidegate.domain.request.models import Request, TargetRequest
from tidegate.domain.request.probe import Probe, ProbeCall
from tidegate.domain.schedule import duration_text

HEAD = "| field | what it does | default | example |\n|---|---|---|---|"

GROUPS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("The release", "", Request),
    ("Each target; for one target, these fields may stand at the top level instead of `targets`", "", TargetRequest),
    ("New code", "code.", Code),
    ("New configuration: each setting replaces the one before", "configuration.", Configuration),
    ("The schemas of a target's messages", "contract.", Contract),
    ("The hooks", "hooks.", Hooks),
    ("Each hook, if its name alone is not enough", "hooks.before_traffic.", Hook),
    ("The probe", "probe.", Probe),
    ("Each call in `probe.calls`", "probe.calls[].", ProbeCall),
    ("The comparison", "analysis.", Analysis),
    ("Each metric in `analysis.metrics`", "metrics[].", MetricRequest),
    ("The look back at 100 %", "analysis.after.", After),
)


def table() -> str:
    return "\n".join([HEAD, *_rows()])


def _rows() -> Iterator[str]:
    for title, prefix, model in GROUPS:
        yield f"| *{title}* | | | |"
        for name, field in model.model_fields.items():
            what = (field.description or "").replace("|", "\\|")
            yield f"| `{prefix}{field.alias or name}` | {what} | {_default(field)} | {_example(field)} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.alias and isinstance(field.default, int):
        return f"`{duration_text(field.default)}`"
    plain = isinstance(field.default, (str, int, float))
    return f"`{json.dumps(field.default)}`" if plain else ""


def _example(field: FieldInfo) -> str:
    return f"`{json.dumps(field.examples[0])}`" if field.examples else ""
