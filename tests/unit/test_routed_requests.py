"""A request that routes users: what it may say, what Plan finds out first, and when it says nothing of it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import a_plan, a_request, a_target
from tests.surveys import ARN, a_survey, content
from tests.unit.refusing import of_checkout, the_problem
from tidegate.aws import canary_aliases
from tidegate.aws.ledger import records
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.function_name import FunctionName
from tidegate.domain.planning.preflight.policy_not_on_alias import policy_not_on_alias
from tidegate.domain.planning.preflight.survey import Survey
from tidegate.domain.planning.preflight.unlike_versions import dlq_differ, roles_differ
from tidegate.domain.routing import STABLE, Routing
from tidegate_cli.layers import Layer
from tidegate_cli.wanted import asked_for

TESTER = "c733865ee7d0b49a"


def test_users_alone_is_short_for_the_mode() -> None:
    assert a_request(routing="users").routing == a_request(routing={"mode": "users"}).routing
    assert a_request().routing is None


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (of_checkout(routing="user"), "routing.mode: must be one of 'users', not \"user\""),
        (of_checkout(routing=7), "routing: must be an object, not 7"),
        (
            of_checkout(routing={"always": ["user-1"]}),
            "routing.always[0]: is not a pseudonym, 16 hexadecimal digits: tidegate_route.pseudonym(USER) computes it",
        ),
        (of_checkout(routing={"always": [TESTER], "never": [TESTER]}), f"routing.never: has {TESTER}, which is also"),
        (of_checkout(routing={"cohort": "a", "same_users_as": "b"}), "routing.same_users_as: chooses the users, and"),
        (of_checkout(routing="users", strategy="all-at-once"), "routing: routes users step by step, but all-at-once"),
        (
            of_checkout(routing="users", alias="live-canary"),
            'alias: "live-canary" carries the canary of "live" when users are routed: release that alias',
        ),
        (of_checkout(routing="users", alias="a" * 122), "alias: is too long to be followed by -canary"),
        (of_checkout(routing={"log_groups": ["a b"]}), "routing.log_groups[0]: must match"),
        (
            {"targets": [{"function": f"shop-{number}"} for number in range(51)], "routing": "users"},
            "routing: routes users of 51 targets, more than the limit of 50",
        ),
        (
            {"targets": [{"function": "shop"}, {"function": "shop:beta"}], "routing": "users"},
            'targets[1].alias: has two aliases of "shop", but users are judged by function: release one after',
        ),
    ],
)
def test_a_mistake_is_answered_with_its_path(raw: object, said: str) -> None:
    assert said in the_problem(raw)


def salt(monkeypatch: pytest.MonkeyPatch, known: Mapping[str, Any], **routing: Any) -> str:
    monkeypatch.setattr(records, "record_of", known.get)
    plan = canary_aliases.planned(a_plan(), a_request(routing={"mode": "users", **routing}), "release-7")
    assert plan.routing is not None
    return plan.routing.salt


def test_a_release_chooses_its_own_users_those_of_a_cohort_or_those_of_an_earlier_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {"release-5": {"plan": {"routing": Routing("cohort:flow").document()}}, "release-6": {"plan": {}}}
    assert salt(monkeypatch, known) == "release-7"
    assert salt(monkeypatch, known, cohort="flow") == "cohort:flow"
    assert salt(monkeypatch, known, same_users_as="release-5") == "cohort:flow"
    for name, said in (("release-6", "release-6 routed no users"), ("release-9", "release-9 is not in the ledger")):
        with pytest.raises(InvalidRequest, match=said):
            salt(monkeypatch, known, same_users_as=name)


def test_a_request_names_both_aliases() -> None:
    assert canary_aliases.names(a_request(routing="users")) == ["checkout:live", "checkout:live-canary"]
    assert canary_aliases.names(a_request()) == ["checkout:live"]


def policy(source: str) -> str:
    caller = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "lambda:InvokeFunction"}
    return json.dumps({"Statement": [{**caller, "Condition": {"ArnLike": {"AWS:SourceArn": source}}}]})


def routed(facts: Any = (), **survey: Any) -> Survey:
    found = a_survey(facts=facts, **survey)
    return replace(found, plan=replace(found.plan, routing=Routing("release-7")))


LIVE = {"FunctionArn": f"{ARN}:live", "MaximumRetryAttempts": 0}


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"policies": {"unqualified": None, "alias": policy("topic"), "carrier": None}}, "permits calls that"),
        ({"event-configs": [LIVE]}, "has settings for asynchronous calls (retries, age, destinations), live-canary,"),
        ({"urls": [{"FunctionArn": f"{ARN}:live"}]}, "has a function URL, live-canary,"),
    ],
)
def test_what_the_second_alias_lacks_is_found(facts: dict[str, Any], told: str) -> None:
    (found,) = policy_not_on_alias(routed(facts))
    assert told in found.found
    assert found.found.startswith("the alias ")
    assert "--qualifier live-canary" in found.fix
    assert list(policy_not_on_alias(a_survey(facts=facts))) == []


def test_what_the_second_alias_has_too_is_not_found() -> None:
    both = [LIVE, {**LIVE, "FunctionArn": f"{ARN}:live-canary"}]
    policies = {"unqualified": None, "alias": policy("topic"), "carrier": policy("topic")}
    assert list(policy_not_on_alias(routed({"policies": policies, "event-configs": both, "urls": both}))) == []


def test_versions_with_other_roles_or_queues_can_be_released_to_users() -> None:
    latest = content("new", Role="arn:aws:iam::1:role/other", DeadLetterConfig={"TargetArn": "arn:aws:sqs:dead"})
    for check in (roles_differ, dlq_differ):
        (found,) = check(a_survey(latest=latest))
        assert '"routing": "users"' in found.fix
        assert list(check(routed(latest=latest))) == []


def test_the_plan_says_that_its_percentages_are_of_the_users() -> None:
    from tidegate.domain.events.timeline import begun

    for routing, share in ((Routing("r"), "10 % for 5 min, then 100 % of the users"), (None, "then 100 %")):
        plan = a_plan(a_target(channel=STABLE if routing else ""), routing=routing)
        assert share in begun("r", {"started": 1, "labels": {}, "plan": plan.document()}).summary


class File:
    """A project file that has users routed."""

    def layers(self, _function: str) -> list[Layer]:
        return [Layer("tidegate.yaml", {"routing": {"mode": "users", "never": [TESTER]}, "strategy": "guarded"})]


def test_the_project_file_says_more_than_the_option_and_an_emergency_routes_no_users() -> None:
    def asked(**options: Any) -> Mapping[str, Any]:
        project: Any = File()
        return asked_for([FunctionName("checkout")], {}, options, project).rest.values

    assert asked_for([FunctionName("checkout")], {}, {"routing": "users"}, None).rest.values["routing"] == "users"

    assert asked()["routing"] == asked(routing="users")["routing"] == {"mode": "users", "never": [TESTER]}
    assert "routing" not in asked(strategy="all-at-once", labels={"emergency": "it burns"})
