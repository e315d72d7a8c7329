"""What releases show of themselves in CloudWatch, and what alarms see of what went wrong."""

import json
import re

from localcloud.faults import Effect, Fault
from tests.fakes.search_expression import Search
from tests.workflow.metrics import gauge, seen_by
from tests.workflow.releases import eventually
from tests.workflow.targets import Target
from tests.workflow.world import TWO_STEPS, World

AFTER_THE_LONGEST_STEP = 200
WHOLE: tuple[str, dict[str, float]] = ("1", {})


def test_weight_verdict_and_evidence_are_seen_as_a_release_goes_and_as_it_ends(world: World) -> None:
    good, bad = world.target().evidence(), world.target().evidence(canary_failing=0.3)
    releases = [world.release(good, strategy=TWO_STEPS), world.release(bad, strategy=TWO_STEPS)]
    assert [release.wait().status for release in releases] == ["SUCCEEDED", "FAILED"]
    stair = gauge(world, "Weight", good)
    assert (stair, set(stair)) == (sorted(stair), {10, 50, 100})
    assert set(gauge(world, "Verdict", good)) <= {0, 1}
    assert max(gauge(world, "Evidence", good)) < 100
    assert min(gauge(world, "Verdict", bad)) == -1
    assert max(gauge(world, "Evidence", bad)) >= 100
    assert set(gauge(world, "Weight", bad)) <= {0, 10}
    _seen_on_the_dashboard(world, bad)


def _seen_on_the_dashboard(world: World, target: Target) -> None:
    """Check that each SEARCH of the dashboard, as deployed, finds something of the function that is chosen."""
    name = f"{world.stack.stack_name}-us-east-1"
    body = json.loads(world.cloud.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    (variable,) = body["variables"]
    known = world.cloud.metrics.store.known()
    choice = Search.of_terms(variable["search"]).among(known)
    assert target.name in {dict(key.dimensions)[variable["populateFrom"]] for key in choice}
    graphs = [each["properties"] for each in body["widgets"] if each["type"] == "metric"]
    for ((metric,),) in (graph["metrics"] for graph in graphs):
        search = Search.of(metric["expression"].replace(variable["pattern"], target.name))
        found = search.among(known)
        assert len(found) == (1 if search.namespace == "Tidegate" else 2), metric
        labelled = re.findall(r"\$\{PROP\('Dim\.(\w+)'\)\}", metric["label"])
        assert labelled
        assert set(labelled) <= search.dimensions


def test_alarms_see_an_alias_that_cannot_be_restored_and_the_lock_that_stays_on_it(world: World) -> None:
    target = world.target()
    refused = Fault("lambda", "UpdateAlias", Effect.FAIL, role="RecoverFunction", resource=target.name, times=None)
    injected = world.cloud.faults.add(refused)
    release = world.release(target).reach("Bake")
    release.stop()
    assert world.recover()["errorType"] == "RollBackIncomplete"
    eventually(lambda: max(seen_by(world, "RollBackAlarm"), default=0) >= 1, "an error of Recover")
    assert max(seen_by(world, "LockAlarm")) >= 1
    world.cloud.faults.remove(injected)
    world.recover()
    world.recover(later=AFTER_THE_LONGEST_STEP)
    assert (target.state, world.lock(target)) == (WHOLE, None)
    world.cloud.clock.sleep(60)
    world.recover()
    seen = seen_by(world, "LockAlarm")
    assert seen[-1] < max(seen), "Recover shows that it looks, also where there is nothing to do"
