"""What Plan refuses, before anything is touched: the field, what is wrong with it, and how it would be right."""

import shlex
from dataclasses import dataclass
from typing import Any

import pytest

from localcloud.lambda_ import register_image
from tests.workflow.releases import Release
from tests.workflow.targets import Target
from tests.workflow.world import FUNCTIONS, World

THIS: Any = "the function of this test"
STEPS_THAT_FALL = [{"weight": 50, "bake": "1m"}, {"weight": 10, "bake": "1m"}]
STEPS_TOO_HIGH = [{"weight": 120, "bake": "1m"}]
SHORT = {"function": THIS}
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop-x@sha256:" + "0" * 64


@dataclass(frozen=True)
class Bad:
    """A request, the path of its bad field, and words of the message and of its example."""

    request: Any
    path: str
    words: str
    example: str


BAD = {
    "an unknown function": Bad(
        {"function": "shop-nobody-made-this"}, "function", "there is no function", '"function": "checkout"'
    ),
    "a function outside the pattern": Bad({"function": "billing"}, "function", "FunctionPattern", '"function"'),
    "a function of our own": Bad({"function": "tidegate-PlanFunction"}, "function", "Tidegate itself", '"function"'),
    "a wrong type": Bad({**SHORT, "dry_run": "yes"}, "dry_run", "true or false", '"dry_run": true'),
    "an unknown field": Bad({**SHORT, "weigth": 5}, "weigth", "not a field", '"weight"'),
    "a field inside that is unknown": Bad(
        {"targets": [{"function": THIS, "memory": 1}]}, "targets[0].memory", "not a field", "memory_size"
    ),
    "weights that fall": Bad(
        {**SHORT, "strategy": {"steps": STEPS_THAT_FALL}}, "strategy.steps[1].weight", "weights must rise", '"steps"'
    ),
    "a weight over 100": Bad(
        {**SHORT, "strategy": {"steps": STEPS_TOO_HIGH}}, "strategy.steps[0].weight", "120", '"weight": 5'
    ),
    "an unknown strategy": Bad({**SHORT, "strategy": "canary-10-5x"}, "strategy", "no", '"strategy": "guarded"'),
    "$LATEST as a version": Bad({**SHORT, "version": "$LATEST"}, "version", "not a published version", '"version": 42'),
    "a version that does not exist": Bad({**SHORT, "version": 99}, "version", "no version 99", '"version"'),
    "an alias name that is a number": Bad({**SHORT, "alias": "7"}, "alias", "is a version number", '"alias": "live"'),
    "an alias that does not exist": Bad({**SHORT, "alias": "beta"}, "alias", "no alias", '"create_alias": true'),
    "a literal environment value": Bad(
        {**SHORT, "configuration": {"environment": {"PASSWORD": "hunter2"}}},
        "configuration.environment.PASSWORD",
        "literal value",
        '"ssm"',
    ),
    "over 100 targets": Bad(
        {"targets": [{"function": f"shop-{n}"} for n in range(101)]}, "targets", "more than 100", '"targets"'
    ),
    "the same alias twice": Bad(
        {"targets": [SHORT, SHORT]}, "targets[1].function", "is already listed at targets[0]", '"function"'
    ),
    "code from a bucket that is not named": Bad(
        {**SHORT, "code": {"s3_bucket": "elsewhere", "s3_key": "a.zip"}}, "code.s3_bucket", "builds", '"s3_bucket"'
    ),
    "a zip file that is not there": Bad(
        {**SHORT, "code": {"s3_bucket": "builds-here", "s3_key": "a.zip"}}, "code.s3_key", "no object", "aws s3 cp"
    ),
    "a parameter that is not there": Bad(
        {**SHORT, "configuration": {"environment": {"COLOUR": {"ssm": "/shop/nothing-there"}}}},
        "configuration.environment.COLOUR.ssm",
        "there is no parameter /shop/nothing-there",
        '"ssm"',
    ),
    "a secret that is not there": Bad(
        {**SHORT, "configuration": {"environment": {"WORD": {"secret": "shop/nothing-there"}}}},
        "configuration.environment.WORD.secret",
        "there is no secret shop/nothing-there",
        '"secret"',
    ),
    "a layer outside the pattern": Bad(
        {**SHORT, "configuration": {"layers": ["arn:aws:lambda:us-east-1:123456789012:layer:other:1"]}},
        "configuration.layers[0]",
        "parameter LayerArnPattern",
        '"layers"',
    ),
    "a function of another account": Bad(
        {"function": "arn:aws:lambda:us-east-1:210987654321:function:shop-x"}, "function", "210987654321", '"function"'
    ),
    "an image for a zip function": Bad(
        {**SHORT, "code": {"image_uri": IMAGE}}, "code", "is of package type Zip", '"s3_key"'
    ),
    "no object at all": Bad(["checkout"], "request", "must be an object", '{"function": "checkout"}'),
}


