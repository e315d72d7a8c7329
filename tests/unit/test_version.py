"""What makes a version: every setting that Lambda knows is sorted, and what is not known is not the same."""

from typing import Any

import pytest
from botocore.session import get_session

from tests import failing
from tests.builders import NOON
from tests.fakes.small_aws import SmallAws, small_aws
from tidegate.aws.lambda_ import functions, inspection, provisioning, publishing
from tidegate.aws.lambda_.aliases import Alias
from tidegate.aws.lambda_.functions import FunctionState
from tidegate.aws.lambda_.publishing import SettledLatest
from tidegate.aws.ledger import history
from tidegate.domain import version
from tidegate.domain.alias import AliasState
from tidegate.domain.planning.preflight import obstacles
from tidegate.domain.request.models import TargetRequest
from tidegate_cli.builds import Candidate

HIDDEN = {"Error": {"ErrorCode": "AccessDeniedException", "Message": "The ciphertext refers to a key that …"}}
"""An environment under a key that the caller may not use (botocore's model, EnvironmentError)."""

LIVE: dict[str, Any] = {
    "Runtime": "python3.13",
    "Timeout": 3,
    "Environment": {"Variables": {"LOG_LEVEL": "INFO"}},
    "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
    "Layers": [{"Arn": "arn:aws:lambda:eu-west-1:123456789012:layer:base:1", "CodeSize": 7}],
}


def members(shape: str) -> set[str]:
    found: Any = get_session().get_service_model("lambda").shape_for(shape)
    return set(found.members)


@pytest.mark.parametrize(
    ("shape", "makes", "makes_none"),
    [
        ("FunctionConfiguration", version.MAKES_A_VERSION, version.MAKES_NO_VERSION),
        ("FunctionCodeLocation", version.CODE_MAKES_A_VERSION, version.CODE_MAKES_NO_VERSION),
        ("SnapStartResponse", {version.SHOWN_OF_SNAPSTART}, {"OptimizationStatus"}),
        ("Layer", {version.SHOWN_OF_LAYER}, {"CodeSize", "SigningJobArn", "SigningProfileVersionArn"}),
    ],
)
def test_whatever_lambda_says_of_a_function_is_sorted(shape: str, makes: set[str], makes_none: set[str]) -> None:
    """When this fails, botocore has a new member: find out whether it makes a version, and sort it."""
    assert makes | makes_none == members(shape)
    assert makes & makes_none == set()


def test_whatever_an_update_may_change_makes_a_version() -> None:
    """But for the description, and for what GetFunction shows by another name."""
    changed = members("UpdateFunctionConfigurationRequest") - {"FunctionName", "RevisionId", "Description"}
    assert {*changed - {"ImageConfig"}, "ImageConfigResponse"} <= version.MAKES_A_VERSION


def state(name: str = "$LATEST", *, code: Any = None, **changes: Any) -> FunctionState:
    known = {"Version": name, "RevisionId": "r", "CodeSha256": "c", "LastModified": "2027-01-15T12:00:00.000+0000"}
    answer = {"Configuration": {**LIVE, **known, **changes}, "Code": {"Location": f"https://{name}", **(code or {})}}
    return functions._state("checkout", answer)


def candidate(latest: FunctionState, serving: FunctionState) -> Candidate:
    alias = Alias("checkout", "live", AliasState(serving.version), "r")
    return Candidate({"function": "checkout", "alias": "live"}, latest, alias, serving)


