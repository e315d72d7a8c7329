"""Watching: on a terminal, interrupted, out of sight, and with no more rights than docs/command.md names."""

import json
import re
import signal

import pytest

from localcloud.faults import Effect, Fault
from localcloud.iam import credentials_for
from tests.command.calling import Called, call, calling, on_a_terminal, plain
from tests.reading import ROOT
from tests.workflow.releases import eventually
from tests.workflow.world import World

ONE_STEP = ("--steps", "10", "--every", "1m")
SLOWLY = ("--strategy", "canary-10-90m")
CALLER = "ci-releases"
IMPATIENT = "from tidegate_cli import retrying; retrying.GIVES_UP = 0.5; "


# A shell that starts the tests in the background has their processes ignore it.
HEARS_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "


@pytest.fixture(scope="module")
def running(world: World) -> str:
    """Name a release that goes on for as long as these tests take."""
    target = world.target().evidence()
    return call(world, "release", target.name, *SLOWLY, "--until", "shifted").result[-1]


def test_on_a_terminal_the_lines_stay_and_a_panel_is_below_them(world: World) -> None:
    target = world.target().evidence(minutes=range(-5, 0), canary_calls=0).evidence()  # or it is warned of no traffic
    done = on_a_terminal(world, "release", target.name, *ONE_STEP)
    assert done.code == 0, done.out
    lines = [line for line in plain(done.out).splitlines() if line.strip()]
    told = [line.split()[1] for line in lines if re.match(r"\d\d+:\d\d ", line)]
    assert told == ["started", "link", "published", "settled", "probed", "shifted", "judged", "finished"]
    assert "on the new version" in done.out
    assert "█" in done.out
    assert lines[-1].split()[:4] == ["released", target.name, "live", "2"]


def test_a_terminal_without_colours_and_letters_gets_none(world: World, running: str) -> None:
    done = on_a_terminal(world, "watch", running, "--timeout", "0.3s", NO_COLOR="1", LANG="C", PYTHONIOENCODING="ascii")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", done.out)
    assert "#" in done.out
    assert "█" not in done.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_call_leaves_the_release_alone_and_says_how_to_look_again(
    number: signal.Signals, world: World, running: str
) -> None:
    with calling(world, "watch", running, first=HEARS_CTRL_C) as process:
        assert process.stderr
        assert any("shifted" in line for line in process.stderr)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.split()[0] == "interrupted"
    assert f"tidegate watch {running}" in err
    assert [item for item in world.ledger(f"release#{running}") if "ended" in item] == []


def test_an_interrupted_call_may_abort_the_release(world: World) -> None:
    target = world.target()
    name = call(world, "release", target.name, *SLOWLY, "--until", "shifted").result[-1]
    with calling(world, "watch", name, "--on-interrupt", "abort", first=HEARS_CTRL_C) as process:
        assert process.stderr
        assert any("shifted" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out.split()[:4]) == (3, ["rolled-back", target.name, "live", "1"])
    assert "aborted it" in err
    assert target.state == ("1", {})


@pytest.mark.parametrize(
    ("service", "action", "effect"),
    [("stepfunctions", "DescribeExecution", Effect.THROTTLE), ("dynamodb", "Query", Effect.LOST_AFTER)],
)
def test_a_release_that_nobody_can_see_is_unknown_and_never_failed(
    service: str, action: str, effect: Effect, world: World, running: str, caller: dict[str, str]
) -> None:
    fault = world.cloud.faults.add(Fault(service, action, effect, role=CALLER, body=running, times=None))
    try:
        lost = call(world, "watch", running, env=caller, first=IMPATIENT)
    finally:
        world.cloud.faults.remove(fault)
    assert (lost.code, lost.result[0]) == (5, "unknown")
    assert f"to follow it: tidegate watch {running}" in lost.err
    again = call(world, "watch", running, "--until", "shifted")
    assert again.code == 0


def test_a_short_outage_is_waited_for(world: World, running: str, caller: dict[str, str]) -> None:
    outage = Fault("stepfunctions", "DescribeExecution", Effect.FAIL, role=CALLER, body=running, times=5)
    injected = world.cloud.faults.add(outage)
    assert call(world, "watch", running, "--until", "shifted", env=caller).code == 0
    assert injected.hits == 5


def test_the_time_to_watch_may_end_before_the_release(world: World, running: str) -> None:
    done = call(world, "watch", running, "--timeout", "0.1s", "--json")
    assert (done.code, done.documents[-1]["outcome"]) == (5, "unknown")
    assert done.documents[-1]["targets"][0]["version"] is None


