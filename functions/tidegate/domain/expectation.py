"""The traffic that a plan expects, in a sentence: steps that little traffic makes long, or idle targets."""

from tidegate.domain.alias import percent
from tidegate.domain.plan import IDLE, ReleasePlan
from tidegate.domain.planning.step_table import IN_WORDS
from tidegate.domain.schedule import MINUTE, readable_duration
from tidegate.domain.truncation import first_names

AT_IDLE = {
    "promote": "released after its steps without a comparison",
    "hold": "held until somebody decides",
    "refuse": "refused",
}
MOST_WEIGHTS = 4


def idle_targets(plan: ReleasePlan) -> str:
    """Say which targets are idle, and what happens then; empty if there are none."""
    idle = [target.name for target in plan.targets if target.idle]
    if not idle:
        return ""
    are = "is" if len(idle) == 1 else "are"
    return (
        f"{first_names(idle)} {are} idle (fewer than {IDLE} calls of the new version are expected over the whole "
        f"schedule): {AT_IDLE[plan.on_idle]} (on_idle: {plan.on_idle})"
    )


def expectation(plan: ReleasePlan) -> str:
    """Describe the likely duration and holds with little traffic; empty if all is as scheduled."""
    if not plan.likely_minutes:
        return ""
    takes = f"little traffic: its steps likely take {readable_duration(plan.likely_minutes * MINUTE)}"
    if not plan.likely_undecided:
        return takes
    weights = first_names([percent(weight / 100) for weight in plan.likely_undecided], MOST_WEIGHTS)
    held = plan.on_inconclusive == "hold"
    return f"{takes}{' besides holds' if held else ''}, {IN_WORDS[plan.on_inconclusive]} at {weights}"
