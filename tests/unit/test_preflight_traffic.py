"""The checks of the preflight about calls: too few of them, and failures that no metric counts."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.surveys import ARN, a_survey, only
from tidegate.domain.planning.preflight.checking import CHECKS
from tidegate.domain.planning.preflight.event_sources import METRIC, REPORTED, batch_failures, filtered_queue
from tidegate.domain.planning.preflight.no_traffic import no_traffic
from tidegate.domain.request.metrics import MetricRequest


def mapping(qualifier: str = "", source: str = "sqs:eu-west-1:123456789012:orders", **fields: Any) -> dict[str, Any]:
    reported = {"FunctionResponseTypes": [REPORTED]}
    return {"FunctionArn": f"{ARN}{qualifier}", "EventSourceArn": f"arn:aws:{source}", **reported, **fields}


@pytest.mark.parametrize(
    ("found", "source"),
    [
        (mapping(), "orders"),
        (mapping(":live"), "orders"),
        (mapping(":7"), "orders"),
        (mapping(source="kinesis:eu-west-1:123456789012:stream/clicks"), "clicks"),
        (mapping(source="dynamodb:eu-west-1:123456789012:table/carts/stream/2027-01-15T00:00:00.000"), "carts"),
    ],
)
def test_a_mapping_that_reports_failed_items_is_found_with_a_metric_that_a_request_may_have(
    found: dict[str, Any], source: str
) -> None:
    told = only(batch_failures(a_survey(facts={"mappings": [found]})))
    assert told.found == f"the event source mapping from {source} has ReportBatchItemFailures"
    assert METRIC in told.fix
    assert MetricRequest.model_validate(json.loads(METRIC)).gates


@pytest.mark.parametrize("other", [mapping(":beta"), mapping(":live", FunctionResponseTypes=[])])
def test_a_mapping_that_hides_no_failure_of_the_alias_is_not_found(other: dict[str, Any]) -> None:
    assert list(batch_failures(a_survey(facts={"mappings": [other]}))) == []


def test_failed_items_that_a_metric_of_the_request_counts_are_not_found() -> None:
    facts, counted = {"mappings": [mapping()]}, json.loads(METRIC)
    assert list(batch_failures(a_survey(facts=facts, analysis={"metrics": [counted]}))) == []
    assert list(batch_failures(a_survey(facts=facts, strategy="all-at-once"))) == []
    reported = [{"name": "errors"}, {**counted, "mode": "report"}]
    assert list(batch_failures(a_survey(facts=facts, analysis={"metrics": reported}))) != []


@pytest.mark.parametrize(
    ("on_idle", "then", "other"),
    [
        ("promote", "released after its steps without a comparison", "hold"),
        ("hold", "held until somebody decides", "promote"),
    ],
)
def test_an_idle_target_is_found_with_what_happens_then(on_idle: str, then: str, other: str) -> None:
    survey = a_survey(analysis={"on_idle": on_idle})
    idle = replace(survey.plan, targets=tuple(replace(each, idle=True) for each in survey.plan.targets))
    assert list(no_traffic(survey)) == []
    told = only(no_traffic(replace(survey, plan=idle)))
    assert "fewer than 10 calls of the new version are expected" in told.found
    assert told.why == f"So it is {then} (on_idle: {on_idle})"
    assert told.fix.endswith(f'; example: "analysis": {{"on_idle": "{other}"}}')


TO_CANARY = {"Filters": [{"Pattern": json.dumps({"body": {"tidegate": {"orders": ["canary"]}}})}]}


def test_filters_that_split_a_queue_by_channel_refuse_the_release() -> None:
    facts = {
        "mappings": [mapping(":live-canary", FilterCriteria=TO_CANARY), mapping(":live", FilterCriteria=TO_CANARY)]
    }
    told = only(filtered_queue(a_survey(facts=facts)))
    assert told.found == "the event source mapping from orders filters by the field tidegate"
    assert "deletes the messages" in told.why
    assert CHECKS["filtered-queue"].severity == "error"


@pytest.mark.parametrize(
    "other",
    [
        mapping(),
        mapping(FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"kind": ["order"]}})}]}),
        mapping(FilterCriteria={"Filters": []}),
        mapping(source="kinesis:eu-west-1:123456789012:stream/clicks", FilterCriteria=TO_CANARY),
        {"FunctionArn": ARN, "SelfManagedEventSource": {}, "UUID": "x", "FilterCriteria": TO_CANARY},
    ],
)
def test_other_filters_and_streams_lose_nothing(other: dict[str, Any]) -> None:
    assert list(filtered_queue(a_survey(facts={"mappings": [other]}))) == []
