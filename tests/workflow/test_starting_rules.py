"""Releases that the rules of docs/starting start, deployed beside Tidegate."""

import json
from typing import Any

from localcloud.deploy.functions import zipped
from tests.reading import ROOT
from tests.workflow.releases import Release, eventually
from tests.workflow.targets import Target
from tests.workflow.world import FUNCTIONS, World

BUCKET = "builds-told"


def deploy(world: World, template: str, target: Target, **parameters: str) -> None:
    own = {"StartFunctionArn": world.stack.outputs["StartFunction"], "FunctionName": target.name}
    own["DeadLettersArn"] = world.stack.outputs["DeadLettersArn"]
    world.cloud.deploy(ROOT / f"docs/starting/{template}.yaml", own | parameters, f"started-by-{template}")


def event(name: str, **detail: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((ROOT / f"tests/events/{name}.json").read_text())
    return {**told, "detail": {**told["detail"], **detail}}


def told_twice(world: World, told: dict[str, Any], target: Target) -> Release:
    """Tell an event two times; give the one release that it starts."""
    world.cloud.tell(told)
    world.cloud.tell(told)
    (name,) = eventually(lambda: world.releases_of(target), f"a release of {target.name}")
    return world.started(name, target)


def test_a_zip_file_in_s3_is_released_by_its_version(world: World) -> None:
    target, storage = world.target(None), world.cloud.client("s3")
    storage.create_bucket(Bucket=BUCKET)
    storage.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    code = {"s3_bucket": BUCKET, "s3_key": "cart.zip"}
    older, put = (
        storage.put_object(Bucket=BUCKET, Key="cart.zip", Body=zipped(FUNCTIONS / folder))["VersionId"]
        for folder in ("broken", "changed")
    )
    storage.put_object(Bucket=BUCKET, Key="cart.zip.sig", Body=b"another key that begins so")
    deploy(world, "s3-object", target, BucketName=BUCKET, ObjectKey="cart.zip")
    found = {"key": "cart.zip", "size": 512, "version-id": put}
    release = told_twice(world, event("s3-object-created", object=found), target).reach("Bake")
    assert target.writes == [("1", {"2": 0.05})]
    request = {"function": target.name, "code": {**code, "s3_object_version": older}}
    late = world.call("Start", event("release-requested") | {"source": "aws.s3", "detail": request})
    assert f"EventOvertaken: s3://{BUCKET}/cart.zip is {put} now" in late["summary"]
    release.stop()
    world.recover()
    assert world.releases_of(target) == [release.name]


def test_an_alias_that_the_stack_itself_moved_is_reported_as_live_and_not_judged(world: World) -> None:
    target, told = world.target(), event("stack-updated")
    deploy(world, "stack-update", target, WatchedStackId=told["detail"]["stack-id"])
    target.move(target.publish())
    release = told_twice(world, told, target).wait()
    assert release.status == "SUCCEEDED", release.cause
    assert "already live, not judged" in release.told
    assert {*map(str, target.writes)} == {"('2', {})"}
    assert "Compare versions" not in release.states


def test_what_a_build_has_put_into_latest_is_released(world: World) -> None:
    target, told = world.target(), event("build-succeeded")
    deploy(world, "codebuild", target, ProjectName="shop")
    release = told_twice(world, told, target).reach("Shift traffic")
    assert (world.record(release) or {})["labels"] == {"build": told["detail"]["build-id"]}
    release.stop()
    world.recover()
