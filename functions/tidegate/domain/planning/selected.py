"""Of the functions that a request selects, those to release: what changed, in the waves of their tags."""

from typing import Any

from tidegate.domain.errors import InvalidRequest
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.contracts import unmet_requirements
from tidegate.domain.request.models import MOST_TARGETS, Request, TargetRequest
from tidegate.domain.request.rules import too_long
from tidegate.domain.request.selection import selection_of
from tidegate.domain.request.wording import line
from tidegate.domain.truncation import first_names
from tidegate.domain.version import same

Found = tuple[TargetRequest, Inspected]


def changed(raw: Any, request: Request, states: list[Inspected]) -> tuple[Request, list[Inspected], tuple[str, ...]]:
    """Return the request with the functions to release, their states, and which others are skipped and why.

    `raw` is the request as written. One that names its functions stays as it is.

    Skipped are functions without the alias, and those whose $LATEST is what the alias serves.

    Raises
    ------
    InvalidRequest
        When none is left, a tag has no wave, or the waves break a rule of the request.
    """
    selection = selection_of(raw)
    if selection is None:
        return request, states, ()
    kept, skipped = list[Found](), list[str]()
    for target, state in zip(request.targets, states, strict=True):
        why = _why_not(target, state)
        if why:
            skipped.append(f"{target.function} ({why})")
        else:
            kept.append((target, state))
    if not kept:
        example = '"function": "checkout"'
        problem = f"{selection.field}: {selection} has nothing to release: {first_names(skipped)}; example: {example}"
        raise InvalidRequest([problem])
    wanted = tuple(_in_wave(target, state, request.wave_tag) for target, state in kept)
    selected = request.model_copy(update={"targets": wanted})
    if broken := [*too_long(selected), *unmet_requirements(selected)]:
        raise InvalidRequest([line(problem, short_form=True) for problem in broken])
    return selected, [state for _, state in kept], tuple(skipped)


def _why_not(target: TargetRequest, state: Inspected) -> str:
    """Say why a function is not released; empty if it is."""
    if state.alias is None and not target.create_alias:
        return f"no alias {target.alias}"
    latest, stable = state.latest, state.stable
    if target.changes or latest is None or stable is None or latest.code_sha256 != stable.code_sha256:
        return ""
    return "unchanged" if same(latest.settings, stable.settings) else ""


def _in_wave(target: TargetRequest, state: Inspected, tag: str | None) -> TargetRequest:
    wave = state.tags.get(tag, "1") if tag else "1"
    if not (wave.isascii() and wave.isdigit() and 1 <= int(wave) <= MOST_TARGETS):
        problem = f"wave_tag: the tag {tag} of {target.function} is {wave!r:.40}, not a wave from 1 to {MOST_TARGETS}"
        raise InvalidRequest([f'{problem}; example: "wave_tag": "wave"'])
    return target.model_copy(update={"wave": int(wave)})
