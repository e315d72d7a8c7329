"""Whether a rule of EventBridge can match the event with which Lambda sends the result of an asynchronous call.

Lambda guide, "Capturing records of Lambda asynchronous invocations": `source` is lambda, `detail-type` ends in Success
or Failure, `resources` are the function and the bus, and `detail` is the invocation record. EventBridge guide,
"Comparison operators for use in event patterns".
"""

import json
from collections.abc import Mapping
from typing import Any

UNKNOWN = None
KINDS = {"OnSuccess": "Success", "OnFailure": "Failure"}

Event = Mapping[str, Any]
"""What is known of an event: fields, with the texts of which each has one (ending in `*`: begins so), or UNKNOWN."""


def result_event(arn: str, bus: str, way: str) -> Event:
    """Return the event that an alias of a function sends to a bus; the qualifier of the function in it is not known."""
    _, _, _, region, account, *_ = arn.split(":")
    function = (arn, f"{arn}:*")
    return {
        **dict.fromkeys(("version", "id", "time"), UNKNOWN),
        "source": ("lambda",),
        "detail-type": (f"Lambda Function Invocation Result - {KINDS[way]}",),
        "account": (account,),
        "region": (region,),
        "resources": (*function, bus),
        "detail": {
            **dict.fromkeys(("version", "timestamp", "requestPayload", "responseContext", "responsePayload"), UNKNOWN),
            "requestContext": {
                "functionArn": function,
                **dict.fromkeys(("requestId", "condition", "approximateInvokeCount"), UNKNOWN),
            },
        },
    }


def may_match(pattern: str, event: Event) -> bool:
    """Return False only if the pattern, as JSON, cannot match."""
    return _may_all(json.loads(pattern), event)


def _may_all(pattern: Mapping[str, Any], event: Event) -> bool:
    return all(_may(field, wanted, event) for field, wanted in pattern.items())


def _may(field: str, wanted: Any, event: Event) -> bool:
    if field == "$or" and all(isinstance(each, dict) for each in wanted):
        return any(_may_all(each, event) for each in wanted)
    if field in event and event[field] is UNKNOWN:
        return True
    found = event.get(field, ())
    if isinstance(wanted, dict):
        return _may_all(wanted, found if isinstance(found, dict) else {})
    texts = () if isinstance(found, dict) else found
    return any(_takes(matcher, text) for matcher in wanted for text in texts) or (
        not texts and {"exists": False} in wanted  # also an object: it is no leaf
    )


def _takes(matcher: Any, text: str) -> bool:
    """Return whether a text may be one that an entry of a pattern takes; True for operators that are not compared."""
    begins = text.removesuffix("*")
    is_open = begins != text
    match matcher:
        case str():
            return matcher.startswith(begins) if is_open else matcher == text
        case {"prefix": str() as prefix}:
            return begins.startswith(prefix) or (is_open and prefix.startswith(begins))
        case {"wildcard": str() as wildcard}:
            fixed = wildcard.partition("*")[0]
            return begins.startswith(fixed) or (is_open and fixed.startswith(begins))
        case {"exists": bool() as there}:
            return there
        case _:
            return True
