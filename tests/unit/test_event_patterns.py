"""Which patterns of rules can match the event with which Lambda sends the result of an asynchronous call."""

import json
from typing import Any

import pytest

from tidegate.domain.planning.event_patterns import may_match, result_event

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
BUS = "arn:aws:events:eu-west-1:123456789012:event-bus/shop"
SUCCESS = "Lambda Function Invocation Result - Success"


def of_function(*matchers: Any) -> dict[str, Any]:
    return {"source": ["lambda"], "detail": {"requestContext": {"functionArn": [*matchers]}}}


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["lambda"]},
        {"source": ["shop", {"prefix": "lam"}], "detail-type": [SUCCESS]},
        {"detail-type": [{"prefix": "Lambda Function Invocation Result"}]},
        {"detail-type": [{"anything-but": ["Order placed"]}]},
        {"account": ["123456789012"], "region": ["eu-west-1"]},
        {"resources": [BUS]},
        {"resources": [f"{ARN}:live"]},
        of_function(ARN),
        of_function(f"{ARN}:live"),
        of_function({"prefix": ARN}),
        of_function({"prefix": f"{ARN}:li"}),
        of_function({"wildcard": f"{ARN}:*"}),
        of_function({"wildcard": f"{ARN}:l*e"}),
        of_function({"suffix": ":live"}),
        of_function({"exists": True}),
        of_function({"anything-but": ARN}),
        {"detail": {"responsePayload": {"total": [{"numeric": [">", 100]}]}, "requestContext": {"condition": ["x"]}}},
        {"$or": [{"source": ["shop"]}, {"source": ["lambda"]}]},
        {"source": ["lambda"], "detail": {"order": [{"exists": False}]}},
        {"source": ["lambda"], "detail": [{"exists": False}]},  # no leaf: the same guide, "Exists matching"
    ],
)
def test_patterns_that_can_match_the_event_of_a_result(pattern: Any) -> None:
    assert may_match(json.dumps(pattern), result_event(ARN, BUS, "OnSuccess"))


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.lambda"]},
        {"source": ["shop"], "detail-type": ["Order placed"]},
        {"source": {"name": ["lambda"]}},
        {"source": [{"exists": False}]},
        {"detail-type": [SUCCESS.replace("Success", "Failure")]},
        {"region": ["us-east-1"]},
        of_function(f"{ARN}-2"),
        of_function({"prefix": f"{ARN}-2"}),
        of_function({"wildcard": f"{ARN}-*"}),
        {"resources": ["arn:aws:s3:::orders"]},
        {"detail": {"order": [{"exists": True}]}},
        {"detail": ["text"]},
        {"source": ["lambda"], "detail": {"order": {"total": [1]}}},
        {"$or": [{"source": ["shop"]}, {"region": ["us-east-1"]}]},
        {"$or": ["text"]},  # a field of that name
        {"$or": {"source": ["lambda"]}},
    ],
)
def test_patterns_of_other_events(pattern: Any) -> None:
    assert not may_match(json.dumps(pattern), result_event(ARN, BUS, "OnSuccess"))


def test_a_failure_has_another_type() -> None:
    failure = json.dumps({"detail-type": [SUCCESS.replace("Success", "Failure")]})
    assert may_match(failure, result_event(ARN, BUS, "OnFailure"))
    assert not may_match(json.dumps({"detail-type": [SUCCESS]}), result_event(ARN, BUS, "OnFailure"))
