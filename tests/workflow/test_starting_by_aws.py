"""Releases that AWS' own events start: of images that are pushed, and of functions that somebody updates."""

import hashlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.lambda_ import register_image
from tests.reading import ROOT
from tests.workflow.releases import Release, eventually
from tests.workflow.targets import Target
from tests.workflow.world import FUNCTIONS, World

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
MANIFEST = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "layers": []}


CONFIGURATION = "application/vnd.docker.container.image.v1+json"


def tag(world: World, target: Target, **tags: str) -> None:
    named = {f"tidegate:{name.replace('_', '-')}": value for name, value in tags.items()}
    world.cloud.client("lambda").tag_resource(Resource=target.latest["FunctionArn"], Tags=named)


def manifest(layer: str) -> str:
    return json.dumps(MANIFEST | {"config": {"digest": layer}})


def image(layer: str) -> str:
    """Register the image of a manifest with this layer, and give its URI."""
    uri = f"{REGISTRY}/shop-images@sha256:{hashlib.sha256(manifest(layer).encode()).hexdigest()}"
    register_image(uri, FUNCTIONS / layer)
    return uri


def the_release_of(world: World, target: Target, *, after: Release | None = None) -> Release:
    """Wait for the release that an event starts, after another one."""
    before = {after.name} if after else set()
    names = eventually(lambda: set(world.releases_of(target)) - before, f"a release of {target.name}")
    return world.started(names.pop(), target)


def test_a_pushed_image_is_released_to_every_function_that_is_tagged_with_it(world: World) -> None:
    images = world.cloud.client("ecr")
    stable, new = image("stable"), image("changed")
    targets = [world.image_target(stable) for _ in range(2)]
    tag(world, targets[0], image="shop-images:released", alias="live")
    tag(world, targets[1], image="shop-images")
    pushed = {"imageManifest": manifest("changed"), "imageDigest": new.partition("@")[2], "imageTag": "released"}
    images.put_image(repositoryName="shop-images", **pushed)
    (name,) = eventually(lambda: world.releases_beginning("shop-images-released-"), "the release")
    release = world.started(name, *targets).reach("Shift traffic")
    release.stop()
    world.recover()
    assert [target.versions for target in targets] == [["1", "2"], ["1", "2"]]
    assert [target.latest["CodeSha256"] for target in targets] == [new.partition("@sha256:")[2]] * 2
    assert (world.record(release) or {})["labels"] == {"started_by": "push of shop-images:released"}


def test_a_push_that_is_told_of_after_a_newer_one_starts_nothing_and_is_announced_so(world: World) -> None:
    images, repository = world.cloud.client("ecr"), {"repositoryName": "shop-overtaken"}
    images.create_repository(**repository)
    target = world.target(None)
    older, newer = (hashlib.sha256(manifest(layer).encode()).hexdigest() for layer in ("older", "newer"))
    pushed = {"imageManifest": manifest("newer"), "imageDigest": f"sha256:{newer}", "imageTag": "released"}
    images.put_image(**repository, **pushed)
    tag(world, target, image="shop-overtaken:released", alias="nowhere")
    told = json.loads((ROOT / "tests/events/ecr-push.json").read_text()) | {"region": "us-east-1"}
    detail = {**told["detail"], "repository-name": "shop-overtaken"}
    late = world.call("Start", {**told, "detail": {**detail, "image-digest": f"sha256:{older}"}})
    assert late["release"] is None
    assert f"EventOvertaken: shop-overtaken:released is sha256:{newer} now" in late["summary"]
    begun = world.call("Start", {**told, "detail": {**detail, "image-digest": f"sha256:{newer}"}})
    release = world.started(begun["release"], target).wait()
    images.batch_delete_image(**repository, imageIds=[{"imageTag": "released"}])
    again = world.call("Start", {**told, "detail": {**detail, "image-digest": f"sha256:{newer}"}})
    assert again == {"release": release.name, "summary": f"release {release.name} already exists"}


