"""OpenFeature decides for the router, and the router for OpenFeature, with the real SDK."""

from collections.abc import Iterator

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, Reason
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from tests.unit.routing_calls import item, keys, router
from tidegate_route.openfeature import RouteProvider, decider

ANA, BOB = keys("ana", "bob")


@pytest.fixture(autouse=True)
def no_providers() -> Iterator[None]:
    yield
    api.clear_providers()


def by_key(flag: InMemoryFlag[str], context: EvaluationContext) -> FlagResolutionDetails[str]:
    """Let one pseudonym have the canary, and leave another one to the document."""
    chosen = {ANA: "canary", BOB: "undecided"}.get(context.targeting_key or "", "stable")
    return FlagResolutionDetails(flag.variants[chosen], reason=Reason.TARGETING_MATCH, variant=chosen)


def vendor() -> OpenFeatureClient:
    values = {"canary": "canary", "stable": "stable", "undecided": "?"}
    flag = InMemoryFlag("stable", values, context_evaluator=by_key)
    api.set_provider(InMemoryProvider({"orders-channel": flag}))
    return api.get_client()


def test_a_vendor_s_flag_decides_instead_of_the_percentage() -> None:
    made = router({"orders": item(100), "billing": item(100)}, decide=decider(vendor()))

    def why(user: str, function: str = "orders") -> str:
        with made.serving(user):
            found = made.qualifier(function, explain=True)
        return f"{found.channel}: {found.why}"

    assert why("ana") == "canary: decided by the decider"
    assert why("eve") == "stable: decided by the decider"
    assert why("bob").startswith("canary: position")
    assert why("ana", "billing") == "stable: decided by the decider", "there is no such flag"


def test_the_router_provides_the_alias_as_a_flag() -> None:
    api.set_provider(RouteProvider(router({"orders": item(0, always=[ANA])})))
    client = api.get_client()
    found = client.get_string_details("orders", "live", EvaluationContext(targeting_key="ana"))
    assert (found.value, found.variant, found.reason) == ("live-canary", "canary", Reason.TARGETING_MATCH)
    assert found.flag_metadata == {"why": "in always"}
    other = client.get_string_details("orders", "live", EvaluationContext(targeting_key="bob"))
    assert (other.value, other.reason) == ("live", Reason.SPLIT)


def test_without_a_targeting_key_the_user_counts_whom_the_router_serves() -> None:
    made = router({"orders": item(0, always=[ANA])})
    api.set_provider(RouteProvider(made))
    with made.serving("ana"):
        assert api.get_client().get_string_value("orders", "live") == "live-canary"
        same = EvaluationContext(targeting_key="ana")
        assert api.get_client().get_string_value("orders", "live", same) == "live-canary"
        assert made.answer() == {"tidegate-channel": "orders=canary; in always"}, "one decision in the request"
    assert api.get_client().get_string_value("orders", "live") == "live"


def test_an_alias_is_no_number() -> None:
    api.set_provider(RouteProvider(router()))
    client = api.get_client()
    assert client.get_boolean_details("orders", True).error_code == ErrorCode.TYPE_MISMATCH
    assert client.get_integer_value("orders", 7) == 7
    assert client.get_float_value("orders", 0.5) == 0.5
    assert client.get_object_value("orders", {"a": 1}) == {"a": 1}
