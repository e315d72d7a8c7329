"""`tidegate verify` finds on the local cloud what Tidegate relies on, and notices each fact that is turned round.

It runs in the role that docs/verify.md gives.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from localcloud import LocalCloud
from localcloud.clients import Clients
from localcloud.cloud import REGION
from tests.contract.acting import make_role
from tests.pages.documents import blocks
from tests.reading import ROOT
from tests.workflow.turned_round import SUPPLIED, TURNED, answering
from tidegate_cli.verify.checks import Seen, load
from tidegate_cli.verify.cleaning import clean
from tidegate_cli.verify.end_to_end import END_TO_END
from tidegate_cli.verify.ground import PREFIX, Ground
from tidegate_cli.verify.other_checks import make_table
from tidegate_cli.verify.running import counted, in_markdown, look, run

CHECKS = {name: check for name, check in load().items() if name not in END_TO_END}
ROLE = "verifies"
NOT_HERE = {"cloudwatch:PutCompositeAlarm"}
"""What the local cloud does not answer, and so does not count as called."""

_ran: set[str] = set()


def policy() -> str:
    """Read the policy in docs/verify.md, for this cloud."""
    first = next(block for block in blocks("json") if block.page == ROOT / "docs/verify.md")
    return first.content.replace("eu-west-1", REGION)


@pytest.fixture(scope="module")
def client(cloud: LocalCloud) -> Callable[..., Any]:
    """Return clients that act in the documented role."""
    arn = make_role(cloud, ROLE)
    cloud.client("iam").put_role_policy(RoleName=ROLE, PolicyName="verify", PolicyDocument=policy())
    acting = Clients(cloud.endpoint).acting_as
    return lambda service, region=REGION: acting(service, region, arn)


@pytest.fixture(scope="module")
def ground(cloud: LocalCloud, client: Callable[..., Any]) -> Iterator[Ground]:
    yield Ground(client, cloud.clock.time, cloud.clock.sleep, "test")
    list(clean(cloud.client, "test"))


def passes(name: str, ground: Ground) -> Seen:
    _ran.add(name)
    with answering(ground.client, SUPPLIED.get(name, [])):
        return look(CHECKS[name], ground)


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_passes_on_the_local_cloud(name: str, ground: Ground) -> None:
    seen = passes(name, ground)
    assert seen.ok is True, seen.text


def test_each_check_has_a_case_that_turns_its_fact_round() -> None:
    assert set(TURNED) == set(CHECKS)
    assert set(SUPPLIED) <= set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_a_fact_that_is_turned_round_differs(name: str, ground: Ground) -> None:
    with answering(ground.client, TURNED[name]):
        seen = look(CHECKS[name], ground)
    assert seen.ok is False, seen


def test_the_documented_policy_is_enough_and_all_of_it_is_needed(cloud: LocalCloud, ground: Ground) -> None:
    for name in CHECKS.keys() - _ran:
        passes(name, ground)
    make_table(ground.client("dynamodb"), ground.name("leftover"), ground.tag_list)
    assert list(clean(ground.client, "test"))
    assert list(clean(ground.client, "test")) == []
    calls = [call for call in list(cloud.calls) if (call.caller_role or "").endswith(f"/{ROLE}")]
    assert [call for call in calls if not call.allowed] == []
    needed = {grant.action for call in calls for grant in call.grants}
    actions = [statement["Action"] for statement in json.loads(policy())["Statement"]]
    written = {action for each in actions for action in ([each] if isinstance(each, str) else each)}
    assert written - needed == NOT_HERE


def test_what_aws_refuses_cannot_be_told(cloud: LocalCloud) -> None:
    nobody = Ground(cloud.client, cloud.clock.time, cloud.clock.sleep, "-" * 200)
    seen = look(CHECKS["alias-weight"], nobody)
    assert (seen.ok, "could not tell") == (None, seen.word)


def test_an_answer_of_another_shape_cannot_be_told(ground: Ground) -> None:
    def look_for_nothing(_: Ground) -> Seen:
        raise KeyError("Payload")

    seen = look(CHECKS["alias-weight"]._replace(look=look_for_nothing), ground)
    assert (seen.ok, "KeyError: 'Payload'" in seen.text) == (None, True)


def test_what_has_the_prefix_and_not_the_tag_stays(cloud: LocalCloud) -> None:
    client, name = cloud.client("logs"), f"/aws/lambda/{PREFIX}others"
    client.create_log_group(logGroupName=name)
    assert list(clean(cloud.client, "others")) == []
    assert client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    client.delete_log_group(logGroupName=name)


def test_results_are_a_table_to_attach_and_name_no_account(ground: Ground) -> None:
    def look_like(ok: bool | None, text: str) -> Callable[[Ground], Seen]:
        return partial(lambda seen, _: seen, Seen(ok, text))

    check = CHECKS["alias-weight"]
    looks = [look_like(True, "0.1 | x"), look_like(False, "<b>"), look_like(None, "arn:aws:iam::123456789012:role/x")]
    results = list(run([check._replace(look=each) for each in looks], ground))
    written = in_markdown("us-east-1", "2026-01-01", "tidegate 1", results)
    assert counted(results) == "1 ok, 1 differs, 1 could not tell"
    assert "| `alias-weight` | 0.123456 | 0.1 \\| x | ok |" in written
    assert "&lt;b>" in written
    assert "123456789012" not in written + json.dumps([each.document() for each in results])
