"""The widget of the dashboard on running releases: what CloudWatch sends it is shown, or carried out."""

import json
from typing import Any

import pytest

from localcloud.faults import Effect, Fault
from tests.fakes.widget_host import Parsed, shown_event
from tests.workflow.people import baking, held_for
from tests.workflow.releases import Release, eventually
from tests.workflow.world import World

SCRIPT = "<script>alert(1)</script>"
FORM = {"by": "ana", "reason": "orders are missing"}


def display(world: World, event: Any) -> str:
    """Have CloudWatch ask, which names the function without a version."""
    answer = world.cloud.client("lambda").invoke(
        FunctionName=world.stack.resources["WidgetFunction"], Payload=json.dumps(event).encode()
    )
    shown = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, shown
    return str(shown)


def press(world: World, release: Release, label: str, **form: str) -> str:
    """Press a button as a person would: on what is shown, and confirmed; give the text that follows."""
    buttons = Parsed(display(world, shown_event(release=release.name))).buttons
    (button,) = (each for name, each in buttons.items() if name.startswith(label))
    assert button.action["confirmation"]
    assert str(button.action["endpoint"]).endswith(world.stack.resources["WidgetFunction"])
    return Parsed(display(world, shown_event(form=form, **button.event))).text


def decisions(world: World, release: Release) -> list[dict[str, Any]]:
    return [item for item in world.ledger(f"decisions#{release.name}") if item.get("kind") == "decided"]


def test_a_release_is_held_promoted_and_aborted_from_the_dashboard(world: World) -> None:
    assert "No release is running." in Parsed(display(world, shown_event())).text
    release = baking(world, labels={"note": SCRIPT})
    shown = display(world, shown_event(theme="dark"))
    assert f"{release.target.full_name}" in Parsed(shown).text
    assert "<script" not in shown
    assert f"{release.name} is held by ana (on the dashboard, unverified) (lunch)." in press(
        world, release, "Hold", by="ana", reason="lunch"
    )
    held_for(release, "; held: held by ana (on the dashboard, unverified) (lunch), until ")
    assert "is promoted to 50 % by somebody (on the dashboard, unverified)" in press(world, release, "Promote")
    eventually(lambda: release.target.state == ("1", {"2": 0.5}), "half of the traffic")
    assert "reason: is missing: give a reason" in press(world, release, "Abort", by="ana")
    eventually(lambda: "is aborted by" in press(world, release, "Abort", **FORM), "taken")
    assert release.wait().error == "Aborted"
    assert "ana (on the dashboard, unverified) aborted it" in release.cause
    told = [(item["decision"], item["via"]) for item in decisions(world, release)]
    assert told[:2] == [("hold", "dashboard"), ("promote", "dashboard")]
    late = Parsed(display(world, shown_event(release=release.name, decision="promote", form=FORM)))
    assert f"Too late: release {release.name} is over (rolled-back)." in late.text
    assert "Hold" not in late.buttons


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        (
            {"release": "of-another-stack", "decision": "abort", "form": FORM},
            "The ledger has no release of-another-stack.",
        ),
        ({"release": SCRIPT, "decision": "abort"}, f"Not a valid release name: {SCRIPT}"),
        ({"release": "of-another-stack", "decision": SCRIPT}, "decision: "),
        ({"release": "of-another-stack", "decision": "promote", "to": "<b>"}, "to: "),
        ({"release": "of-another-stack", "decision": "hold", "form": {"by": "a\nb"}}, "by: must be a non-empty text"),
        ({"release": "of-another-stack"}, "The ledger has no release of-another-stack."),
        ({"params": {"release": "x", "decision": "abort"}}, "must not decide when it is displayed"),
    ],
)
def test_what_cannot_be_done_is_answered_plainly(event: dict[str, Any], answer: str, world: World) -> None:
    shown = display(world, shown_event(**event))
    assert answer.lower() in Parsed(shown).text.lower()
    assert "<script" not in shown


def test_what_aws_does_not_tell_or_carry_out_is_said_and_the_rest_is_there(world: World) -> None:
    release = baking(world)
    history = Fault("stepfunctions", "GetExecutionHistory", Effect.FAIL, role="WidgetFunction", times=None)
    decide = Fault("lambda", "Invoke", Effect.THROTTLE, role="WidgetFunction", times=None)
    added = [world.cloud.faults.add(fault) for fault in (history, decide)]
    try:
        assert (
            "The path through the state machine could not be read"
            in Parsed(display(world, shown_event(release=release.name))).text
        )
        shown = Parsed(display(world, shown_event(release=release.name, decision="hold", form=FORM)))
        assert "It is unknown whether that was decided" in shown.text
        assert {"Hold", "Abort"} < set(shown.buttons)
    finally:
        for each in added:
            world.cloud.faults.remove(each)
    assert decisions(world, release) == []


def test_it_describes_itself(world: World) -> None:
    assert "### Widget parameters" in display(world, {"describe": True})
