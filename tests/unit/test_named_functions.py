"""Functions that a request names to be asked: Plan finds what is wrong with them before anything changes."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.builders import a_request
from tests.failing import refused
from tidegate.aws import sources
from tidegate.aws.cloudwatch import alarms
from tidegate.aws.lambda_ import functions
from tidegate.aws.preflight import named

ASKING: dict[str, Any] = {
    "hooks": {"before_traffic": "check-there", "on_rollback": "check-gone"},
    "probe": {"kind": "function", "function": "check-off"},
}


def problems(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> list[str]:
    def read(name: str) -> Any:
        if error:
            raise error
        return None if name == "check-gone" else SimpleNamespace(reserved=0 if name == "check-off" else None)

    monkeypatch.setattr(functions, "read", read)
    monkeypatch.setattr(sources, "absent", lambda *_, **__: [])
    monkeypatch.setattr(alarms, "missing", lambda _: [])
    return named.missing(a_request(**ASKING), short=True)


def test_each_function_that_cannot_be_asked_is_named_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    gone, off = problems(monkeypatch)
    assert gone.startswith("hooks.on_rollback: there is no function 'check-gone' in this account and Region")
    assert off.startswith("probe.function: check-off has a reserved concurrency of 0")
    assert all("; example: " in problem for problem in (gone, off))


def test_a_function_that_plan_may_not_read_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, refused("AccessDeniedException", 403)) == []


def test_a_busy_lambda_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClientError):
        problems(monkeypatch, refused("TooManyRequestsException", 429))
