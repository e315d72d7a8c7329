"""The drawing of the state machine shows it as it is, and the way of a release in it."""

from xml.etree import ElementTree

from tests.pages.state_machine_drawing import SPINE, identifier, source, transitions
from tests.reading import states
from tidegate.domain.execution import Passage
from tidegate.report import drawing

AGAIN = "the state machine has changed: run `make diagram`"
SVG = "{http://www.w3.org/2000/svg}"


def groups(of: str) -> dict[str, str]:
    """Give the class of each state's group by its id."""
    return {
        each.get("id", ""): each.get("class", "")
        for each in ElementTree.fromstring(of).iter(f"{SVG}g")
        if each.get("id")
    }


def taken(of: str) -> int:
    return sum("taken" in each.get("class", "") for each in ElementTree.fromstring(of).iter(f"{SVG}g"))


def test_the_drawing_has_every_state_and_no_other() -> None:
    assert sorted(drawing.states()) == sorted(states()), AGAIN
    assert set(groups(drawing.drawing())) == {identifier(name) for name in states()}, AGAIN


def test_the_drawing_has_every_transition_and_no_other() -> None:
    assert drawing.edges() == transitions(), AGAIN


def test_every_state_that_fails_is_known_to() -> None:
    assert {name for name, state in states().items() if state["Type"] == "Fail"} == drawing.ENDS_BADLY


def test_the_source_names_every_state() -> None:
    assert all(f'"{name}"' in source() or f'"cluster_{name}"' in source() for name in states())
    assert set(SPINE) <= set(states())


def test_a_release_marks_where_it_was_and_how_often() -> None:
    way = [
        Passage("Plan", 0),
        Passage("Bake", 1, "Look at logs"),
        Passage("Bake", 2, "What next?"),
        Passage("Compare versions", 3, "Bake", left=False),
    ]
    shown = drawing.with_way(way, running=True)
    marked = groups(shown)
    assert marked["state-Plan"] == "state done task"
    assert marked["state-Bake"] == "state done wait"
    assert marked["state-Compare-versions"] == "state now task"
    assert marked["state-Finish"] == "state task"
    assert ">2\N{MULTIPLICATION SIGN}</text>" in shown
    assert taken(shown) == 3


def test_a_state_that_only_an_error_led_out_of_has_failed() -> None:
    way = [
        Passage("Shift traffic", 0),
        Passage("Roll back", 1, "Shift traffic"),
        Passage("Rolled back", 2, "Rolled back?"),
    ]
    marked = groups(drawing.with_way(way, running=False))
    assert marked["state-Shift-traffic"] == "state fail task"
    assert marked["state-Roll-back"] == "state done task"
    assert marked["state-Rolled-back"] == "state fail end"


def test_without_a_way_the_drawing_stays_as_it_is() -> None:
    plain = drawing.with_way([], running=True)
    assert groups(plain) == groups(drawing.drawing())
    assert taken(plain) == 0
