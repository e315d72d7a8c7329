"""`--gate` and `--metric`: the metrics of a request, from the command line; Plan reports their mistakes."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import click

from tidegate_cli.help import Option

Function = TypeVar("Function", bound=Callable[..., Any])

NUMBERS = ("weight", "min_effect", "over_ms")
TEXTS = ("mode", "namespace", "bad", "total")
DIMENSION = "dimension."
FIELDS = (*TEXTS, *NUMBERS, f"{DIMENSION}NAME")
EXAMPLE = "declined,namespace=Shop,bad=Declined,total=Orders,dimension.version={version}"


def judging(command: Function) -> Function:
    """Add the options that name metrics; they become `gates` and `metrics`."""
    option = partial(click.option, cls=Option)
    gate = option(
        "--gate",
        "gates",
        multiple=True,
        metavar="METRIC[:MS]",
        callback=_gates,
        help="Metric of Lambda that decides, such as latency: from 1 point more slow calls on; MS is the limit of a "
        "slow call. Repeatable.",
    )
    metric = option(
        "--metric",
        "metrics",
        multiple=True,
        metavar="NAME,FIELD=VALUE,...",
        callback=_metrics,
        help="Metric with the fields of a request, such as latency,mode=report. Fields: "
        f"{', '.join(FIELDS)}. Repeatable.",
    )
    return gate(metric(command))


def _gates(_: click.Context, __: click.Parameter, values: Sequence[str]) -> list[dict[str, Any]]:
    return [_gate(value) for value in values]


def _gate(text: str) -> dict[str, Any]:
    name, colon, limit = text.partition(":")
    if not name or (colon and not limit):
        raise click.BadParameter(f"{text!r} is not METRIC or METRIC:MS; example: latency:800")
    _check_known(name)
    over = {"over_ms": _number("MS", limit.removesuffix("ms"))} if colon else {}
    return {"name": name, "mode": "gate", **over}


def _check_known(name: str) -> None:
    """Refuse a gate that is no metric of Lambda: one's own needs its fields, which only --metric takes."""
    from tidegate.domain.request.metrics import OF_LAMBDA

    if name not in OF_LAMBDA:
        from difflib import get_close_matches

        meant = get_close_matches(name, OF_LAMBDA, n=1)
        hint = f", did you mean {meant[0]}?" if meant else ""
        known = ", ".join(OF_LAMBDA)
        raise click.BadParameter(
            f"there is no metric {name!r}{hint}; there are {known}; a metric of your own needs --metric"
        )


def _metrics(_: click.Context, __: click.Parameter, values: Sequence[str]) -> list[dict[str, Any]]:
    return [_metric(value) for value in values]


def _metric(text: str) -> dict[str, Any]:
    name, *fields = text.split(",")
    if not name or "=" in name:
        raise click.BadParameter(f"{text!r} does not begin with a name; example: {EXAMPLE}")
    found: dict[str, Any] = {"name": name}
    for field in fields:
        key, equals, value = field.partition("=")
        if not equals or key in found:
            what = "appears twice" if equals else "is not FIELD=VALUE"
            raise click.BadParameter(f"{field!r} of {name} {what}; example: {EXAMPLE}")
        if key.startswith(DIMENSION):
            found.setdefault("dimensions", {})[key.removeprefix(DIMENSION)] = value
        elif key in NUMBERS:
            found[key] = _number(key, value)
        elif key in TEXTS:
            found[key] = value
        else:
            raise click.BadParameter(f"{key!r} is not a field of a metric; there are {', '.join(FIELDS)}")
    return found


def _number(what: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise click.BadParameter(f"{what} must be a number, not {text!r}; example: --gate latency:800") from None


def metrics_given(options: Mapping[str, Any], analysis: Any) -> dict[str, Any]:
    """Return `metrics` for a request's `analysis`: those of the options, and the others that it would have.

    Empty without such an option. An option replaces the metric of its name; the rest are those of the `analysis` of a
    request file, or the usual ones.

    Raises
    ------
    UsageError
        When two options name the same metric.
    """
    named = [*options["gates"], *options["metrics"]]
    if not named:
        return {}
    names = [each["name"] for each in named]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise click.UsageError(f"two options name the metric {twice}: give --gate or --metric once for it")
    before = analysis.get("metrics") if isinstance(analysis, Mapping) else None
    usual = before if isinstance(before, list) else _usual()
    kept = [each for each in usual if not (isinstance(each, Mapping) and each.get("name") in names)]
    return {"metrics": [*kept, *named]}


def _usual() -> list[dict[str, Any]]:
    """Return what a request without metrics has, written out."""
    from tidegate.domain.metric import GROSS, PART_OF_GROSS

    return [{"name": "errors"}, {"name": "latency", "min_effect": GROSS, "weight": PART_OF_GROSS}]
