"""From functions, options and a file to the request of a release. Mistakes are found before AWS is called."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from tidegate.domain.function_name import FunctionName
from tidegate.domain.request.selection import selection_of
from tidegate_cli.command import Shared
from tidegate_cli.function_names import named
from tidegate_cli.hints import as_options, unchanged
from tidegate_cli.layers import Laid, Layer, laid
from tidegate_cli.metric_options import metrics_given
from tidegate_cli.offline import problems
from tidegate_cli.request import (
    analysis_given,
    check_named,
    distinct,
    listed_targets,
    read_request,
    strategy_given,
    with_targets,
)
from tidegate_cli.targets import target_of

if TYPE_CHECKING:
    from tidegate_cli.project import Project

OPTION, FILE, CI = "option", "request", "CI"
AT_ONCE = "all-at-once"


@dataclass(frozen=True)
class Wanted:
    """A request with plain names and aliases: `targets`, and `rest` for all of them together.

    A request that selects its functions by tag or stack has no targets: only an execution can find them.
    `origin` has the source of each value by its path; with several targets, `FUNCTION:ALIAS.` precedes those of one.
    `reword` writes hints of Plan as the caller wrote the request.
    """

    targets: Sequence[dict[str, Any]]
    rest: Mapping[str, Any]
    origin: Mapping[str, str]
    reword: Callable[[str], str]

    @property
    def request(self) -> dict[str, Any]:
        return with_targets(self.targets, self.rest)


def wanted(
    shared: Shared, functions: Sequence[FunctionName], file: BinaryIO | None, options: Mapping[str, Any]
) -> Wanted:
    """Read what the caller wants.

    Raises
    ------
    UsageError
        When options contradict each other, or the request is invalid; nothing has been asked of AWS by then.
    Stop
        When a function is of another account or Region.
    """
    context = click.get_current_context()
    if fleet := options.get("fleet"):
        functions = _fleet(shared, fleet, functions, file)
    if bool(functions) == (file is not None):
        raise click.UsageError(f"give a FUNCTION or a --request; example: tidegate {context.info_name} checkout")
    content = read_request(file) if file is not None else {}
    if selection_of(content):
        _check_selecting(options)
    reword = unchanged if content else as_options(context.command.params)
    fields = _options(options)
    check_named(functions, options["alias"])
    asked = asked_for(functions, content, fields, shared.project, metrics=partial(metrics_given, options))
    if found := asked.problems():
        raise click.UsageError("\n".join(map(reword, found)))
    shared.check_place(each.name for each, _ in asked.targets)
    return placed(shared, asked, reword)


def _check_selecting(options: Mapping[str, Any]) -> None:
    """Refuse options for functions whose names the command must know; raises UsageError."""
    for name in ("publish_sha", "wait_for_lock"):
        if options[name]:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} needs functions by name, but this request selects them: omit {option}")


def _fleet(
    shared: Shared, fleet: str, functions: Sequence[FunctionName], file: BinaryIO | None
) -> Sequence[FunctionName]:
    """Return the functions of a fleet of the project file; raises UsageError."""
    if functions or file is not None:
        raise click.UsageError("--fleet names the functions: give no FUNCTION and no --request with it")
    if shared.project is None:
        raise click.UsageError("--fleet needs a project file, tidegate.yaml, with that fleet")
    return [named(each) for each in shared.project.fleet(fleet)]


def placed(shared: Shared, asked: "Asked", reword: Callable[[str], str] = unchanged) -> Wanted:
    """Complete what is asked for with the aliases of the stack; raises Stop like `target_of`."""
    targets = [_placed(shared, one, name) for name, one in asked.targets]
    return Wanted(distinct(targets), asked.rest.values, {**asked.rest.origin, **_origins(asked, targets)}, reword)


@dataclass(frozen=True)
class Asked:
    """What is asked for, before the stack is known: each function with all its values, and those of all together."""

    targets: Sequence[tuple[FunctionName, Laid]]
    rest: Laid

    def problems(self) -> list[str]:
        return problems(with_targets([_named(one, name) for name, one in self.targets], self.rest.values))


def asked_for(
    functions: Sequence[FunctionName],
    content: Mapping[str, Any],
    options: Mapping[str, Any],
    project: "Project | None",
    *,
    hasty: bool = False,
    metrics: Callable[[Any], Mapping[str, Any]] = lambda _: {},
) -> Asked:
    """Merge CI's labels, the project file, the request and the options, the last with the highest priority.

    `hasty` omits what the project file has the release wait for. `metrics` returns those that options name, beside
    those of an `analysis`.

    Raises
    ------
    UsageError
        When the content of a request is invalid, or when functions that are released together have different values
        of a field that a release has once.
    """
    if found := problems(content) if content else []:
        raise click.UsageError("\n".join(found))
    # What is always waited for is not waited for in an emergency, or on the way back.
    hasty = options.get("labels", {}).get("emergency") or hasty

    def merged(name: str, own: Sequence[Layer]) -> Laid:
        layers = project.layers(name) if project else []
        below = [_unasked(each) for each in layers] if hasty else layers
        if options.get("strategy") == AT_ONCE:  # there is no step at which some users could be ahead of others
            below = [each.without("routing") for each in below]
        layers = [*_from_ci(), *below, *own]
        analysis = {**options.get("analysis", {}), **metrics(laid(layers).values.get("analysis"))}
        given = {**options, "analysis": analysis} if analysis else dict(options)
        if laid(layers).values.get("routing"):
            given.pop("routing", None)  # it says the same, and perhaps more: which users, and whose logs
        return laid([*layers, Layer(OPTION, given)])

    if selection_of(content):  # what the project file has for all functions
        return Asked([], merged("", [Layer(FILE, content)]))
    targets = [(name, merged(name.name, own)) for name, own in _asked(functions, content)]
    return Asked(targets, _together([one for _, one in targets]))


def _unasked(layer: Layer) -> Layer:
    """Return a layer without what asks people or functions of the user's, whose answer may refuse the release."""
    probe = layer.fields.get("probe")
    asks = isinstance(probe, Mapping) and probe.get("kind") == "function"
    return layer.without("approvals", "hooks", *(["probe"] if asks else []))


