"""Who meets the canary, and that whatever fails, calls go to stable."""

import threading
from contextvars import copy_context

import pytest

from tests.unit.routing_calls import item, keys, place, router
from tidegate_route import Document, Incoming, incoming, lines, position, pseudonym


@pytest.fixture(autouse=True)
def no_warning_was_written() -> None:
    lines._warn.cache_clear()


def test_a_user_meets_the_canary_below_the_percentage_and_not_at_it() -> None:
    own = position("rel-1", pseudonym("u-1")) / 100
    assert place("u-1", router({"orders": item(own)})).qualifier == "live"
    found = place("u-1", router({"orders": item(own + 0.01)}))
    assert (found.qualifier, found.why) == ("live-canary", f"position {own:.2f} is below {own + 0.01:g} %")


@pytest.mark.parametrize("percent", [0.01, 0.07, 0.29, 1.15, 57, 99.99])
def test_the_last_position_below_a_percentage_is_in_and_the_next_is_out(percent: float) -> None:
    def key_at(wanted: int) -> str:
        return next(key for number in range(10**6) if position("s", key := f"{number:016x}") == wanted)

    document = Document.parse(item(percent, salt="s"))
    below = round(percent * 100)
    assert document.place(key_at(below - 1))[0] == "canary"
    assert document.place(key_at(below))[0] == "stable"


def test_always_comes_first_and_never_before_the_percentage() -> None:
    document = {"orders": item(0, always=keys("ana"), never=keys("ana"))}
    assert place("ana", router(document)).why == "in always"
    assert place("bob", router(document)).channel == "stable"
    assert place("bob", router({"orders": item(100, never=keys("bob"))})).why == "in never"


@pytest.mark.parametrize("user", [None, ""])
def test_without_a_user_calls_go_to_stable(user: str) -> None:
    found = place(user, router({"orders": item(100)}))
    assert (found.qualifier, found.why) == ("live", "no user")


def test_outside_a_request_calls_go_to_stable() -> None:
    made = router()
    assert made.qualifier("orders") == "live"
    assert made.headers("orders") == {}
    assert made.answer() == {}


def test_functions_with_one_salt_share_their_users() -> None:
    made = router({"orders": item(30, salt="cohort"), "billing": item(30, salt="cohort")})
    for number in range(200):
        with made.serving(f"u-{number}"):
            assert made.qualifier("orders") == made.qualifier("billing")


def test_a_thread_knows_the_request_in_a_copy_of_its_context() -> None:
    made = router()
    found: list[str] = []
    with made.serving("ana"):
        copied = threading.Thread(target=copy_context().run, args=(lambda: found.append(made.qualifier("orders")),))
        copied.start()
        copied.join()
        bare = threading.Thread(target=lambda: found.append(made.qualifier("orders")))
        bare.start()
        bare.join()
    assert found == ["live-canary", "live"]


def test_a_vendor_decides_what_the_percentage_would() -> None:
    asked = []

    def decide(function: str, key: str) -> str | None:
        asked.append((function, key))
        return {"orders": "canary", "billing": "everything"}.get(function)

    made = router({"orders": item(0, never=keys("bob")), "billing": item(100)}, decide=decide)
    found = place("ana", made)
    assert (found.channel, found.why, found.fields) == ("canary", "decided by the decider", None)
    assert place("ana", made, "billing").why.startswith("position")
    assert place("bob", made).why == "in never"
    assert asked == [("orders", *keys("ana")), ("billing", *keys("ana"))]


def test_a_vendor_that_fails_means_stable(capsys: pytest.CaptureFixture[str]) -> None:
    def decide(function: str, key: str) -> str:
        raise TimeoutError(f"no flag for {function}")

    assert place("ana", router(decide=decide)).why == "the decision failed"
    assert "no flag for orders" in capsys.readouterr().out


def test_an_override_reaches_the_canary_at_no_percent_and_says_so() -> None:
    made = router({"orders": item(0, never=keys("bob"))})
    assert place("ana", made, overrides={"orders": "canary"})[1:4] == ("canary", "live-canary", "override")
    assert place("bob", made, overrides={"orders": "canary"}).why == "in never; the override canary is not honoured"
    assert place("ana", made, "stock", overrides={"stock": "canary"}).why == "no document: its users are not routed"
    assert place("ana", router(), overrides={"orders": "stable"}).channel == "stable"


def test_never_holds_however_a_decision_for_the_canary_came() -> None:
    made = router({"orders": item(100, never=keys("bob"))})
    assert place("bob", made, channels={"orders": "canary"})[1:4] == (
        "stable",
        "live",
        "in never; the decision canary is not honoured",
    )
    hops = [router({}), router({}), made]
    handed = Incoming(None, {}, {"orders": "canary"}, {}, [])
    for hop in hops[:-1]:
        with hop.serving("bob", incoming=handed):
            handed = incoming({"headers": hop.headers()}, trust_header=True)
    assert place("bob", made, overrides=handed.overrides).why == "in never; the override canary is not honoured"
    with router({"orders": item(0)}).serving("ana", incoming=handed._replace(key=None)):
        assert router({"orders": item(0)}).qualifier("orders") == "live-canary"


def test_the_answer_says_which_channel_ran_and_why() -> None:
    made = router({"orders": item(0)})
    with made.serving(
        "ana", incoming=Incoming(None, {}, {"orders": "canary"}, {}, ["the header: it is not trusted here"])
    ):
        made.qualifier("orders")
        assert made.answer() == {
            "tidegate-channel": "orders=canary; override",
            "tidegate-ignored": "the header: it is not trusted here",
        }
