"""moving-parts: what may change during the release by itself, or stays still when it should not.

Lambda guide, "How Lambda manages runtime version updates": each version has its own mode. In the mode Auto, the usual
one, Lambda updates the runtime of published versions too; both versions in that mode are not worth a warning.
"""

from collections.abc import Iterator

from tidegate.domain.planning.preflight.survey import Conclusion, Survey, in_parts
from tidegate.domain.request.limits import matches

READS = ("runtime-modes", "silent-metrics")
DEFAULT_GROUPS = "/aws/lambda/"
SHOWN = 12
"""Characters of the id of a runtime version, which has 64."""


def moving_parts(survey: Survey) -> Iterator[Conclusion]:
    """Find runtimes that differ or are updated under one version only, alarms that cannot warn, and unreadable logs."""
    yield from in_parts("moving-parts", survey, _alarms, _log, _runtimes)


def _alarms(survey: Survey) -> Iterator[Conclusion]:
    silent = survey.read("silent-metrics") or ()
    for alarm in survey.alarms:
        if faults := alarm.faults(silent):
            yield Conclusion(
                f"alarm {alarm.name} {', and '.join(faults)}",
                "An alarm that does not work guards no release; one on a metric that is written for failures alone has "
                "no data while all is well",
                f"aws cloudwatch describe-alarms --alarm-names {alarm.name} shows its namespace, metric, dimensions "
                "and actions",
            )


def _log(survey: Survey) -> Iterator[Conclusion]:
    changed = survey.wanted.configuration and survey.wanted.configuration.logging_config
    settings = survey.state.released.settings if survey.state.released else {}
    group = (changed and changed.log_group) or (settings.get("LoggingConfig") or {}).get("LogGroup")
    function = str(group or DEFAULT_GROUPS).removeprefix(DEFAULT_GROUPS)
    if group and not (group.startswith(DEFAULT_GROUPS) and matches(function, [survey.pattern])):
        yield Conclusion(
            f"it logs to {group}, which Tidegate may not read",
            "A verdict that fails the version cannot name its errors",
            f"Let it log to {DEFAULT_GROUPS}{survey.wanted.function}, or look into {group} yourself",
        )


def _runtimes(survey: Survey) -> Iterator[Conclusion]:
    stable, released, alias = survey.state.stable, survey.state.released, survey.state.alias
    if stable is None or released is None or alias is None or not survey.stepwise:
        return
    if stable.settings.get("Runtime") != released.settings.get("Runtime"):
        return
    old, new = map(short_id, survey.state.runtimes)
    modes = survey.read("runtime-modes") or ("", "")
    named = f"--function-name {survey.wanted.function} --qualifier {alias.version}"
    if old and new and old != new:
        yield Conclusion(
            f"version {alias.version} runs on the runtime version {old}, the version to release on {new}",
            "The comparison is also one between two patches of the runtime",
            f"aws lambda get-runtime-management-config {named} shows why; if a version fails, consider both",
        )
    if modes[0] != modes[1]:
        yield Conclusion(
            f"Lambda updates the runtime of version {alias.version} in the mode {modes[0]}, that of the version to "
            f"release in the mode {modes[1]}",
            "The runtime may change under one of both versions during the release",
            f"aws lambda put-runtime-management-config {named} --update-runtime-on {modes[1]}",
        )


def short_id(arn: str) -> str:
    """Return the first characters of the id of a runtime version."""
    return arn.rpartition(":")[2][:SHOWN]
