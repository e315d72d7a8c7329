"""What `tidegate plan` prints: a table for each target, values with their sources, findings, the decision."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegate.domain.foreign_text import one_line, shortened
from tidegate.domain.planning.meetings import HEADER as WHO_MEETS_WHOM
from tidegate.domain.planning.meetings import Meeting
from tidegate.domain.planning.step_table import HEADER, PlannedStay
from tidegate_cli.columns import GAP, columns
from tidegate_cli.command import Shared
from tidegate_cli.terminal import width_of
from tidegate_cli.wrapping import wrapped

if TYPE_CHECKING:
    from tidegate_cli.wanted import Wanted

LONGEST_VALUE, SHORTEST_VALUE = 60, 10
DEFAULTS = (("strategy", "DefaultStrategy", "guarded"), ("alias", "DefaultAlias", "live"))
"""Values of a request that the stack decides where nothing else does: its parameters, and their own defaults."""


class Value(NamedTuple):
    """A value of the request, by its path, and where it came from."""

    path: str
    value: Any
    source: str

    def cells(self, longest: int) -> tuple[str, ...]:
        text = self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)
        return self.path, shortened(one_line(text), longest), self.source


def values(asked: "Wanted", shared: Shared) -> list[Value]:
    """Return the values of a request that somebody set, and those of the stack."""
    parameters = shared.stack.parameters
    targets = {f"{each['function']}:{each['alias']}.": each for each in asked.targets}
    found = [Value(path, _at(path, asked, targets), source) for path, source in asked.origin.items()]
    known = {each.path.rpartition(".")[2] for each in found}
    found += [
        Value(name, parameters.get(parameter) or usual, f"stack ({parameter})")
        for name, parameter, usual in DEFAULTS
        if name not in known and (name == "strategy" or _takes_default(asked, parameters.get(parameter) or usual))
    ]
    return [*_places(shared), *sorted(found, key=lambda each: each.path)]


def _places(shared: Shared) -> Iterator[Value]:
    """Return the stack and its Region; without another source the Region is that of the AWS CLI."""
    yield Value("stack", shared.stack.name, shared.sources.get("stack", "default"))
    yield Value("region", shared.stack.region, shared.sources.get("region", "AWS CLI"))


def _takes_default(asked: "Wanted", alias: str) -> bool:
    return all(each["alias"] == alias for each in asked.targets)


def _at(path: str, asked: "Wanted", targets: Mapping[str, Mapping[str, Any]]) -> Any:
    for prefix, target in targets.items():
        if path.startswith(prefix):
            return target.get(path.removeprefix(prefix))
    name, _, inner = path.partition(".")
    place = {**dict(*asked.targets[:1]), **asked.rest}.get(name)
    return place.get(inner) if inner and isinstance(place, dict) else place


def lines(sentence: str, found: Any, known: Sequence[Value], *, quiet: bool) -> Iterator[str]:
    """Return the lines; without a table (a refusal, an older Tidegate) the sentence is all there is."""
    if quiet or not isinstance(found, dict):
        yield from wrapped(sentence)
        return
    findings = [*found["findings"]]
    for target in found["targets"]:
        yield from wrapped(one_line(f"{target['target']}: {target['traffic']}"))
        yield from _table(target)
        yield ""
        findings += [f"{target['target']}: {each}" for each in target["findings"]]
    if meetings := [Meeting.of(each) for each in found.get("meetings", ())]:
        yield from columns(WHO_MEETS_WHOM, [each.cells for each in meetings])
        yield ""
    if known:
        yield from _sources(known)
        yield ""
    for finding in findings:
        yield from wrapped(f"- {one_line(finding)}", indent=2)
    if findings:
        yield ""
    decision = one_line(found["decision"])
    yield from wrapped(f"A release would {decision}. This was a dry run: nothing was changed.")


def _sources(known: Sequence[Value]) -> Iterator[str]:
    """Yield the table of values; a terminal has them cut, so that where they came from stays on the line."""
    width, longest = width_of(), LONGEST_VALUE
    if width:
        others = max(len(each.path) for each in known) + max(len(each.source) for each in known) + 2 * len(GAP)
        longest = max(SHORTEST_VALUE, min(longest, width - others - len("… ")))
    yield from columns(("VALUE", "", "FROM"), [each.cells(longest) for each in known])


def _table(target: Mapping[str, Any]) -> Iterator[str]:
    stays = [PlannedStay(**{name: row[name] for name in PlannedStay.__slots__}) for row in target["steps"]]
    if stays:
        yield from columns(HEADER, [each.cells for each in stays])
