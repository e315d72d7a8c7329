"""AppConfig decides for the router: a stand-in for its agent answers on the loopback interface."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.appconfig_agent import Agent, listening
from tests.unit.routing_calls import item, keys, place, router
from tidegate_route import Router
from tidegate_route.appconfig import READS, decider

ANA, BOB = keys("ana", "bob")


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    made = Agent()
    made.flags = {ANA: {"enabled": True, "channel": "canary"}}
    with listening(made) as port:
        monkeypatch.setenv("AWS_APPCONFIG_EXTENSION_HTTP_PORT", str(port))
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        yield made


def routed(timeout: float = 5, **document: Any) -> Router:
    decide = decider("shop app", "production", "channels", timeout=timeout)
    return router({"orders": item(**document)}, decide=decide, timeout=5)


def why(user: str, made: Router) -> str:
    found = place(user, made)
    return f"{found.channel}: {found.why}"


def test_the_agent_decides_for_the_pseudonym(agent: Agent) -> None:
    made = routed(percent=50)
    assert why("ana", made) == "canary: decided by the decider"
    assert why("bob", made) == "stable: decided by the decider"
    path = "/applications/shop%20app/environments/production/configurations/channels?flag=orders-channel"
    assert agent.asked == [(path, key, f"userId={key}") for key in (ANA, BOB)]


def test_always_and_never_come_before_the_agent(agent: Agent) -> None:
    made = routed(percent=50, always=[BOB], never=[ANA])
    assert (why("bob", made), why("ana", made)) == ("canary: in always", "stable: in never")
    assert agent.asked == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"enabled": False, "channel": "canary"}, "stable: decided by the decider"),
        ({"enabled": True, "channel": "undecided"}, "canary: position"),
        ({"enabled": True}, "stable: the decision failed"),
        ({"channel": "canary"}, "stable: the decision failed"),
        ([], "stable: the decision failed"),
        (b"<html>", "stable: the decision failed"),
        (b'{"enabled": true, "channel": "' + b"x" * 70_000 + b'"}', "stable: the decision failed"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_answer_that_is_no_channel_means_stable_or_the_document(agent: Agent, answer: Any, expected: str) -> None:
    agent.other = answer
    assert why("bob", routed(percent=100)).startswith(expected)


@pytest.mark.parametrize("status", [400, 404, 500])
def test_an_agent_that_refuses_means_stable(agent: Agent, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    agent.status = status
    assert why("ana", routed(percent=100)) == "stable: the decision failed"
    assert f"HTTP Error {status}" in capsys.readouterr().out


def test_without_an_agent_calls_go_to_stable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_APPCONFIG_EXTENSION_HTTP_PORT", "9")
    assert why("ana", routed(percent=100)) == "stable: the decision failed"


def test_an_agent_that_hangs_is_waited_for_no_longer_than_told_however_many_calls_hang(agent: Agent) -> None:
    """Who waits longer gets an answer from this agent, for the canary."""
    made = routed(timeout=0.05, percent=100)
    agent.hangs.clear()
    assert {why("ana", made) for _ in range(READS + 2)} == {"stable: the decision failed"}
    assert len(agent.asked) <= READS + 2
