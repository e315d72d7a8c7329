"""What Plan and the doctor say of event source mappings that hide failures of single items."""

import json
from typing import Any

import pytest

from tests.builders import a_plan, a_target
from tests.failing import refused
from tidegate.aws.lambda_ import inspection
from tidegate.domain.metric import USUAL, PlannedMetric
from tidegate.domain.planning import batch_failures
from tidegate.domain.planning.outlook import Outlook
from tidegate.domain.request.metrics import MetricRequest

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:"
OWN = PlannedMetric("failed_items", namespace="Batches", bad="FailedItems", total="Items")


def mapping(function: str, source: str = "sqs:eu-west-1:123456789012:orders", **fields: Any) -> dict[str, Any]:
    reported = {"FunctionResponseTypes": [batch_failures.REPORTED]}
    return {"FunctionArn": FUNCTION + function, "EventSourceArn": f"arn:aws:{source}", **reported, **fields}


class Pages:
    """Answers ListEventSourceMappings in pages."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self._pages = pages

    def get_paginator(self, _name: str) -> "Pages":
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"EventSourceMappings": page} for page in self._pages]


@pytest.mark.parametrize("function", ["checkout:live", "checkout", "checkout:7"])
def test_a_mapping_of_the_alias_the_function_or_a_version_is_found(function: str) -> None:
    assert batch_failures.reporting([mapping(function)], ["checkout:live"]) == {"checkout:live": ["orders"]}


@pytest.mark.parametrize(
    "other",
    [mapping("checkout:beta"), mapping("checkout-2:live"), mapping("checkout:live", FunctionResponseTypes=[])],
)
def test_other_mappings_are_not_told_of(other: dict[str, Any]) -> None:
    assert batch_failures.reporting([other], ["checkout:live"]) == {}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("kinesis:eu-west-1:123456789012:stream/clicks", "clicks"),
        ("dynamodb:eu-west-1:123456789012:table/carts/stream/2027-01-15T00:00:00.000", "carts"),
    ],
)
def test_a_stream_is_told_by_its_name(source: str, name: str) -> None:
    found = batch_failures.reporting([mapping("checkout:live", source)], ["checkout:live"])
    assert found == {"checkout:live": [name]}


def test_the_warning_names_source_and_target_and_offers_a_metric_that_a_request_may_have() -> None:
    said = batch_failures.warning({"checkout:live": ["orders"]}, USUAL)
    assert "the event source mapping from orders to checkout:live has ReportBatchItemFailures" in said
    assert MetricRequest.model_validate(json.loads(batch_failures.METRIC)).gates
    assert batch_failures.METRIC in said


def test_a_release_with_a_metric_of_its_own_that_decides_is_not_warned() -> None:
    hidden = {"checkout:live": ["orders"]}
    assert batch_failures.warning(hidden, (*USUAL, OWN)) == ""
    assert batch_failures.warning(hidden, (*USUAL, PlannedMetric("failed_items", gates=False, namespace="B"))) != ""


def test_all_pages_are_read_whatever_the_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages([mapping("billing:live")], [mapping("checkout:live")])
    monkeypatch.setattr(inspection, "lambda_client", lambda: pages)
    assert "orders to checkout:live has" in inspection.hidden_failures_warning(a_plan(a_target()))


def test_mappings_that_cannot_be_read_fail_no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Any:
        raise refused("ListEventSourceMappings")

    monkeypatch.setattr(inspection, "lambda_client", fail)
    assert inspection.hidden_failures_warning(a_plan(a_target())).startswith(
        "Whether event source mappings hide failures is not"
    )


def test_the_sentence_of_plan_has_the_warning() -> None:
    assert Outlook(batches="Items hide.", guards=("a is OK",)).sentence == "Items hide. Alarms: a is OK."