def _filled_in(request: Any, name: str) -> Any:
    if isinstance(request, dict):
        return {key: _filled_in(value, name) for key, value in request.items()}
    if isinstance(request, list):
        return [_filled_in(value, name) for value in request]
    return name if request == THIS else request


@pytest.fixture(scope="module")
def target(world: World) -> Target:
    register_image(IMAGE, FUNCTIONS / "stable")
    world.cloud.client("s3").create_bucket(Bucket="builds-here")
    return world.target()


@pytest.fixture(scope="module")
def refused(world: World, target: Target) -> dict[str, Release]:
    return {what: world.start(_filled_in(bad.request, target.name), [target]) for what, bad in BAD.items()}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_request_is_refused_with_the_path_of_the_field_and_an_example(
    what: str, refused: dict[str, Release], world: World
) -> None:
    release, bad = refused[what].wait(), BAD[what]
    assert (release.status, release.error) == ("FAILED", "InvalidRequest")
    assert release.cause.startswith(f"{bad.path}: "), release.cause
    assert bad.words in release.cause
    assert bad.example in release.cause.partition("example: ")[2]
    assert release.states == ["Plan", "Refused"]
    assert "hunter2" not in release.cause


def test_a_refused_request_touches_nothing(refused: dict[str, Release], target: Target, world: World) -> None:
    for release in refused.values():
        release.wait()
    assert target.writes == []
    assert target.versions == ["1"]
    assert world.lock(target) is None


def test_an_alias_on_latest_is_refused(world: World) -> None:
    target = world.target(None, alias=None)
    world.cloud.client("lambda").create_alias(FunctionName=target.name, Name="live", FunctionVersion="$LATEST")
    release = world.release(target).wait()
    assert release.error == "InvalidRequest"
    assert release.cause.startswith(f"alias: {target.full_name} points at $LATEST")
    assert "example: aws lambda update-alias" in release.cause