def _asked(functions: Sequence[FunctionName], content: Mapping[str, Any]) -> Iterator[tuple[FunctionName, list[Layer]]]:
    """Return each function with what the request says about it and about all."""
    yield from ((each, []) for each in functions)
    whole = {name: value for name, value in content.items() if name != "targets"}
    for target in listed_targets(content):
        rest = {} if target is content else whole
        fields = {name: value for name, value in target.items() if name != "function"}
        yield named(target["function"]), [Layer(FILE, {**rest, **fields})]


def _from_ci() -> Iterator[Layer]:
    from tidegate_cli.ci import labels_of_run

    if labels := labels_of_run():
        yield Layer(CI, {"labels": labels})


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that options set."""
    strategy = strategy_given(options["strategy"], options["steps"], options["every"])
    if options["emergency"] and (strategy or options["routing"]):
        raise click.UsageError("--emergency shifts all traffic at once; omit --strategy, --steps and --routing")
    found = {
        "alias": options["alias"],
        "version": None if options["version"] == "publish" else options["version"],
        "create_alias": options["create_alias"] or None,
        "again": options["again"] or None,
        "strategy": AT_ONCE if options["emergency"] else strategy,
        "routing": options["routing"],
        "on_conflict": options["on_conflict"],
        "analysis": analysis_given(options),
        "labels": {**options["labels"], **({"emergency": options["emergency"]} if options["emergency"] else {})}
        or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _of_target() -> frozenset[str]:
    from tidegate.domain.request.models import TargetRequest

    return frozenset(TargetRequest.model_fields)


def _together(each: Sequence[Laid]) -> Laid:
    """Return the fields of all targets together, which must be equal; different labels are joined.

    Raises
    ------
    UsageError
        When two targets have different ones.
    """
    own = _of_target()
    whole = [{name: value for name, value in one.values.items() if name not in own} for one in each]
    labels = [one.pop("labels", {}) for one in whole]
    different = {name for one in whole for name in {*one, *whole[0]} if one.get(name) != whole[0].get(name)}
    if different:
        raise click.UsageError(
            f"these functions have different values of {', '.join(sorted(different))}, which a release has once for "
            "all its functions: release them one by one, or set an option"
        )
    origin = {path: at for one in each for path, at in one.origin.items() if path.partition(".")[0] not in own}
    joined = {name: ", ".join(_distinct_texts(labels, name)) for one in labels for name in one}
    return Laid({**whole[0], **({"labels": joined} if joined else {})}, origin)


def _distinct_texts(labels: Sequence[Any], name: str) -> list[str]:
    return list(dict.fromkeys(str(one[name]) for one in labels if name in one))


def _named(one: Laid, function: FunctionName) -> dict[str, Any]:
    """Return a target before the stack is known: it may lack its alias."""
    own = {name: value for name, value in one.values.items() if name in _of_target()}
    alias = {"alias": function.alias} if function.alias else {}
    return {**own, "function": function.name, **alias}


def _placed(shared: Shared, one: Laid, function: FunctionName) -> dict[str, Any]:
    name, alias = target_of(shared, function, one.values.get("alias"))
    return {**_named(one, function), "function": name, "alias": alias}


def _origins(asked: Asked, targets: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    own = _of_target()
    found: dict[str, str] = {}
    for (_, one), target in zip(asked.targets, targets, strict=True):
        before = f"{target['function']}:{target['alias']}." if len(targets) > 1 else ""
        found |= {f"{before}{path}": source for path, source in one.origin.items() if path.partition(".")[0] in own}
    return found