CHANGES: dict[str, Any] = {
    **{name: {"Changed": "alone"} for name in version.MAKES_A_VERSION},
    "Layers": [{"Arn": "arn:aws:lambda:eu-west-1:123456789012:layer:base:2"}],
    "SnapStart": {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"},
    "Environment": {"Variables": {"LOG_LEVEL": "INFO", "EMPTY": ""}},
}


@pytest.mark.parametrize("name", sorted(version.MAKES_A_VERSION))
def test_a_change_of_one_setting_is_neither_live_nor_named_as_what_was_before(name: str) -> None:
    latest, live = state(**{name: CHANGES[name]}), state("1")
    assert not latest.same_build(live)
    assert not candidate(latest, live).live
    assert candidate(latest, live).build != candidate(state(), live).build
    assert latest.config_sha256 != state().config_sha256


def test_code_that_lambda_reads_from_elsewhere_is_another_version() -> None:
    referred = state(code={"ResolvedS3Object": {"S3Bucket": "builds", "S3Key": "checkout.zip"}})
    assert not referred.same_build(state("1"))
    assert candidate(referred, state("1")).build != candidate(state(), state("1")).build


@pytest.mark.parametrize("name", sorted(version.MAKES_NO_VERSION - {"CodeSha256", "Version"}))
def test_what_makes_no_version_is_not_looked_at(name: str) -> None:
    assert state(**{name: "other"}).same_build(state("1"))


@pytest.mark.parametrize(
    "shown",
    [
        {"SnapStart": None},
        {"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""}},
        {"FileSystemConfigs": []},
        {"Layers": [{"Arn": LIVE["Layers"][0]["Arn"], "CodeSize": 8}]},
    ],
)
def test_a_version_and_latest_may_show_the_same_in_two_ways(shown: dict[str, Any]) -> None:
    assert state(**shown).same_build(state("1"))


def test_snapstart_is_on_for_the_version_alone() -> None:
    on = {"ApplyOn": "PublishedVersions"}
    latest, published = ({**on, "OptimizationStatus": status} for status in ("Off", "On"))
    assert state(SnapStart=latest).same_build(state("1", SnapStart=published))


def test_two_environments_that_cannot_be_read_are_not_known_to_be_the_same() -> None:
    latest, live = state(Environment=HIDDEN), state("1", Environment=HIDDEN)
    assert not latest.same_build(live)
    assert not latest.same_build(state("1"))
    assert not candidate(latest, live).live
    later = state(Environment=HIDDEN, LastModified="2027-01-15T12:00:01.000+0000")
    assert candidate(latest, live).build == candidate(state(Environment=HIDDEN), live).build
    assert candidate(latest, live).build != candidate(later, live).build
    assert latest.config_sha256 is None


@pytest.mark.parametrize(("digests", "known"), [(("d", "d"), True), (("d", "e"), False), (("d", None), False)])
def test_lambdas_own_digest_tells_where_it_is_there(digests: tuple[str, str | None], known: bool) -> None:
    latest, live = (
        state(name, Environment=HIDDEN, ConfigSha256=digest)
        for name, digest in zip(("$LATEST", "1"), digests, strict=True)
    )
    assert latest.same_build(live) is known


def test_lambdas_own_digest_says_nothing_against_what_is_shown() -> None:
    """Whether it covers the description, in which a version differs, is not known."""
    assert state(ConfigSha256="d").same_build(state("1", ConfigSha256="e"))
    assert not state(ConfigSha256="d", Timeout=9).same_build(state("1", ConfigSha256="d"))


class Function(SmallAws):
    """What GetFunction and PublishVersion say of one function."""

    def __init__(self, *states: FunctionState) -> None:
        super().__init__()
        self.states = {each.version: each for each in states}
        self.published = 0

    def get_function(self, FunctionName: str, Qualifier: str = "$LATEST") -> Any:
        return {"Configuration": self.states[Qualifier].configuration, "Code": self.states[Qualifier].code}

    def publish_version(self, RevisionId: str, Description: str, **_: Any) -> Any:
        if RevisionId != self.states["$LATEST"].revision_id:
            raise failing.refused("PreconditionFailedException", 412)
        self.published += 1
        return {"Version": "2", "Description": Description}

    def get_paginator(self, _name: str) -> Any:
        return self

    def paginate(self, **_: Any) -> Any:
        return [{"Versions": []}]


@pytest.mark.parametrize(
    ("latest", "bad", "refused"),
    [
        (state(), state("2"), True),
        (state(SnapStart=CHANGES["SnapStart"]), state("2"), False),
        (state(RuntimeConfig={"RuntimeArn": "other"}), state("2"), False),
        (state(Environment=HIDDEN), state("2", Environment=HIDDEN), False),
        (state(Environment=HIDDEN, ConfigSha256="d"), state("2", Environment=HIDDEN, ConfigSha256="d"), True),
        (state(Environment=HIDDEN, ConfigSha256="d"), state("2", Environment=HIDDEN, ConfigSha256="e"), False),
    ],
)
def test_only_what_is_known_to_be_the_version_that_was_rolled_back_is_refused_for_it(
    latest: FunctionState, bad: FunctionState, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is not known, Publish asks Lambda, and refuses the version that already exists."""
    aws = Function(latest, bad, state("1"))
    record = {"version": "2", "release": "release-1", "at": NOON, "why": "it failed"}
    monkeypatch.setattr(functions, "lambda_client", lambda: aws)
    monkeypatch.setattr(history, "last_rolled_back", lambda _target: record)
    monkeypatch.setattr(provisioning, "environments", lambda _: {})
    wanted = TargetRequest.model_validate({"function": "checkout", "alias": "live"})
    with small_aws(aws):
        found = inspection.inspect(wanted, {"checkout:live": AliasState("1")})
    assert [problem.startswith("version: ") for problem in obstacles(wanted, found, "")] == [True] * refused


@pytest.mark.parametrize(("hidden", "goes_on"), [(False, True), (True, False)])
def test_latest_that_somebody_else_published_is_published_again_if_it_is_known_to_be_what_settled(
    hidden: bool, goes_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    latest = state(Environment=HIDDEN) if hidden else state()
    aws = Function(latest)
    for module in (functions, publishing):
        monkeypatch.setattr(module, "lambda_client", lambda: aws)
    settled = SettledLatest("before", latest.code_sha256, latest.config_sha256)
    assert (publishing.publish("checkout", "ours", settled) is not None) is goes_on
    assert aws.published == goes_on
