"""`tidegate release`, from its start to its end, and called again in every state that the release can be in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.command.calling import PATIENCE, call, calling, same_as_golden
from tests.workflow.releases import eventually
from tests.workflow.targets import Target
from tests.workflow.world import FUNCTIONS, World
from tidegate.report.page import read_back

ONE_STEP = ("--steps", "10", "--every", "1m")
BEFORE = range(-60, 0)
"""Minutes in which stable was called before a release: the function is not idle."""

SLOWLY = ("--strategy", "canary-10-600m")


def run(number: str, attempt: str = "1", **more: str) -> dict[str, str]:
    """Give the environment of a run of GitHub Actions."""
    return {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": number, "GITHUB_RUN_ATTEMPT": attempt, **more}


def started(world: World, target: Target) -> list[str]:
    """Name every execution that was ever started for a function."""
    pages = (
        world.cloud.client("stepfunctions")
        .get_paginator("list_executions")
        .paginate(stateMachineArn=world.stack.outputs["StateMachineArn"])
    )
    return [each["name"] for page in pages for each in page["executions"] if target.name in each["name"]]


def test_a_release_is_followed_to_its_end_and_called_again_tells_the_same(world: World) -> None:
    target = world.target().evidence(minutes=BEFORE, canary_calls=0).evidence()
    first = call(world, "release", target.name, *ONE_STEP, "--name", "run-1")
    assert (first.code, first.result[:4]) == (0, ["released", target.name, "live", "2"])
    assert first.told == ["started", "link", "published", "settled", "probed", "shifted", "judged", "finished"]
    again = call(world, "release", target.name, *ONE_STEP, "--name", "run-1")
    assert (again.code, again.result) == (0, first.result)
    assert same_as_golden(again.err + again.out, "released.txt")
    assert "\x1b" not in again.err
    assert same_as_golden(call(world, "watch", first.result[-1], "--json").out, "released.jsonl")
    other_run = call(world, "release", target.name, "--name", "run-2")
    assert (other_run.code, other_run.result[:4]) == (0, ["already-live", target.name, "live", "2"])
    assert len(started(world, target)) == 1


def test_a_rolled_back_release_is_told_to_github_and_called_again_never_starts_a_second_one(
    world: World, tmp_path: Path
) -> None:
    target = world.target().evidence(minutes=BEFORE, canary_calls=0)
    target.evidence(canary_failing=0.3, minutes=range(1, 40))  # none at the time of Plan
    files = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    page = tmp_path / "report.html"
    first = call(world, "release", target.name, *ONE_STEP, "--report", str(page), env=run("77", **files))
    assert (first.code, first.result[:4]) == (3, ["rolled-back", target.name, "live", "1"])
    assert first.result[-1].endswith("-77-1")
    assert same_as_golden(first.err + first.out, "rolled-back.github.txt")
    assert same_as_golden((tmp_path / "output").read_text().replace(str(tmp_path), "HERE"), "rolled-back.output")
    assert same_as_golden((tmp_path / "summary").read_text(), "rolled-back.md")
    assert read_back(page.read_text())["outcome"] == "rolled-back"
    same_run = call(world, "release", target.name, *ONE_STEP, env=run("77"))
    assert (same_run.code, same_run.result) == (3, first.result)
    next_attempt = call(world, "release", target.name, *ONE_STEP, env=run("77", "2"))
    assert (next_attempt.code, next_attempt.result[0]) == (6, "refused")
    assert "rolled back by release" in next_attempt.err
    assert target.state == ("1", {})


def test_an_idle_function_is_released_after_its_steps_and_every_line_says_that_nothing_was_compared(
    world: World, tmp_path: Path
) -> None:
    target = world.target()
    files = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    idle = call(world, "release", target.name, "--steps", "5,50", "--every", "1m", env=run("78", **files))
    assert (idle.code, idle.result[:4]) == (0, ["released-not-compared", target.name, "live", "2"])
    assert same_as_golden(idle.err + idle.out, "idle.txt")
    assert f"### ! {target.full_name}: released, not compared" in (tmp_path / "summary").read_text()
    assert "released, not compared" in call(world, "history", target.name).out


def test_a_request_by_tag_releases_what_changed_and_called_again_finds_the_same_release(
    world: World, tmp_path: Path
) -> None:
    changed, same = world.target(), world.target(None)
    for target in (changed, same):
        arn = world.cloud.client("lambda").get_function(FunctionName=target.name)["Configuration"]["FunctionArn"]
        world.cloud.client("lambda").tag_resource(Resource=arn, Tags={"fleet": "by request"})
    request = tmp_path / "fleet.json"
    request.write_text(json.dumps({"tag": {"fleet": "by request"}, "strategy": "all-at-once"}))
    planned = call(world, "plan", "--request", str(request))
    assert (planned.code, changed.full_name in planned.out, same.full_name in planned.out) == (0, True, False)
    first, again = (call(world, "release", "--request", str(request), "--name", "fleet-1") for _ in range(2))
    assert (first.code, first.result[:4]) == (0, ["released", changed.name, "live", "2"])
    assert first.result[-1].startswith("tag-fleet-by-request-")
    assert (again.code, again.result) == (0, first.result)
    nothing = call(world, "release", "--request", str(request), "--name", "fleet-2")
    assert (nothing.code, nothing.result[0]) == (6, "refused")
    assert f"has nothing to release: {changed.name} (unchanged)" in nothing.err


def test_a_slow_version_is_rolled_back_without_a_word_about_latency_in_the_request(world: World) -> None:
    target = world.target().evidence(minutes=BEFORE, canary_calls=0)
    target.evidence(canary_slow=0.5, canary_calls=110, minutes=range(60))
    slow = call(world, "release", target.name, "--steps", "10,50", "--every", "5m", "--name", "slow")
    assert (slow.code, slow.result[:4]) == (3, ["rolled-back", target.name, "live", "1"])
    assert same_as_golden(slow.err + slow.out, "slow.txt")
    assert target.state == ("1", {})


def test_a_version_that_does_not_start_is_told_to_gitlab(world: World, tmp_path: Path) -> None:
    target = world.target("broken")
    values = tmp_path / "tidegate.env"
    job = {"GITLAB_CI": "true", "CI_PIPELINE_ID": "5", "CI_JOB_ID": "6", "CI_COMMIT_SHA": "4f2c"}
    job["AWS_CREDENTIAL_EXPIRATION"] = datetime.fromtimestamp(world.cloud.clock.time() + 20 * 60, UTC).isoformat()
    done = call(world, "release", target.name, "--dotenv", str(values), env=job)
    assert (done.code, done.result[0]) == (3, "rolled-back")
    assert done.result[-1].endswith("-5-6")
    assert "section_start:" in done.err
    assert "does not start" in done.err
    assert "Warning: This release is planned to take 26 min or more, but these credentials expire in " in done.err
    assert same_as_golden(values.read_text(), "rolled-back.env")
    record = next(item for item in world.ledger(f"release#{done.result[-1]}") if item["sk"] == "record")
    assert record["labels"] == {"commit": "4f2c"}


def test_a_hold_ends_the_call_where_that_was_waited_for_and_the_release_goes_on(world: World) -> None:
    target = world.target()
    request = {
        "function": target.name,
        "strategy": {"steps": [{"weight": 10, "bake": "1m"}]},
        "analysis": {"max_bake": "1m", "on_idle": "hold"},
    }
    held = call(world, "release", "--request", "-", "--until", "held", stdin=json.dumps(request))
    assert (held.code, held.result[0]) == (7, "held")
    assert "held" in held.told
    other_run = call(world, "release", target.name, "--name", "other", "--until", "held")
    assert (other_run.code, other_run.result) == (7, held.result)
    ignored = call(world, "release", target.name, "--strategy", "all-at-once", "--until", "held", env=run("83"))
    assert (ignored.code, ignored.result) == (7, held.result)
    assert "::warning title=Options were not applied::Release " in ignored.err
    assert 'Not applied: strategy all-at-once (it has {"steps": ' in ignored.err
    for_a_while = call(world, "watch", target.name, "--timeout", "0.1s")
    assert (for_a_while.code, for_a_while.result[0]) == (7, "held")
    assert target.state == ("1", {"2": 0.1})


def test_an_alias_that_somebody_else_moved_needs_a_person(world: World) -> None:
    target = world.target()
    other = target.publish()
    name = call(world, "release", target.name, *SLOWLY, "--again", "--until", "shifted").result[-1]
    world.cloud.update_code(target.name, FUNCTIONS / "marked")
    newest = target.publish()
    with calling(world, "watch", name) as watching:
        assert watching.stderr
        assert any(" shifted " in line for line in watching.stderr)  # who comes when it is over does not look
        target.move(newest)
        out, err = watching.communicate(timeout=PATIENCE)
    assert (watching.returncode, out.split()[0]) == (4, "needs-human")
    assert "is 100 % on version 3, not 100 % on version 1" in err
    assert other == "2"


def frozen_for_an_hour(world: World, target: Target) -> str:
    until = world.time(3600).partition(".")[0] + "Z"
    assert call(world, "freeze", target.name, "--reason", "a sale", "--until", until, "--by", "ana").code == 0
    return until


def test_what_waits_for_an_approval_or_the_end_of_a_freeze_is_held_for_every_run_of_the_job(world: World) -> None:
    asking, frozen = world.target(), world.target()
    request = json.dumps({"function": asking.name, "approvals": ["before_traffic"]})
    first = call(world, "release", "--request", "-", "--until", "held", stdin=request, env=run("81"))
    call(world, "release", frozen.name, *SLOWLY, "--until", "shifted", env=run("82"))
    until = frozen_for_an_hour(world, frozen)
    for target, number, why in (
        (asking, "81", "held for an answer"),
        (frozen, "82", f"held: frozen until {until} (a sale)"),
    ):
        for attempt in ("1", "2"):
            again = call(world, "release", target.name, *SLOWLY, "--until", "held", env=run(number, attempt))
            assert (again.code, again.result[0]) == (7, "held"), again.err
            assert why in again.err
            assert again.result[-1].endswith(f"-{number}-1")
        assert len(started(world, target)) == 1
    assert first.code == 7
    call(world, "thaw", frozen.name, "--by", "ana")
    assert call(world, "promote", first.result[-1], "--to", "100", "--by", "ana").code == 0
    released = call(world, "release", asking.name, env=run("81"))
    assert (released.code, released.result[:4]) == (0, ["promoted-not-proven", asking.name, "live", "2"])


def test_what_a_freeze_refused_is_refused_for_the_same_run_and_begins_with_the_next_after_it(world: World) -> None:
    target = world.target()
    until = frozen_for_an_hour(world, target)
    first, same = (call(world, "release", target.name, env=run("83")) for _ in range(2))
    assert (first.code, same.code, same.result) == (6, 6, first.result)
    assert f"may not be released until {until}" in same.err
    call(world, "thaw", target.name, "--by", "ana")
    assert call(world, "release", target.name, env=run("83")).code == 6
    assert len(started(world, target)) == 1
    emergency = ("--emergency", "the sale is over")
    assert call(world, "release", target.name, *emergency, env=run("83", "2")).result[0] == "released"


def test_an_alias_that_may_not_be_restored_needs_a_person_until_it_was_and_every_run_is_told_so(world: World) -> None:
    target = world.target()
    name = call(world, "release", target.name, *SLOWLY, "--until", "shifted", env=run("84")).result[-1]
    with _may_not_be_moved(world, target):
        call(world, "abort", name, "--reason", "a test", "--by", "ana")
        client = world.cloud.client("stepfunctions")
        arn = world.execution(name)
        eventually(lambda: client.describe_execution(executionArn=arn)["status"] == "FAILED", "its end")
        world.recover()
        for attempt in ("1", "2"):
            again = call(world, "release", target.name, env=run("84", attempt))
            assert (again.code, again.result) == (4, ["needs-human", target.name, "live", "-", name]), again.err
            assert "could not be restored and needs your action" in again.err
    world.recover()
    restored = call(world, "release", target.name, env=run("84"))
    assert (restored.code, restored.result[:4]) == (3, ["rolled-back", target.name, "live", "1"])
    assert len(started(world, target)) == 1


@contextmanager
def _may_not_be_moved(world: World, target: Target) -> Iterator[None]:
    """Deny the alias to whoever restores it; the cloud forgets it then, as nothing else may be refused to a role."""
    iam, functions = world.cloud.client("iam"), world.cloud.client("lambda")
    found = [functions.get_function_configuration(FunctionName=world.step_function(s)) for s in ("RollBack", "Recover")]
    roles = [each["Role"].rpartition("/")[2] for each in found]
    denied = {
        "Effect": "Deny",
        "Action": "lambda:UpdateAlias",
        "Resource": f"arn:aws:lambda:*:*:function:{target.name}*",
    }
    for role in roles:
        document = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
        iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=document)
    yield
    for role in roles:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")
    for refused in [each for each in list(world.cloud.calls) if each.caller_role and not each.allowed]:
        # By place: to compare calls takes time, in which others are added.
        del world.cloud.calls[next(i for i, each in enumerate(list(world.cloud.calls)) if each is refused)]


def test_several_functions_are_one_release(world: World) -> None:
    targets = [world.target().evidence() for _ in range(2)]
    done = call(world, "release", *[target.name for target in targets], *ONE_STEP, "--quiet", "--label", "actor=me")
    assert (done.code, done.err) == (0, "")
    assert [line.split()[:4] for line in done.out.splitlines()] == [
        ["released", target.name, "live", "2"] for target in targets
    ]
    assert done.result[-1].startswith(f"{targets[0].name}-live-and-1-")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["shop-nobody"], 6, "there is no function 'shop-nobody'"),
        ([], 2, "give a FUNCTION"),
        (["shop-x", "--steps", "5"], 2, "--steps needs --every"),
        (["shop-x", "--timeout", "soon"], 2, "is not a duration"),
        (["shop-x", "--stack", "nowhere"], 1, "There is no stack 'nowhere' in us-east-1"),
        (["shop-x", "--label", "what"], 2, "is not NAME=TEXT"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_started(
    arguments: list[str], code: int, said: str, world: World
) -> None:
    done = call(world, "release", *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_what_plan_refuses_ends_in_its_sentence(world: World) -> None:
    target = world.target()
    done = call(world, "release", f"{target.name}:nightly", "--json", "--name", "a-job")
    assert done.code == 6
    assert same_as_golden(done.out, "refused.jsonl")
    again = call(world, "release", f"{target.name}:nightly", "--json", "--name", "a-job")
    assert (again.code, again.documents[-1]) == (6, done.documents[-1])
    assert len(started(world, target)) == 1
    other_code = call(world, "release", target.name, "--publish-sha", "0" * 64)
    assert (other_code.code, "different code was deployed in the meantime" in other_code.err) == (6, True)


def test_an_emergency_skips_the_canary_and_is_on_record(world: World) -> None:
    target = world.target()
    done = call(world, "release", target.name, "--emergency", "the shop is down")
    assert (done.code, target.writes) == (0, [("2", {})])
    assert "EMERGENCY: the shop is down" in call(world, "history", target.name).out
