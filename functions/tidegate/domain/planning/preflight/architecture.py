"""architecture: a layer or a binary does not fit the architecture or the runtime of what is released.

Lambda checks neither: CompatibleArchitectures and CompatibleRuntimes of a layer are information only, and a binary of
the other architecture fails when it is started.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from tidegate.domain.planning.preflight.survey import CannotLook, Conclusion, Survey, in_parts
from tidegate.domain.truncation import first_names

READS = ("layers", "package", "image")
USUAL = "x86_64"
"""Lambda's default architecture."""


def architecture(survey: Survey) -> Iterator[Conclusion]:
    """Find layers and binaries for another architecture, and layers for other runtimes."""
    released = survey.state.released
    if released is None:
        return
    wanted = survey.wanted.configuration
    (machine, *_) = released.settings.get("Architectures") or [USUAL]
    runtime = str((wanted and wanted.runtime) or released.settings.get("Runtime") or "")
    code = (partial(_code, fact=fact, machine=machine) for fact in ("package", "image"))
    yield from in_parts("architecture", survey, partial(_layers, machine=machine, runtime=runtime), *code)


def _code(survey: Survey, fact: str, machine: str) -> Iterator[Conclusion]:
    yield from _binaries(f"the {fact}", survey.read(fact) or {}, machine)


def _layers(survey: Survey, machine: str, runtime: str) -> Iterator[Conclusion]:
    layers = survey.read("layers") or ()
    for layer in layers:
        yield from _layer(layer, machine, runtime)
    if unread := [f"{layer['name']}: {layer['unread']}" for layer in layers if layer["unread"]]:
        raise CannotLook("; ".join(unread))


def _layer(layer: Mapping[str, Any], machine: str, runtime: str) -> Iterator[Conclusion]:
    for what, fits, own in (
        ("CompatibleArchitectures", layer["architectures"], machine),
        ("CompatibleRuntimes", layer["runtimes"], runtime),
    ):
        if fits and own and own not in fits:
            yield Conclusion(
                f"layer {layer['name']} has {what} {', '.join(fits)}, but the function has {own}",
                "Lambda does not check it: the layer may fail when the function starts",
                "Use the version of the layer that is built for the function, or let the layer's owner add it",
            )
    yield from _binaries(f"layer {layer['name']}", layer["binaries"], machine)


def _binaries(place: str, binaries: Mapping[str, str], machine: str) -> Iterator[Conclusion]:
    wrong = [f"{path} ({built})" for path, built in binaries.items() if built != machine]
    if wrong:
        yield Conclusion(
            f"{place} has binaries that are not built for {machine}: {first_names(wrong)}",
            "They cannot run there: an extension or a bootstrap then fails every start (Extension.LaunchError, "
            "Runtime.InvalidEntrypoint, exec format error)",
            f"Build them for {machine}, or change the architecture of the function",
        )
