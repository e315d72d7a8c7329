"""managed-instances: somebody calls the unqualified function of a function on Lambda Managed Instances.

Such a call runs `$LATEST.PUBLISHED`, a version that is published apart from the numbered ones (Lambda guide,
"$LATEST.PUBLISHED version in Lambda Managed Instances").
"""

from collections.abc import Iterator

from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.planning.preflight.unqualified_callers import found_callers

WHY = (
    "On Lambda Managed Instances they run $LATEST.PUBLISHED, which a release neither publishes nor moves: they stay on "
    "its code, whatever is released"
)


def managed_instances(survey: Survey) -> Iterator[Conclusion]:
    """Find calls of the unqualified function on Lambda Managed Instances, which never get the new version."""
    if survey.state.managed:
        yield from found_callers(survey, "managed-instances", WHY)
