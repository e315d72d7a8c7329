"""Calls that fail, for tests that look at what becomes of that."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


def refused(code: str, status: int = 400, message: str = "") -> ClientError:
    """Give what boto3 raises where AWS answers with an error; its message is the code unless one is given."""
    answer: Any = {"Error": {"Code": code, "Message": message or code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Call")


def raising(error: BaseException) -> Callable[..., Any]:
    """Give something to call that raises this, whatever it is called with."""

    def call(*_: Any, **__: Any) -> Any:
        raise error

    return call
