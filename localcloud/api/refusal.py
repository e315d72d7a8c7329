"""Errors in the shape of each service's protocol, so that every SDK raises what AWS would make it raise."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from moto.core.request import determine_request_protocol
from moto.core.utils import get_service_model

Answer = tuple[int, dict[str, str], str]
JSON = "application/x-amz-json-1.1"
ONCE_QUERY = {"cloudwatch", "sqs"}
"""Services that spoke the query protocol once, and name its error codes in a header."""


@dataclass(frozen=True)
class Refusal:
    """An error answer: `members` are those the error has beside its message, `headers` go with it."""

    code: str
    message: str
    status: int = 400
    members: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, response: Any) -> Answer:
        """Return status, headers and body for the request that moto's `response` holds."""
        protocol = _protocol(response)
        if protocol in {"json", "rest-json"}:
            return self._json(response.boto3_service_name)
        return self._xml("s3" if response.boto3_service_name == "s3" else protocol)

    def _json(self, service: str) -> Answer:
        body = {"__type": self.code, "message": self.message, "Message": self.message, **self.members}
        headers = {"Content-Type": JSON, "x-amzn-ErrorType": self.code}
        if service in ONCE_QUERY:
            headers["x-amzn-query-error"] = f"{self.code};{'Sender' if self.status < 500 else 'Receiver'}"
        return self.status, headers | self.headers, json.dumps(body)

    def _xml(self, protocol: str) -> Answer:
        request = str(uuid4())
        error = f"<Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message>"
        if protocol == "s3":
            body = f"<Error>{error}<RequestId>{request}</RequestId></Error>"
        elif protocol == "ec2":
            errors = f"<Errors><Error>{error}</Error></Errors>"
            body = f"<Response>{errors}<RequestID>{request}</RequestID></Response>"
        else:
            body = f"<ErrorResponse><Error>{error}</Error><RequestId>{request}</RequestId></ErrorResponse>"
        return self.status, {"Content-Type": "text/xml"} | self.headers, body


def _protocol(response: Any) -> str:
    model = get_service_model(response.boto3_service_name)
    content_type = response.normalized_request.content_type
    return str(determine_request_protocol(model, content_type))
