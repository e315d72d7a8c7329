"""code-and-configuration: $LATEST has both another code and another configuration than the version that serves."""

from collections.abc import Iterator

from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.truncation import first_names
from tidegate.domain.version import Content, unknown_in

MOST_FIELDS = 8


def code_and_configuration(survey: Survey) -> Iterator[Conclusion]:
    """Find changes of both code and configuration since the version that serves.

    Settings are compared by name; values, for example of the environment, are never shown. It finds nothing if the
    unqualified function was not called in the last day.
    """
    latest, stable, alias = survey.state.latest, survey.state.stable, survey.state.alias
    if survey.wanted.version or latest is None or stable is None or alias is None:
        return
    counted = survey.known("unqualified-calls")
    if counted and not counted["unqualified"]:
        return
    changes = survey.wanted.changes
    fields = differing(latest, stable)
    if (latest.code_sha256 == stable.code_sha256 and "code" not in changes) or not (
        fields or "configuration" in changes
    ):
        return
    function = survey.wanted.function
    named = first_names(fields, MOST_FIELDS) or "what the request changes"
    yield Conclusion(
        f"both the code and the configuration ({named}) change from version {alias.version}",
        f"Lambda updates them by two calls, so callers of the unqualified function or of {function}:$LATEST "
        "meet the one without the other; callers of the alias do not",
        f"Let every caller use {survey.target}; to list the callers: tidegate plan {function}, with the stack's "
        "parameter Preflight: full",
    )


def differing(one: Content, other: Content) -> list[str]:
    """Return the names of the settings that differ; of the environment also the names of its variables.

    A setting that Lambda does not show (an environment under a key that Tidegate may not use) counts as equal.
    """
    unknown = {*unknown_in(one.settings), *unknown_in(other.settings)}
    names = sorted({*one.settings, *other.settings} - unknown)
    return [_shown(name, one, other) for name in names if one.settings.get(name) != other.settings.get(name)]


def _shown(name: str, one: Content, other: Content) -> str:
    if name != "Environment":
        return name
    old, new = (dict((each.settings.get(name) or {}).get("Variables") or {}) for each in (other, one))
    changed = sorted(variable for variable in {*old, *new} if old.get(variable) != new.get(variable))
    return f"Environment: {first_names(changed)}" if changed else name