def test_neither_a_signature_nor_an_index_takes_the_place_of_the_image_that_it_belongs_to(world: World) -> None:
    images, repository = world.cloud.client("ecr"), {"repositoryName": "shop-signed"}
    images.create_repository(**repository)
    target = world.image_target(image("stable"))
    tag(world, target, image="shop-signed")
    told = json.loads((ROOT / "tests/events/ecr-push.json").read_text()) | {"region": "us-east-1"}

    def push(kind: str, tag: str) -> tuple[str, dict[str, str]]:
        """Push it; have Start told as by the events of 2019, which say no media type."""
        digest = "sha256:" + hashlib.sha256(kind.encode()).hexdigest()
        content = json.dumps(MANIFEST | {"mediaType": kind, "config": {"mediaType": CONFIGURATION}})
        images.put_image(**repository, imageManifest=content, imageDigest=digest, imageTag=tag)
        detail = {**told["detail"], "repository-name": "shop-signed", "image-tag": tag, "image-digest": digest}
        return digest, world.call("Start", {**told, "detail": detail})

    _, signed = push("application/vnd.oci.image.manifest.v1+json", f"sha256-{'4f' * 32}.sig")
    assert signed == {"release": None, "summary": "this event releases nothing"}
    digest, listed = push("application/vnd.oci.image.index.v1+json", "released")
    assert listed["release"] is None
    assert "InvalidRequest: code.image_uri: shop-signed:released is an image index" in listed["summary"]
    assert world.releases_of(target) == world.releases_beginning("shop-signed") == []
    asked = world.release(target, code={"image_uri": f"{REGISTRY}/shop-signed@{digest}"}).wait()
    assert (asked.error, asked.cause.partition(": ")[0]) == ("InvalidRequest", "code.image_uri")
    assert "--provenance=false" in asked.cause


def test_uploading_code_is_all_it_takes_until_traffic_is_shifted(world: World) -> None:
    target = world.target(None)
    tag(world, target, on_update="release")
    with world.releasing_updates():
        world.cloud.update_code(target.name, FUNCTIONS / "changed")
        release = the_release_of(world, target).reach("Bake")
    assert target.writes == [("1", {"2": 0.05})]
    release.stop()
    world.recover()
    assert (world.record(release) or {})["labels"] == {"started_by": "update by arn:aws:iam::123456789012:root"}


def test_code_and_configuration_that_come_in_two_calls_are_released_together(world: World) -> None:
    target, functions = world.target(None), world.cloud.client("lambda")
    tag(world, target, on_update="release")
    with world.releasing_updates():
        world.cloud.update_code(target.name, FUNCTIONS / "changed")
        first = the_release_of(world, target).reach("Go ahead?")
        functions.update_function_configuration(FunctionName=target.name, MemorySize=256)
        second = the_release_of(world, target, after=first).reach("Bake")
    first.wait()
    (canary,) = target.state[1]
    shown = functions.get_function_configuration(FunctionName=target.name, Qualifier=canary)
    assert (shown["MemorySize"], first.status) == (256, "ABORTED")
    second.stop()
    world.recover()


def test_neither_tidegates_own_updates_nor_failed_ones_nor_those_of_other_functions_start_a_release(
    world: World,
) -> None:
    target, untagged, last = world.target(None), world.target(None), world.target(None)
    for each in (target, last):
        tag(world, each, on_update="release")
    with world.releasing_updates():
        own = world.release(target, configuration={"memory_size": 256}, strategy="all-at-once").wait()
        assert own.status == "SUCCEEDED", own.cause
        with pytest.raises(ClientError, match="PreconditionFailedException"):
            world.cloud.client("lambda").update_function_configuration(
                FunctionName=target.name, MemorySize=512, RevisionId="never-there"
            )
        world.cloud.update_code(untagged.name, FUNCTIONS / "changed")
        world.cloud.update_code(last.name, FUNCTIONS / "changed")
        release = the_release_of(world, last)
    release.stop()
    eventually(lambda: told_of(world, untagged), f"the update of {untagged.name} at Start")
    assert world.releases_of(target) == world.releases_of(untagged) == []
    assert told_of(world, target) == []
    world.recover()


def told_of(world: World, target: Target) -> list[Any]:
    """Give the events about a function that were delivered to Start."""
    name = world.step_function("Start")
    events = [json.loads(call.payload) for call in list(world.cloud.invocations) if call.function_name == name]
    return [each for each in events if each["detail"].get("requestParameters", {}).get("functionName") == target.name]
