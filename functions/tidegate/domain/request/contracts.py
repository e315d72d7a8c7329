"""What a target requires of other targets, and the order of waves in which that is always so."""

from collections.abc import Iterator, Mapping, Sequence

from tidegate.domain.request.models import Request, TargetRequest
from tidegate.domain.request.problems import Problem
from tidegate.domain.truncation import first_sentences

GUIDE = "docs/contracts.md"
EXAMPLE = (
    '"targets": [{"function": "consumer", "wave": 1}, '
    '{"function": "producer", "wave": 2, "requires": {"consumer": ">= this release"}}]'
)


def named(name: str, targets: Sequence[TargetRequest]) -> list[int]:
    """Return the indexes of the targets that a name means: every alias of a function, or FUNCTION:ALIAS."""
    return [index for index, each in enumerate(targets) if name in (each.function, f"{each.function}:{each.alias}")]


def unmet_requirements(request: Request) -> Iterator[Problem]:
    """Find targets whose new version could meet an older version than it requires.

    It cannot if the required target is in an earlier wave, which is promoted before the next one begins.
    """
    targets = request.targets
    needs = {
        index: [other for name in each.requires for other in named(name, targets)]
        for index, each in enumerate(targets)
        if each.requires
    }
    ordered = request.waves == "sequential" and bool(request.strategy.steps)
    for index, each in enumerate(targets):
        for name in each.requires:
            found, location = named(name, targets), ("targets", index, "requires", name)
            if not found:
                text = (
                    f"{name} is not a target of this release, so its version is older: add it in an earlier wave, or "
                    "release it first and omit this"
                )
                yield Problem(location, text, EXAMPLE)
            elif not ordered or any(targets[other].wave >= each.wave for other in found):
                yield Problem(location, f"{_met(name, each, request)}. {_way_out(request, needs)}", EXAMPLE)


def _met(name: str, target: TargetRequest, request: Request) -> str:
    if not request.strategy.steps:
        why = f"{request.strategy.name} moves all waves within seconds"
    elif request.waves != "sequential":
        why = "lockstep splits the traffic of all waves at the same time"
    else:
        why = f"{name} is not in an earlier wave than {target.function} (wave {target.wave})"
    return f"the new version of {target.function} could meet the old version of {name}: {why}"


def _way_out(request: Request, needs: Mapping[int, Sequence[int]]) -> str:
    waves = order(request, needs)
    if waves is None:
        return f"They require each other, so no order avoids that: expand first, contract later ({GUIDE})"
    involved = sorted({*needs, *(other for others in needs.values() for other in others)}, key=lambda i: waves[i])
    listed = first_sentences([f'"{request.targets[index].function}": {waves[index]}' for index in involved], 10, ", ")
    steps = "" if request.strategy.steps else " and a strategy with steps"
    return f'This order avoids it, with "waves": "sequential"{steps}: wave of {listed}'


def order(request: Request, needs: Mapping[int, Sequence[int]]) -> dict[int, int] | None:
    """Return the lowest waves, from the given ones on, that satisfy every requirement; None if there are none."""
    waves = {index: each.wave for index, each in enumerate(request.targets)}
    for _ in range(len(waves) + 1):
        raised = {
            index: max([wave, *(waves[other] + 1 for other in needs.get(index, ()))]) for index, wave in waves.items()
        }
        if raised == waves:
            return waves
        waves = raised
    return None
