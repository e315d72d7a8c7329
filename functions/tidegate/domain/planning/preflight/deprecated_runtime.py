"""deprecated-runtime: AWS deprecates the runtime of what is released, or has deprecated it.

The dates are those of the Lambda guide, "Lambda runtimes"; a test compares them with the data of cfn-lint.
"""

from collections.abc import Iterator

from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.schedule import DAY, format_time

DEPRECATED = {
    "dotnet10": "2028-11-14", "dotnet6": "2024-12-20", "dotnet8": "2026-11-10", "dotnetcore3.1": "2023-04-03",
    "go1.x": "2024-01-08", "java11": "2027-06-30", "java17": "2027-06-30", "java21": "2029-06-30",
    "java25": "2029-06-30", "java8": "2024-01-08", "java8.al2": "2027-06-30", "nodejs12.x": "2023-03-31",
    "nodejs14.x": "2023-12-04", "nodejs16.x": "2024-06-12", "nodejs18.x": "2025-09-01", "nodejs20.x": "2026-04-30",
    "nodejs22.x": "2027-04-30", "nodejs24.x": "2028-04-30", "provided": "2024-01-08", "provided.al2": "2026-07-31",
    "provided.al2023": "2029-06-30", "python3.10": "2026-10-31", "python3.11": "2027-06-30",
    "python3.12": "2028-10-31", "python3.13": "2029-06-30", "python3.14": "2029-06-30", "python3.6": "2022-07-18",
    "python3.7": "2023-12-04", "python3.8": "2024-10-14", "python3.9": "2025-12-15", "ruby2.7": "2023-12-07",
    "ruby3.2": "2026-03-31", "ruby3.3": "2027-03-31", "ruby3.4": "2028-03-31",
    "ruby4.0": "2029-03-31",
}  # fmt: skip
"""Days from which a runtime receives no more patches."""

AHEAD = 90 * DAY
"""How long before that day the warning begins."""


def deprecated_runtime(survey: Survey) -> Iterator[Conclusion]:
    """Find a runtime that AWS deprecates within 90 days, or has deprecated."""
    wanted, released = survey.wanted.configuration, survey.state.released
    runtime = (wanted and wanted.runtime) or (released and released.settings.get("Runtime"))
    day = DEPRECATED.get(str(runtime))
    if day is None or format_time(survey.now + AHEAD)[:10] < day:
        return
    past = format_time(survey.now)[:10] >= day
    yield Conclusion(
        f"the runtime {runtime} {'is deprecated since' if past else 'will be deprecated on'} {day}",
        "A deprecated runtime receives no security patches, and later Lambda refuses updates of the function",
        "Move to a newer runtime in a separate release",
    )