def test_a_release_that_was_never_started_is_said_to_be_none(world: World) -> None:
    done = call(world, "watch", "nothing-of-that-name", first=AT_ONCE)
    assert (done.code, done.result[0]) == (1, "failed")
    assert "There is no release nothing-of-that-name" in done.err


AT_ONCE = "from tidegate_cli import follow; follow.APPEARS_WITHIN = 0.0; "


def test_a_release_that_recover_does_not_restore_needs_a_person(world: World) -> None:
    target = world.target()
    name = call(world, "release", target.name, *SLOWLY, "--until", "shifted").result[-1]
    client = world.cloud.client("stepfunctions")
    client.stop_execution(executionArn=world.execution(name))
    eventually(lambda: client.describe_execution(executionArn=world.execution(name))["status"] == "ABORTED", "its end")
    done = call(world, "watch", name, first="from tidegate_cli import follow; follow.RECOVERS_WITHIN = 0.0; ")
    assert (done.code, done.result[0]) == (4, "needs-human")
    assert "recovering" in done.told
    world.recover()
    world.recover(later=200)


def policy(world: World) -> str:
    """Read the policy in docs/command.md, for this cloud, with the ledger's customer key."""
    (text,) = [block for block in _blocks("json") if '"Statement"' in block]
    document = json.loads(text.replace("eu-west-1", "us-east-1"))
    key = {"Sid": "Key", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    via = {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}
    document["Statement"].append({**key, "Condition": via})
    return json.dumps(document)


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (ROOT / "docs/command.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def caller(world: World) -> dict[str, str]:
    return somebody(world, CALLER)


def somebody(world: World, name: str, *policies: str) -> dict[str, str]:
    """Give the variables of somebody who has the documented policy, the given managed ones, and nothing else."""
    iam = world.cloud.client("iam")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="releases", PolicyDocument=policy(world))
    for arn in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    keys = credentials_for(role)
    return {
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_SESSION_TOKEN": keys.session_token,
    }


def test_the_documented_policy_is_enough_for_every_command_and_all_of_it_is_needed(
    world: World, caller: dict[str, str]
) -> None:
    target = world.target().evidence()

    def ask(*arguments: str) -> Called:
        done = call(world, *arguments, env=caller)
        assert done.code == 0, done.err + done.out
        return done

    ask("plan", target.name)
    name = ask("release", target.name, *ONE_STEP).result[-1]
    ask("watch", name)
    ask("status", target.name)
    assert name in ask("history", target.name).out
    ask("rollback", target.name, "--emergency", "to see that it may")
    ask("doctor", target.name)
    written = json.loads(policy(world))["Statement"]
    actions = {(action, each["Sid"]) for each in written for action in [each["Action"]] if isinstance(action, str)}
    lists = {(action, each["Sid"]) for each in written if isinstance(each["Action"], list) for action in each["Action"]}
    assert needed(world, CALLER) == actions | lists


def needed(world: World, role: str) -> set[tuple[str, str]]:
    """Give the actions that the calls of a role needed, each with the statement that allowed it."""
    return {
        (grant.action, sid.rpartition("/")[2])
        for each in list(world.cloud.calls)
        if (each.caller_role or "").endswith(f"/{role}")
        for grant in each.grants
        for sid in grant.statements
    }


def test_who_has_the_policy_for_it_sets_which_users_meet_a_canary(world: World) -> None:
    name = world.target().name
    world.cloud.client("lambda").create_alias(FunctionName=name, Name="live-canary", FunctionVersion="1")
    env = somebody(world, "sets-routes", world.stack.outputs["WriteRoutesPolicyArn"])
    for wish in (["--percent", "5"], ["--always", "ana"]):
        done = call(world, "route", "set", name, *wish, env=env)
        assert done.code == 0, done.err + done.out
    assert "5 % of the users go to live-canary (1 always)" in call(world, "route", "show", name, env=env).out
    used = {(action, sid) for action, sid in needed(world, "sets-routes") if sid in {"WriteRoutes", "ReadLocks"}}
    assert used == {
        *((f"dynamodb:{action}", "WriteRoutes") for action in ("GetItem", "PutItem")),
        *((f"dynamodb:{action}", "ReadLocks") for action in ("BatchGetItem", "ConditionCheckItem")),
    }
