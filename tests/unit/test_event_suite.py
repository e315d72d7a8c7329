"""What `make events` draws, and what it would call a violation."""

from tests.starting.draw import ROWS, Names, Scenario, Sent, draw
from tests.starting.outcome import Release, outcome_of, strays
from tests.starting.run import Gathered
from tests.starting.trouble import KINDS

NAMES = Names(("shop-a", "shop-b"), "shop-c")
DRAWN = [draw(1, number, NAMES) for number in range(1000)]


def test_every_kind_of_event_and_of_trouble_is_drawn() -> None:
    assert {scenario.row for scenario in DRAWN} == set(ROWS)
    assert {scenario.trouble.kind for scenario in DRAWN if scenario.trouble} == set(KINDS)


def test_a_seed_draws_the_same_events_again() -> None:
    assert [draw(1, number, NAMES) for number in range(50)] == DRAWN[:50]


def test_no_request_is_for_a_release_in_earnest() -> None:
    asked = [sent for scenario in DRAWN for sent in scenario.sent if sent.kind == "Release Requested"]
    assert len(asked) > 10
    assert all(sent.detail["dry_run"] is True for sent in asked)


def looked_at(gathered: Gathered, may: str = "released", releases: int = 1) -> tuple[str, ...]:
    scenario = Scenario(0, "request", "e1n0000z", (), frozenset({may}), releases, None)
    sent = Sent("Release Requested", {"function": "shop-a", "key": "k"})
    gathered.events = {"one": (scenario, sent), "two": (scenario, sent)}
    return outcome_of(scenario, gathered, struck=False).violations


def released(*names: str) -> Gathered:
    return Gathered(releases={name: Release(name, {"function": "shop-a"}) for name in names})


def test_two_events_of_one_key_are_one_release() -> None:
    assert looked_at(released("shop-a-k")) == ()


def test_an_event_that_became_nothing_is_lost() -> None:
    assert [each.partition(", and ")[2] for each in looked_at(Gathered())[:2]] == ["is lost: []"] * 2


def test_a_second_release_of_an_event_is_told() -> None:
    assert "more than one release: shop-a-k, shop-a-live-k" in looked_at(released("shop-a-k", "shop-a-live-k"))[0]


def test_a_release_that_is_also_refused_is_told() -> None:
    gathered = released("shop-a-k")
    gathered.refusals = {"one": ["InvalidRequest: the function has no such alias"]}
    assert "one is a release and refused" in looked_at(gathered)[0]


def test_an_event_that_had_to_be_refused_and_was_released_is_told() -> None:
    assert "had to be refused, and is released" in looked_at(released("shop-a-k"), may="refused", releases=0)[0]


def test_a_release_that_no_event_asked_for_is_told() -> None:
    assert strays(released("shop-a-k", "other-k"), [], ("shop-a",)) == ["shop-a-k"]