def test_an_alias_with_provisioned_concurrency_is_refused(world: World) -> None:
    target = world.target()
    world.cloud.client("lambda").put_provisioned_concurrency_config(
        FunctionName=target.name, Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    release = world.release(target).wait()
    assert release.error == "InvalidRequest"
    assert release.cause.startswith(f"alias: {target.full_name} has provisioned concurrency")
    assert "example: aws lambda delete-provisioned-concurrency-config" in release.cause


def test_an_alias_that_is_split_already_is_refused(world: World) -> None:
    target = world.target()
    target.move("1", {target.publish(): 0.25})
    revision = target.revision
    release = world.release(target).wait()
    assert release.error == "InvalidRequest"
    assert release.cause.startswith(f"alias: {target.full_name} is split already (version 1 with 25 % on 2)")
    assert (target.revision, world.lock(target)) == (revision, None)
    _carry_out(release.cause.partition("example: aws lambda ")[2], world)
    assert target.state == ("1", {})


def test_an_alias_that_somebody_has_moved_is_refused_where_that_is_asked(world: World) -> None:
    """As a Region goes back after the failure of another one."""
    target = world.target()
    item = {"pk": f"alias#{target.full_name}", "sk": "live", "version": "7", "previous": "6", "release": "r"}
    world.cloud.client("dynamodb").put_item(
        TableName=world.stack.outputs["LedgerTable"],
        Item={**{name: {"S": text} for name, text in item.items()}, "at": {"N": "1"}},
    )
    release = world.start({"function": target.name, "unmoved": True}, [target]).wait()
    assert release.error == "InvalidRequest"
    said = f"unmoved: somebody has moved {target.full_name} since version 7 was released: it is 100 % on version 1"
    assert release.cause.startswith(said)
    assert target.state == ("1", {})


def _carry_out(command: str, world: World) -> None:
    """Do what the AWS CLI would: it reads `--routing-config AdditionalVersionWeights={}` as an empty map."""
    action, *options = shlex.split(command)
    assert action == "update-alias"
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert given.pop("--routing-config") == "AdditionalVersionWeights={}"
    names = {"--function-name": "FunctionName", "--name": "Name", "--function-version": "FunctionVersion"}
    parameters = {names[option]: value for option, value in given.items()}
    world.cloud.client("lambda").update_alias(**parameters, RoutingConfig={"AdditionalVersionWeights": {}})


def test_every_problem_is_named_at_once(world: World, target: Target) -> None:
    release = world.start({"function": target.name, "alias": "7", "version": "$LATEST", "dry_run": 1}).wait()
    assert release.cause.startswith("3 problems in the request:\n")
    assert {line.partition(":")[0] for line in release.cause.splitlines()[1:]} == {"alias", "version", "dry_run"}


def test_a_lock_held_by_another_release_refuses_and_says_whose_and_since_when(world: World) -> None:
    target = world.target()
    first = world.release(target, strategy="canary-10-5m").reach("Bake")
    lock = world.lock(target)
    assert lock is not None
    second = world.release(target).wait()
    assert (second.status, second.error) == ("FAILED", "LockHeld")
    assert f"{target.full_name} has been locked by release {first.name} since 20" in second.cause
    console = "https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/"
    assert second.cause.endswith(f"{console}{first.arn}"), "a link at the end can be followed in every console"
    assert world.lock(target) == lock, "the first release still holds it"
    first.stop()
    world.recover()


def test_one_held_target_of_two_leaves_the_other_free(world: World) -> None:
    held, free = world.target(), world.target()
    first = world.release(held, strategy="canary-10-5m").reach("Bake")
    second = world.release(free, held).wait()
    assert second.error == "LockHeld"
    assert world.lock(free) is None
    first.stop()
    world.recover()


def test_a_dry_run_touches_nothing_and_says_what_a_release_would_do(world: World) -> None:
    target = world.target()
    revision = target.revision
    release = world.release(target, strategy="linear-10-1m", dry_run=True).wait()
    assert (release.status, release.states) == ("SUCCEEDED", ["Plan", "Go ahead?", "Dry run"])
    assert release.output["outcome"] == "dry-run"
    shown = release.output["plan"]
    assert shown["decision"].startswith(f"release {target.full_name} by linear-10-1m (10 % → 20 % →")
    assert [len(each["steps"]) for each in shown["targets"]] == [9]
    assert f"release {target.full_name} by linear-10-1m (10 % → 20 % → " in release.output["summary"]
    assert (target.revision, target.versions) == (revision, ["1"])
    assert world.ledger(f"release#{release.name}") == []


def test_a_dry_run_is_refused_as_the_release_would_be(world: World) -> None:
    held = world.target()
    first = world.release(held, strategy="canary-10-5m").reach("Bake")
    assert world.release(held, dry_run=True).wait().error == "LockHeld"
    assert world.start({"function": "shop-nobody", "dry_run": True}).wait().error == "InvalidRequest"
    first.stop()
    world.recover()


def test_what_was_rolled_back_before_is_refused_unless_asked_for_again(world: World) -> None:
    target = world.target().evidence(canary_failing=0.3)
    failed = world.release(target).wait()
    assert failed.error == "VersionFailed"
    unchanged = world.release(target).wait()
    assert unchanged.error == "InvalidRequest"
    assert f"$LATEST still contains version 2, which was rolled back by release {failed.name}" in unchanged.cause
    by_number = world.release(target, version=2).wait()
    assert by_number.cause.startswith(f"version: version 2 was rolled back by release {failed.name}")
    assert 'example: "again": true' in by_number.cause
    again = world.release(target, version=2, again=True, strategy="all-at-once").wait()
    assert (again.status, target.state) == ("SUCCEEDED", ("2", {}))
