"""Plan, given whatever may stand in an execution's input: valid, or refused with a path; nothing is touched before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.builders import NOON
from tests.fakes.small_aws import SmallAws, small_aws
from tests.property.examples import examples
from tests.property.schema_values import SchemaValues, spoilt
from tidegate.aws import images, sources
from tidegate.aws.cloudwatch import alarms, metric_data
from tidegate.aws.lambda_ import functions, provisioning
from tidegate.aws.ledger import locks
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.request.selection import selection_of
from tidegate.domain.schedule import format_time
from tidegate.steps import plan

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/request.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
VALUES = SchemaValues(SCHEMA)
SETTINGS = {
    "function_pattern": "*",
    "own_prefix": "tidegate-",
    "default_strategy": "guarded",
    "default_alias": "live",
    "retention_days": "400",
    "code_bucket_pattern": "*",
    "image_repository_pattern": "*",
    "allow_configuration": "true",
    "pass_role_pattern": "*",
    "keep_versions": "5",
    "event_bus": "default",
    "layer_arn_pattern": "*",
    "parameter_pattern": "*",
    "secret_pattern": "*",
    "function_kms_key_arn": "*",
}
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:tidegate-release:release-1"
READS = {"get_function", "get_alias", "get_item", "batch_get_item", "paginate"}
READS |= {"list_object_versions", "describe_images", "get_parameter", "describe_secret"}
OF_LAMBDA = {"get_function", "get_alias"}


class Account(SmallAws):
    """Every function there is, with every version and every alias on version 1; what is called is noted."""

    def __init__(self) -> None:
        super().__init__()
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        self.called.add(name)
        return super().__getattr__(name)

    def get_paginator(self, _query: str) -> "Account":
        return self

    def _get_function(self, FunctionName: str, Qualifier: str = "$LATEST") -> Any:
        known = {"FunctionName": FunctionName, "RevisionId": "1", "CodeSha256": "sha", "PackageType": "Zip"}
        return {"Configuration": {**known, "Version": Qualifier}}

    def _list_object_versions(self, Prefix: str, **_: Any) -> Any:
        return {"IsTruncated": True, "Versions": [{"Key": Prefix, "VersionId": "1", "IsLatest": True}]}

    def _describe_images(self, imageIds: Any, **_: Any) -> Any:
        return {"imageDetails": imageIds}

    def _get_parameter(self, **_: Any) -> Any:
        return {"Parameter": {}}

    def _describe_secret(self, **_: Any) -> Any:
        return {}

    def _get_alias(self, FunctionName: str, Name: str) -> Any:
        return {"Name": Name, "FunctionVersion": "1", "RevisionId": "1"}


class CloudWatch:
    """Has every alarm, and no metric."""

    def describe_alarms(self, AlarmNames: list[str], **_: Any) -> Any:
        return {"MetricAlarms": [{"AlarmName": name} for name in AlarmNames]}

    def list_alarm_mute_rules(self, **_: Any) -> Any:
        return {"AlarmMuteRuleSummaries": []}

    def get_paginator(self, _name: str) -> "CloudWatch":
        return self

    def paginate(self, MetricDataQueries: list[Any], **_: Any) -> Any:
        results = [{"Id": query["Id"], "StatusCode": "Complete"} for query in MetricDataQueries]
        return [{"MetricDataResults": [{**each, "Timestamps": [], "Values": []} for each in results]}]


def planned(raw: Any) -> tuple[Account, dict[str, Any] | None]:
    """Give what Plan calls and answers; None for a refusal, whose every line has a path and an example."""
    account = Account()
    sent = {"release": "release-1", "now": format_time(NOON), "execution": EXECUTION, "settings": SETTINGS}
    with small_aws(account), pytest.MonkeyPatch.context() as patch:
        patch.setattr(functions, "lambda_client", lambda: account)
        patch.setattr(images, "images_client", lambda: account)
        patch.setattr(provisioning, "environments", lambda _: {})
        patch.setattr(plan, "functions_of", lambda request, _: ["checkout"] if selection_of(request) else [])
        for name in ("storage_client", "parameters_client", "secrets_client"):
            patch.setattr(sources, name, lambda: account)
        for module in (alarms, metric_data):
            patch.setattr(module, "cloudwatch_client", CloudWatch)
        try:
            return account, plan.handler({**sent, "attempt": 0, "request": json.loads(json.dumps(raw))}, None)
        except InvalidRequest as refusal:
            for problem in refusal.problems:
                path, _, rest = problem.partition(": ")
                assert path.isprintable()
                assert "; example: " in rest
            str(refusal).encode()
            return account, None


def check(raw: Any) -> bool:
    """Hold Plan to its promise; say whether the request was valid."""
    account, answer = planned(raw)
    changes = account.called - READS - {"put_events"}
    if answer is None:
        assert changes == set(), "what is refused has touched nothing"
        return False
    assert VALIDATOR.is_valid(raw), "the schema allows what is valid"
    if raw.get("dry_run"):
        assert (answer["next"], changes) == ("dry_run", set())
    else:
        assert changes == {"transact_write_items", "put_item"}, "the ledger alone was written"
        locked = {lock["sk"].removesuffix("-canary") for lock in account.partition(locks.PARTITION)}
        assert len(locked) == len(answer["targets"])
    return True


@given(VALUES.valid)
@example({"function": "checkout", "analysis": {"min_effect": 5e-324}}).via("DynamoDB has no such number")
@examples(200)
def test_what_the_schema_allows_is_valid_or_refused_with_a_path(raw: Any) -> None:
    assert VALIDATOR.is_valid(raw)
    event("valid" if check(raw) else "refused")


@given(spoilt(VALUES))
@examples(600)
def test_a_malformed_request_is_refused_with_a_path_and_nothing_is_touched(raw: Any) -> None:
    event("valid" if check(raw) else "refused")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5))
@examples(100)
def test_what_is_no_object_is_refused(raw: Any) -> None:
    assert not check(raw)
