"""Traffic: steady calls through the real API, recorded one by one."""

from pathlib import Path

from localcloud import LocalCloud
from localcloud.traffic import Traffic
from tests.contract.machines import eventually

FUNCTIONS = Path(__file__).parents[1] / "functions"


def test_traffic_is_steady_on_the_emulated_clock_and_ends_when_it_is_left(cloud: LocalCloud) -> None:
    cloud.create_function("traffic-steady", FUNCTIONS / "healthy", timeout=10, alias="live")
    begun = cloud.clock.time()
    with Traffic(cloud.client("lambda"), cloud.clock, "traffic-steady:live", per_second=0.5) as traffic:
        eventually(lambda: len(traffic.calls) >= 30)
    sent = len(traffic.calls)
    for earlier, call in enumerate(traffic.between(0)):
        assert call.at - begun >= earlier / 0.5, "calls came faster than they should"
    cloud.clock.sleep(10)
    assert len(traffic.calls) == sent


def test_a_call_tells_the_version_that_ran_and_what_it_answered(cloud: LocalCloud) -> None:
    cloud.create_function("traffic-answers", FUNCTIONS / "healthy", timeout=10, alias="live")
    with Traffic(cloud.client("lambda"), cloud.clock, "traffic-answers:live", per_second=0.5) as traffic:
        eventually(lambda: len(traffic.calls) >= 5)
    calls = traffic.between(0)
    assert {(call.outcome, call.version) for call in calls} == {("ok", "1")}
    assert [call.at for call in calls] == sorted(call.at for call in calls)
    orders = [call.answer["event"]["order"] for call in calls]
    assert sorted(orders) == sorted(set(orders))


def test_an_error_of_the_function_counts_against_its_version(cloud: LocalCloud) -> None:
    cloud.create_function("traffic-failing", FUNCTIONS / "handler_error", timeout=10, alias="live")
    with Traffic(cloud.client("lambda"), cloud.clock, "traffic-failing:live", per_second=0.5) as traffic:
        eventually(lambda: len(traffic.calls) >= 5)
    assert traffic.by_version() == {"1": {"failed": len(traffic.calls)}}
    assert {call.error for call in traffic.calls} == {"ValueError"}


def test_a_throttled_or_refused_call_is_no_call_of_any_version(cloud: LocalCloud) -> None:
    cloud.create_function("traffic-throttled", FUNCTIONS / "healthy", alias="live")
    cloud.client("lambda").put_function_concurrency(FunctionName="traffic-throttled", ReservedConcurrentExecutions=0)
    outcomes = {}
    for target in ("traffic-throttled:live", "traffic-missing"):
        with Traffic(cloud.client("lambda"), cloud.clock, target, per_second=0.5) as traffic:
            eventually(lambda: traffic.calls)
        outcomes[target] = {(call.outcome, call.error) for call in traffic.calls}
        assert traffic.by_version() == {}
    assert outcomes == {
        "traffic-throttled:live": {("throttled", "TooManyRequestsException")},
        "traffic-missing": {("lost", "ResourceNotFoundException")},
    }
