"""Aliases: what AWS refuses, what it keeps, and what changes a revision (recorded by LocalStack's snapshot tests)."""

from dataclasses import dataclass
from typing import Any

import pytest

from localcloud import LocalCloud, lambda_
from tests.contract.lambda_calls import ARN, HEALTHY, publish, refused, role

INVALID = "InvalidParameterValueException"
NOT_FOUND = ("ResourceNotFoundException", 404)


def weights(**by_version: float) -> dict[str, Any]:
    return {"AdditionalVersionWeights": {key.lstrip("v"): weight for key, weight in by_version.items()}}


@pytest.fixture(scope="module")
def function(cloud: LocalCloud) -> str:
    """A function with three versions; tests take an alias name each."""
    with lambda_.throttle.off():
        cloud.create_function("alias-shop", HEALTHY)
        for seconds in (3, 4, 5):
            publish(cloud.client("lambda"), "alias-shop", Timeout=seconds)
    return "alias-shop"


def test_an_alias_is_created_with_201_and_read_with_200(client: Any, function: str) -> None:
    created = client.create_alias(FunctionName=function, Name="one", FunctionVersion="1", Description="first")
    read = client.get_alias(FunctionName=function, Name="one")
    assert [created.pop("ResponseMetadata")["HTTPStatusCode"], read.pop("ResponseMetadata")["HTTPStatusCode"]] == [
        201,
        200,
    ]
    assert created == read
    assert created.pop("RevisionId")
    arn = f"{ARN}{function}:one"
    assert created == {"AliasArn": arn, "Name": "one", "FunctionVersion": "1", "Description": "first"}


