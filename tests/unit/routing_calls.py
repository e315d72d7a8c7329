"""A router whose documents a test writes, and a Lambda client that answers without a network."""

import json
from collections.abc import Callable, Mapping
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from tidegate_route import Decision, Incoming, Router, pseudonym

SESSION = boto3.Session()
"""Reads what a service looks like once, for all clients."""

CALLED = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live-canary"


def item(percent: float = 100, **changed: Any) -> dict[str, Any]:
    """Give a document as it is in the table."""
    made = {"schema": 1, "salt": "rel-1", "percent": percent, "stable": "live", "canary": "live-canary"}
    return {**made, "release": "rel-1", **changed}


def router(documents: Mapping[str, Any] | None = None, **options: Any) -> Router:
    known = {"orders": item(), "billing": item()} if documents is None else documents
    return Router(known.get, **options)


def keys(*users: str) -> list[str]:
    return [pseudonym(user) for user in users]


def mark(percent: float, salt: str = "rel-1") -> str:
    """Give the mark of a decision by position."""
    return f"{float(percent)}@{pseudonym(salt)[:8]}"


class Raw(BytesIO):
    def stream(self, **_: Any) -> list[bytes]:
        return [self.getvalue()]


class Cloud:
    """Notes each request that a client sends, and answers it."""

    def __init__(
        self,
        answer: Callable[[], Mapping[str, str]] = dict,
        status: int = 200,
        body: Callable[[str], Mapping[str, Any]] = lambda url: {},
    ) -> None:
        self.requests: list[AWSPreparedRequest] = []
        self._answer, self._status, self._body = answer, status, body

    def client(self, service: Any = "lambda") -> Any:
        made = SESSION.client(
            service,
            region_name="eu-west-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
            config=Config(retries={"total_max_attempts": 1}),
        )
        made.meta.events.register("before-send", self._send)
        return made

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self.requests.append(request)
        return AWSResponse(
            request.url,
            self._status,
            HTTPHeaders.from_dict(self._answer()),
            Raw(json.dumps(self._body(request.url)).encode()),
        )


def place(user: str, made: Router, function: str = "orders", **handed: Any) -> Decision:
    given = Incoming(None, {}, {}, {}, [])._replace(**handed)
    with made.serving(user, incoming=given):
        return made.qualifier(function, explain=True)


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    found = [json.loads(line)["tidegate"] for line in capsys.readouterr().out.splitlines()]
    return [each for each in found if "failed" in each]


def context(arn: str = CALLED, **sent: Any) -> Any:
    return SimpleNamespace(invoked_function_arn=arn, client_context=SimpleNamespace(custom=sent))
