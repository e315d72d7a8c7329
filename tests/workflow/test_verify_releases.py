"""The releases of `tidegate verify --end-to-end` end on the local cloud as it says, and it notices other endings."""

import json
from collections.abc import Iterator

import pytest

from localcloud import LocalCloud
from tests.golden import as_golden
from tests.reading import TEMPLATE
from tests.workflow.turned_round import Answer, answering, put
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.stack import Stack
from tidegate_cli.verify import end_to_end
from tidegate_cli.verify.checks import load
from tidegate_cli.verify.cleaning import clean
from tidegate_cli.verify.end_to_end import END_TO_END, GOLDEN, VERSIONS, released
from tidegate_cli.verify.ground import PREFIX, Ground
from tidegate_cli.verify.running import look

NAME = "verifier"
PATTERN = {"FunctionPattern": f"{PREFIX}*"}
STATUS = [Answer("cloudformation", "DescribeStacks", put(Stacks=[{"StackStatus": "UPDATE_ROLLBACK_COMPLETE"}]))]
OTHER = {"LogicalResourceId": "Plan", "ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "plan"}
NAMES = [Answer("cloudformation", "DescribeStackResources", put(StackResources=[OTHER]))]
ENDING = [Answer("stepfunctions", "DescribeExecution", put(status="TIMED_OUT"))]
TURNED = {"template-deployed": STATUS, "function-names": NAMES} | {f"release-{kind}": ENDING for kind in VERSIONS}


@pytest.fixture(scope="module")
def ground(cloud: LocalCloud) -> Iterator[Ground]:
    """Give where releases end; a third of the calls does for how they end, and takes a third of the time."""
    stack = Stack(NAME, cloud.deploy(TEMPLATE, PATTERN, NAME).outputs, PATTERN)
    made = Ground(cloud.client, cloud.clock.time, cloud.clock.sleep, "ends", lambda: stack)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(end_to_end, "CALLS_A_ROUND", end_to_end.CALLS_A_ROUND // 3)
        yield made
    list(clean(cloud.client, "ends"))
    cloud.client("cloudformation").delete_stack(StackName=NAME)  # its schedule would go on for whoever comes after


def test_the_releases_end_as_recorded(ground: Ground) -> None:
    found = json.dumps({kind: released(ground, kind) for kind in VERSIONS}, indent=1) + "\n"
    assert found == as_golden(found, GOLDEN)


@pytest.mark.parametrize("name", END_TO_END)
def test_each_check_passes_on_the_local_cloud(name: str, ground: Ground) -> None:
    assert look(load()[name], ground).ok is True


def test_each_check_has_a_case_that_turns_its_fact_round() -> None:
    assert TURNED.keys() == END_TO_END.keys()


@pytest.mark.parametrize("name", END_TO_END)
def test_a_fact_that_is_turned_round_differs(name: str, ground: Ground) -> None:
    with answering(ground.client, TURNED[name]):
        assert look(load()[name], ground).ok is False


def test_a_stack_that_is_not_there_or_may_not_release_our_functions_says_how_to_deploy(cloud: LocalCloud) -> None:
    def missing() -> Stack:
        raise Stop(Outcome.FAILED, "There is no stack 'tidegate'")

    others = Stack(NAME, {}, {"FunctionPattern": "shop-*"})
    for stack, words in ((missing, "There is no stack"), (lambda: others, "FunctionPattern=tidegate-verify-*")):
        seen = look(load()["release-good"], Ground(cloud.client, cloud.clock.time, cloud.clock.sleep, "no", stack))
        assert (seen.ok, words in seen.text) == (None, True)