def test_weights_come_back_as_given_and_an_empty_map_clears_them(client: Any, function: str) -> None:
    here = {"FunctionName": function, "Name": "two"}
    client.create_alias(FunctionVersion="1", RoutingConfig=weights(v2=0.2), **here)
    assert client.get_alias(**here)["RoutingConfig"] == weights(v2=0.2)
    assert client.update_alias(Description="x", **here)["RoutingConfig"] == weights(v2=0.2)
    cleared = client.update_alias(RoutingConfig={"AdditionalVersionWeights": {}}, **here)
    assert cleared["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert "RoutingConfig" not in cleared
    assert "RoutingConfig" not in client.get_alias(**here)
    assert cleared["Description"] == "x"


@dataclass(frozen=True)
class Refusal:
    """An alias nobody can have, and AWS's answer."""

    version: str
    routing: dict[str, Any]
    error: tuple[str, int]
    message: str


REFUSALS = [
    Refusal(
        "1",
        weights(v2=0.1, v3=0.1),
        (INVALID, 400),
        "Number of items in AdditionalVersionWeights cannot be greater than 1",
    ),
    Refusal(
        "1",
        weights(v1=0.1),
        (INVALID, 400),
        "Invalid function version 1. Function version 1 is already included in routing configuration.",
    ),
    Refusal(
        "$LATEST",
        weights(v1=0.1),
        (INVALID, 400),
        "$LATEST is not supported for an alias pointing to more than 1 version",
    ),
    Refusal("1", weights(v10=0.1), NOT_FOUND, f"Function not found: {ARN}alias-shop:10"),
    Refusal("10", weights(), NOT_FOUND, f"Function not found: {ARN}alias-shop:10"),
    Refusal(
        "1",
        weights(v2=2.0),
        ("ValidationException", 400),
        "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy "
        "constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member "
        "must have value greater than or equal to 0.0, Member must not be null]",
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.message[:40])
def test_what_aws_refuses_is_refused_in_its_words(client: Any, function: str, refusal: Refusal) -> None:
    wanted = {"FunctionName": function, "FunctionVersion": refusal.version, "RoutingConfig": refusal.routing}
    expected = (*refusal.error, refusal.message)
    assert refused(client.create_alias, Name="no", **wanted) == expected
    client.create_alias(FunctionName=function, Name="yes", FunctionVersion="1")
    try:
        assert refused(client.update_alias, Name="yes", **wanted) == expected
        assert client.get_alias(FunctionName=function, Name="yes")["FunctionVersion"] == "1"
    finally:
        client.delete_alias(FunctionName=function, Name="yes")


def test_latest_is_no_second_version(client: Any, function: str) -> None:
    routing = {"AdditionalVersionWeights": {"$LATEST": 0.5}}
    name, code, message = refused(
        client.create_alias, FunctionName=function, Name="no", FunctionVersion="1", RoutingConfig=routing
    )
    assert (name, code) == ("ValidationException", 400)
    assert message.startswith("1 validation error detected: Value '{$LATEST=0.5}'")


def test_a_number_is_no_alias_name(client: Any, function: str) -> None:
    assert refused(client.create_alias, FunctionName=function, Name="2024", FunctionVersion="1") == (
        "ValidationException",
        400,
        (
            "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
        ),
    )
    client.create_alias(FunctionName=function, Name="2024-01-02", FunctionVersion="1")


def test_an_alias_that_exists_cannot_be_created_again(client: Any, function: str) -> None:
    here = {"FunctionName": function, "Name": "twice", "FunctionVersion": "1"}
    client.create_alias(**here)
    expected = ("ResourceConflictException", 409, f"Alias already exists: {ARN}{function}:twice")
    assert refused(client.create_alias, **here) == expected


def test_an_alias_that_is_missing_is_named_differently_by_each_call(client: Any, function: str) -> None:
    here = {"FunctionName": function, "Name": "gone"}
    arn = f"{ARN}{function}:gone"
    assert refused(client.get_alias, **here) == ("ResourceNotFoundException", 404, f"Cannot find alias arn: {arn}")
    assert refused(client.update_alias, **here) == ("ResourceNotFoundException", 404, f"Alias not found: {arn}")
    assert client.delete_alias(**here)["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_an_update_always_changes_the_revision_even_when_it_changes_nothing(client: Any, function: str) -> None:
    here = {"FunctionName": function, "Name": "same"}
    first = client.create_alias(FunctionVersion="1", **here)["RevisionId"]
    second = client.update_alias(FunctionVersion="1", **here)["RevisionId"]
    third = client.update_alias(**here)["RevisionId"]
    assert len({first, second, third}) == 3
    assert client.get_alias(**here)["RevisionId"] == third


def test_an_update_with_an_old_revision_is_refused_and_changes_nothing(client: Any, function: str) -> None:
    here = {"FunctionName": function, "Name": "locked"}
    stale = client.create_alias(FunctionVersion="1", **here)["RevisionId"]
    fresh = client.update_alias(FunctionVersion="2", RevisionId=stale, **here)["RevisionId"]
    name, code, message = refused(client.update_alias, FunctionVersion="3", RevisionId=stale, **here)
    assert (name, code) == ("PreconditionFailedException", 412)
    assert message.startswith("The Revision Id provided does not match the latest Revision Id.")
    assert client.get_alias(**here)["FunctionVersion"] == "2"
    client.update_alias(FunctionVersion="3", RevisionId=fresh, **here)


def test_promotion_needs_the_version_and_the_empty_map_in_one_call(client: Any, function: str) -> None:
    here = {"FunctionName": function, "Name": "promoted"}
    client.create_alias(FunctionVersion="1", RoutingConfig=weights(v2=0.5), **here)
    name, code, message = refused(client.update_alias, FunctionVersion="2", **here)
    assert (name, code) == (INVALID, 400)
    assert message.startswith("Invalid function version 2.")
    done = client.update_alias(FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}}, **here)
    assert (done["FunctionVersion"], "RoutingConfig" in done) == ("2", False)


def test_both_versions_need_the_same_role_and_dead_letter_queue(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("alias-roles", HEALTHY)
    publish(client, "alias-roles")
    publish(client, "alias-roles", Role=role(cloud, "alias-other-role"))
    dead = {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}
    publish(client, "alias-roles", DeadLetterConfig=dead)
    here = {"FunctionName": "alias-roles", "Name": "live"}
    assert refused(client.create_alias, FunctionVersion="1", RoutingConfig=weights(v2=0.1), **here) == (
        INVALID,
        400,
        "Specified versions must be associated with the same execution role",
    )
    assert refused(client.create_alias, FunctionVersion="2", RoutingConfig=weights(v3=0.1), **here)[:2] == (
        INVALID,
        400,
    )


def test_aliases_are_listed_by_name_by_version_and_in_pages(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("alias-list", HEALTHY)
    for seconds in (3, 4):
        publish(client, "alias-list", Timeout=seconds)
    client.create_alias(FunctionName="alias-list", Name="b", FunctionVersion="1")
    client.create_alias(FunctionName="alias-list", Name="a", FunctionVersion="2")

    def names(**selected: Any) -> list[str]:
        return [alias["Name"] for alias in client.list_aliases(FunctionName="alias-list", **selected)["Aliases"]]

    assert (names(), names(FunctionVersion="1"), names(MaxItems=1)) == (["a", "b"], ["b"], ["a"])
    pages = client.get_paginator("list_aliases").paginate(FunctionName="alias-list", PaginationConfig={"PageSize": 1})
    assert [alias["Name"] for page in pages for alias in page["Aliases"]] == ["a", "b"]


def test_each_alias_has_a_policy_of_its_own(client: Any, function: str) -> None:
    client.create_alias(FunctionName=function, Name="shared", FunctionVersion="1")
    statement = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    client.add_permission(FunctionName=function, Qualifier="shared", **statement)
    assert f"{ARN}{function}:shared" in client.get_policy(FunctionName=function, Qualifier="shared")["Policy"]
    assert refused(client.get_policy, FunctionName=function)[:2] == ("ResourceNotFoundException", 404)
    client.remove_permission(FunctionName=function, Qualifier="shared", StatementId="s")
    assert refused(client.get_policy, FunctionName=function, Qualifier="shared")[1] == 404
