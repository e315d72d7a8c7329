"""LaunchDarkly decides for the router, with its real SDK: from a file, and without any connection."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from ldclient import Config, LDClient
from ldclient.integrations import Files

from bench.deciders import streaming
from tests.fakes.launchdarkly_flags import flag
from tests.unit.routing_calls import item, keys, place, router
from tidegate_route.launchdarkly import decider

ANA, BOB, EVE = keys("ana", "bob", "eve")
Made = Callable[..., LDClient]


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[Made]:
    """Make clients that read the given flags from a file."""
    stack = ExitStack()

    def make(*flags: Any) -> LDClient:
        (tmp_path / "flags.json").write_text(json.dumps({"flags": {each["key"]: each for each in flags}}))
        source = Files.new_data_source(paths=[str(tmp_path / "flags.json")])
        client = LDClient(Config("no-key", update_processor_class=source, send_events=False))
        return stack.enter_context(closing(client))

    with stack:
        yield make


def why(client: LDClient, user: str, function: str = "orders", **document: Any) -> str:
    documents = {"orders": item(**document), "billing": item(**document)}
    found = place(user, router(documents, decide=decider(client), timeout=5), function)
    assert found.fields is None, "whom a vendor assigns is not compared"
    return f"{found.channel}: {found.why}"


def test_a_flag_decides_instead_of_the_percentage(vendor: Made) -> None:
    client = vendor(flag(0, canary=(ANA,)))
    assert why(client, "ana", percent=0) == "canary: decided by the decider"
    assert why(client, "bob", percent=100) == "stable: decided by the decider"


def test_a_share_of_the_flag_is_a_share_of_the_users_and_stays(vendor: Made) -> None:
    client = vendor(flag(10))
    decide = decider(client)
    found = {user: decide("orders", user) for user in keys(*map(str, range(2000)))}
    assert 150 < list(found.values()).count("canary") < 250
    assert {user: decide("orders", user) for user in found} == found
    wider = vendor(flag(30))
    assert all(decider(wider)("orders", user) == "canary" for user, channel in found.items() if channel == "canary")


def test_always_and_never_come_before_the_flag(vendor: Made) -> None:
    client = vendor(flag(100))
    assert why(client, "bob", percent=100, never=[BOB]) == "stable: in never"
    client = vendor(flag(0))
    assert why(client, "ana", percent=0, always=[ANA]) == "canary: in always"


def test_a_flag_that_is_off_missing_or_no_channel_means_stable(vendor: Made) -> None:
    off = flag(100, on=False)
    number = flag(100, key="billing-channel") | {"fallthrough": {"variation": 3}}
    client = vendor(off, number)
    assert why(client, "ana", percent=100) == "stable: decided by the decider"
    assert why(client, "ana", "billing", percent=100) == "stable: decided by the decider"
    assert decider(client)("no-such-function", ANA) == "stable"


def test_any_other_text_leaves_it_to_the_document(vendor: Made) -> None:
    client = vendor(flag(100) | {"fallthrough": {"variation": 2}})
    found = place("ana", router({"orders": item(100)}, decide=decider(client), timeout=5))
    assert found.why.startswith("position ")


def test_a_flag_that_comes_by_stream_decides() -> None:
    """From the stand-in for LaunchDarkly's stream that the benchmark measures with."""
    with streaming() as uri, closing(LDClient(Config("no-key", stream_uri=uri, send_events=False))) as client:
        assert client.is_initialized()
        found = {why(client, f"user-{number}", percent=0) for number in range(60)}
    assert found == {"canary: decided by the decider", "stable: decided by the decider"}


def test_a_client_that_has_no_flags_yet_means_stable() -> None:
    """As when the stream is not connected in the time that the start may take."""
    config = Config("no-key", stream_uri="http://127.0.0.1:9", send_events=False)
    with closing(LDClient(config, start_wait=0)) as client:
        assert not client.is_initialized()
        assert why(client, "ana", percent=100) == "stable: decided by the decider"
