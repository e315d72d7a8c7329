"""no-traffic: almost no calls of the new version are expected, so nothing can be compared."""

from collections.abc import Iterator

from tidegate.domain.expectation import AT_IDLE
from tidegate.domain.plan import IDLE
from tidegate.domain.planning.preflight.survey import Conclusion, Survey


def no_traffic(survey: Survey) -> Iterator[Conclusion]:
    """Find an idle target: fewer than ten calls of the new version are expected over the whole schedule."""
    if any(target.idle for target in survey.plan.targets if target.name == survey.target):
        other = "promote" if survey.plan.on_idle == "hold" else "hold"
        yield Conclusion(
            f"it is idle: fewer than {IDLE} calls of the new version are expected over the whole schedule",
            f"So it is {AT_IDLE[survey.plan.on_idle]} (on_idle: {survey.plan.on_idle})",
            "Release it when there are calls, or choose what happens without; example: "
            f'"analysis": {{"on_idle": "{other}"}}',
        )
