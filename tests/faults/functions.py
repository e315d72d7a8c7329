"""The functions of a faulted release: what serves, what is to be released, and who calls them."""

from contextlib import AbstractContextManager, nullcontext
from string import ascii_lowercase

from localcloud.traffic import Traffic
from tests.faults.scenario import APPROVE, BROKEN, FAIL, FAILING, REFUSE, STABLE, Outline
from tests.faults.stage import FUNCTIONS, Stage
from tests.workflow.targets import Target
from tidegate.domain.routing import canary_alias

FOREIGN = "2"
"""A version that has nothing to do with the release; where nobody moves an alias there is none."""
REQUESTS_PER_SECOND = 0.15
ANSWERS = {APPROVE: '{"ok": true}', FAIL: "raise", REFUSE: '{"ok": false, "reason": "no"}'}


def canary(*, foreign: bool) -> str:
    """Name the version that the release will publish."""
    return "3" if foreign else "2"


def make_targets(stage: Stage, release: Outline, *, foreign: bool) -> list[Target]:
    """Make the functions; only the first has a canary that may be bad."""
    made = [_target(stage, release, letter, foreign) for letter in ascii_lowercase[: release.targets]]
    if release.hooks:
        environment = {"ANSWER": ANSWERS[release.hooks]}
        stage.cloud.create_function(release.asks, FUNCTIONS / "asked", timeout=10, environment=environment)
    if release.provisioned:
        stage.cloud.client("lambda").put_provisioned_concurrency_config(
            FunctionName=made[0].name, Qualifier=STABLE, ProvisionedConcurrentExecutions=1
        )
    return made


def _target(stage: Stage, release: Outline, letter: str, foreign: bool) -> Target:
    cloud, name = stage.cloud, f"shop-{release.token}-{letter}"
    cloud.create_function(name, FUNCTIONS / "stable", alias="live")
    target = Target(cloud, name, "live", stage.timelines)
    if foreign:
        cloud.update_code(name, FUNCTIONS / "changed")
        target.publish()
    cloud.update_code(name, FUNCTIONS / _canary_code(release, letter, foreign))
    if not release.real_traffic:
        failing = release.canary == FAILING and letter == "a"
        carrier = canary_alias("live") if release.routing_of(release.strategy) else ""
        bad = 0.3 if failing else 0.0
        target.evidence(canary_failing=bad, canary=canary(foreign=foreign), canary_alias=carrier)
    return target


def _canary_code(release: Outline, letter: str, foreign: bool) -> str:
    if release.canary == BROKEN and letter == "a":
        return "broken"
    if release.canary == FAILING and release.real_traffic:
        return "flaky"
    return "stable" if foreign else "changed"


def traffic(stage: Stage, release: Outline, target: Target) -> AbstractContextManager[object]:
    if not release.real_traffic:
        return nullcontext()
    client = stage.cloud.client("lambda")
    return Traffic(client, stage.cloud.clock, target.full_name, per_second=REQUESTS_PER_SECOND, threads=2)
