"""Requests that name Regions: what is refused, and what each Region is asked for."""

from typing import Any

import pytest

from tests.builders import NOON, SETTINGS
from tests.fakes.small_aws import small_aws
from tests.unit.refusing import of_checkout, problems, the_problem
from tidegate.aws.ledger import region_items
from tidegate.aws.ledger.index import Heading
from tidegate.aws.regions import opening
from tidegate.domain.errors import InvalidRequest, LockLost
from tidegate.domain.region_moves import request_back
from tidegate.domain.region_releases import Stage
from tidegate.domain.request.limits import ANYTHING, Settings
from tidegate.domain.request.parse import parse_request
from tidegate.domain.request.regions import MOST_REGIONS, request_of

HEADING = Heading("r-1", "arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:r-1", {}, (), "default")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"regions": ["eu-west-1"]}, "regions[0]: must be a list"),
        ({"regions": [["Ireland"]]}, "regions[0][0].region: must match"),
        ({"regions": [[]]}, "regions[0]: has 0 entries; at least 1 are required"),
        ({"regions": [["eu-west-1"], ["eu-west-1"]]}, 'regions[1][0]: {"region": "eu-west-1"} is already listed'),
        ({"regions": [["eu-west-1"]], "regions_on_failure": "stop"}, "regions_on_failure: must be one of"),
        ({"regions_on_failure": "rollback"}, "regions_on_failure: is for a release of several Regions"),
        ({"regions": [["eu-west-1"]], "version": 7}, "version: is the number of a version in one Region"),
        ({"regions": [["eu-west-1"]], "dry_run": True}, "dry_run: is not for a release of several Regions"),
        ({"regions": [[{"region": "eu-west-1", "account": "1"}]]}, "regions[0][0].account: must match"),
        ({"regions": [[{"region": "eu-west-1", "role": "x"}]]}, "regions[0][0].role: is not a field"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(fields: dict[str, Any], said: str) -> None:
    assert the_problem(of_checkout(**fields)).startswith(said)


def test_too_many_regions_are_refused() -> None:
    groups = [[f"eu-west-{group * 6 + n}" for n in range(6)] for group in range(MOST_REGIONS // 6 + 1)]
    assert any("the limit is 50" in problem for problem in problems(of_checkout(regions=groups)))


def test_the_short_and_the_long_form_of_a_region_are_the_same() -> None:
    short, long = (
        parse_request(of_checkout(regions=[[form]]), limits=ANYTHING) for form in ("eu-west-1", {"region": "eu-west-1"})
    )
    assert short == long


def test_each_region_is_asked_for_the_same_with_its_own_name_and_account() -> None:
    raw = of_checkout(
        code={"s3_bucket": "builds-{region}", "s3_key": "{account}/a.zip"},
        regions=[["eu-west-1"]],
        regions_on_failure="rollback",
        labels={"commit": "4f2c"},
    )
    request = request_of(raw, "arn:r-1", "eu-west-1", "222222222222")
    assert request == of_checkout(
        code={"s3_bucket": "builds-eu-west-1", "s3_key": "222222222222/a.zip"},
        labels={"commit": "4f2c", "parent": "arn:r-1"},
    )


def test_a_name_with_a_region_in_it_is_read_as_that_of_the_first_region() -> None:
    image = {"image_uri": f"{{account}}.dkr.ecr.{{region}}.amazonaws.com/a@sha256:{'0' * 64}"}
    request = parse_request(of_checkout(code=image, regions=[["eu-west-1"]]), limits=ANYTHING)
    (target,) = request.targets
    assert target.code is not None
    assert target.code.model_dump()["image_uri"].startswith("123456789012.dkr.ecr.eu-west-1.amazonaws.com/a@")


def test_the_regions_of_an_earlier_release_of_the_same_name_are_left_out() -> None:
    with small_aws():
        opened(of_checkout(regions=[["eu-west-1"], ["us-east-1"]]))
        assert len(region_items.read("r-1", NOON)) == 2
        assert region_items.read("r-1", NOON + 1) == []


def test_a_late_step_changes_no_region_that_another_one_has_changed() -> None:
    with small_aws():
        opened(of_checkout(regions=[["eu-west-1"]]))
        (before,) = region_items.read("r-1", NOON)
        checking = before.at(Stage.CHECKING, NOON + 5)
        region_items.replace("r-1", 0, before, checking, started=NOON, expires=NOON)
        with pytest.raises(LockLost):
            region_items.replace("r-1", 0, before, before.at(Stage.CHECKING, NOON + 9), started=NOON, expires=NOON)
        assert region_items.read("r-1", NOON) == [checking]


def opened(raw: dict[str, Any], **settings: str) -> Any:
    own = {"account": "123456789012", "region": "eu-west-1", "regions_role": "regions", **settings}
    return opening.opened(raw, HEADING, NOON, Settings.model_validate({**SETTINGS, **own}), attempt=0)


def test_a_release_of_regions_is_recorded_with_a_lock_by_which_recover_finds_it() -> None:
    there = {"region": "us-east-1", "account": "222222222222", "stack": "other"}
    with small_aws() as aws:
        answer = opened(of_checkout(regions=[["eu-west-1"], [there]]))
        found = region_items.read("r-1", NOON)
        assert [item["sk"] for item in aws.partition("locks")] == [region_items.lock_of("r-1")]
    assert answer["next"] == "regions"
    assert answer["summary"] == "release eu-west-1, then us-east-1, each by Tidegate there"
    assert [(one.name, one.group) for one in found] == [
        ("eu-west-1/123456789012/tidegate", 0),
        ("us-east-1/222222222222/other", 1),
    ]


@pytest.mark.parametrize(
    ("raw", "settings", "said"),
    [
        ({"regions": [["eu-west-1"]]}, {"regions_role": ""}, "deploy it with RegionsRole"),
        (
            {"regions": [["eu-west-1"], [{"region": "eu-west-1", "account": "123456789012"}]]},
            {},
            "eu-west-1/123456789012/tidegate is listed twice",
        ),
        ({"regions": [["eu-west-1"]], "alias": "{region}!"}, {}, "alias"),
        ({"regions": [["eu-west-1"]]}, {"own_prefix": f"{'t' * 26}-"}, "25 characters at most"),
        ({"regions": [["eu-west-1"]], "labels": {f"l{n}": "" for n in range(20)}}, {}, "the limit is 19"),
    ],
)
def test_nothing_is_recorded_of_a_request_that_is_refused(
    raw: dict[str, Any], settings: dict[str, str], said: str
) -> None:
    with small_aws() as aws:
        with pytest.raises(InvalidRequest, match=said):
            opened(of_checkout(**raw), **settings)
        assert aws.items == {}


def test_what_goes_back_is_what_the_record_found_before() -> None:
    targets: list[dict[str, Any]] = [
        {"function": "a", "alias": "live", "snapshot": {"version": "7"}},
        {"function": "new", "alias": "live", "snapshot": None},
    ]
    back = request_back(targets, "parent-1", "arn:parent")
    assert back is not None
    assert [(each["function"], each["version"]) for each in back["targets"]] == [("a", "7")]
    assert back["targets"][0]["unmoved"], "what somebody has moved since stays"
    assert back["strategy"] == "all-at-once"
    assert back["labels"]["parent"] == "arn:parent"
    assert request_back(targets[1:], "parent-1", "arn:parent") is None


def test_the_wave_that_was_released_last_goes_back_first() -> None:
    targets = [{"function": f"f{n}", "alias": "live", "snapshot": {"version": "7"}, "wave": n} for n in (1, 3, 4)]
    back = request_back(targets, "parent-1", "arn:parent")
    assert back is not None
    assert [(each["function"], each["wave"]) for each in back["targets"]] == [("f1", 4), ("f3", 2), ("f4", 1)]
    parse_request(back, limits=ANYTHING)
