"""Requests that no SDK would send: refused with an error of Lambda's, never with a page of the server's.

Lambda API reference, Invoke (InvalidRequestContentException) and "Common errors" (ValidationException); the patterns of
names are those of botocore's model of Lambda.
"""

import http.client
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import LocalCloud, lambda_
from tests.contract.lambda_calls import HEALTHY

KEY = "AWS4-HMAC-SHA256 Credential=local/20270101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=x"
FUNCTIONS = "/2015-03-31/functions"
NAMES = [
    "mal",
    "none",
    "b%20d",
    "mal:b%20d",
    "%24LATEST",
    "a" * 200,
    ":",
    "%",
    "%FF",
    "mal%0A",
    "arn:aws:lambda",
    "%C3%A9",
]
BODIES = [b"no json", b"{", b"\xff\xfe", b"[1]", b"null", b"7", b'{"Name": 3}', b'{"RoutingConfig": 7}', b"[" * 100_000]
QUERIES = ["", "?Qualifier=live", "?Qualifier=b%20d", "?Qualifier=99", "?Qualifier="]
READS = [
    "",
    "/configuration",
    "/versions?Marker=x",
    "/versions?MaxItems=x",
    "/versions?MaxItems=0",
    "/aliases",
    "/aliases/none",
    "/aliases/b%20d",
    "/aliases/a.b",
    "/aliases/" + "x" * 200,
    "/policy?Qualifier=b%20d",
    "/url",
    "/code-signing-config",
]
WRITES = [
    ("PUT", "/code"),
    ("PUT", "/configuration"),
    ("POST", "/versions"),
    ("POST", "/aliases"),
    ("PUT", "/aliases/live"),
    ("PUT", "/aliases/b%20d"),
    ("POST", "/policy"),
]


@pytest.fixture(scope="module")
def function(cloud: LocalCloud) -> Iterator[LocalCloud]:
    with lambda_.throttle.off():
        cloud.create_function("mal", HEALTHY, alias="live")
        yield cloud


def sent(cloud: LocalCloud, method: str, path: str, body: bytes = b"") -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.front.port)
    connection.request(method, path, body, {"Authorization": KEY})
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    kind = response.headers.get("x-amzn-errortype", "")
    if not kind and answer.startswith(b"{"):
        kind = str(json.loads(answer).get("__type", ""))
    return response.status, kind, answer


@pytest.mark.parametrize(
    "body", [b"no json", b"{", b"\xff\xfe", b"[" * 100_000], ids=["words", "open", "bytes", "deep"]
)
def test_a_payload_that_is_no_json_is_refused(function: LocalCloud, body: bytes) -> None:
    """Lambda API reference, Invoke: InvalidRequestContentException."""
    status, kind, _ = sent(function, "POST", f"{FUNCTIONS}/mal/invocations", body)
    assert (status, kind) == (400, "InvalidRequestContentException")


@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("/b%20d/invocations", "functionName"),
        ("/mal/invocations?Qualifier=b%20d", "qualifier"),
        ("/mal/aliases/b%20d", "name"),
        ("/mal/aliases/7", "name"),
        ("/mal/versions?MaxItems=0", "maxItems"),
    ],
)
def test_what_does_not_satisfy_a_pattern_is_a_validation_exception(
    function: LocalCloud, path: str, member: str
) -> None:
    method = "POST" if "invocations" in path else "GET"
    status, kind, answer = sent(function, method, FUNCTIONS + path)
    assert (status, kind) == (400, "ValidationException")
    assert f"at '{member}' failed to satisfy constraint" in answer.decode()


def test_nothing_that_is_malformed_breaks_the_front(function: LocalCloud) -> None:
    requests: list[tuple[str, str, bytes]] = [
        ("POST", f"{FUNCTIONS}/{name}/invocations{query}", body)
        for name, query, body in itertools.product(NAMES, QUERIES, BODIES[:4])
    ]
    requests += [("GET", f"{FUNCTIONS}/{name}{read}", b"") for name, read in itertools.product(NAMES, READS)]
    requests += [
        (method, f"{FUNCTIONS}/{name}{path}", body)
        for name, (method, path), body in itertools.product(NAMES[:3], WRITES, BODIES)
    ]
    for body in BODIES:
        requests += [
            ("POST", FUNCTIONS, body),
            ("POST", "/2015-03-31/event-source-mappings", body),
            ("PUT", "/2015-03-31/event-source-mappings/none", body),
            ("POST", "/2017-03-31/tags/none", body),
        ]
    requests += [(method, "/2015-03-31/event-source-mappings/b%20d", b"") for method in ("GET", "DELETE")]
    broken: list[Any] = []
    for request in requests:
        status, _, answer = sent(function, *request)
        if status >= 500:
            broken.append((request[0], request[1][:80], request[2][:20], status, answer[:80]))
    assert broken == []
