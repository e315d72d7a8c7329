"""A runtime that AWS changes under a version during a release, told with its verdict."""

from math import inf
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tests.failing import refused
from tidegate.aws.cloudwatch import runtime_logs
from tidegate.aws.ledger import history
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.log_errors import LogLine

RUNTIME = "arn:aws:lambda:eu-west-1::runtime:"
OLD, NEW = f"{RUNTIME}{'a' * 64}", f"{RUNTIME}{'b' * 64}"
TEXT = f"INIT_START Runtime Version: python:3.13.v9\tRuntime Version ARN: {NEW}\n"
JSON = f'{{"type": "platform.initStart", "record": {{"runtimeVersionArn": "{NEW}"}}}}'


def told(monkeypatch: pytest.MonkeyPatch, planned: str, deadline: float = inf, **lines: Any) -> str:
    """Say what is told when each version logged these lines, or could not be read."""

    def logged(_group: str, _function: str, version: str, *_: Any, **__: Any) -> list[LogLine]:
        found = lines.get(f"v{version}", [])
        if isinstance(found, Exception):
            raise found
        return [LogLine("stream", text) for text in found]

    monkeypatch.setattr(runtime_logs, "error_lines", logged)
    monkeypatch.setattr(history, "probed", lambda *_: {})
    target = a_target(runtime=planned)
    release = Release("r", "execution", "running", NOON, {}, a_plan(target), ())
    return runtime_logs.told(release, [target], NOON + 60, deadline)


@pytest.mark.parametrize("line", [TEXT, JSON])
def test_a_runtime_that_changed_under_stable_is_told(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    assert told(monkeypatch, OLD, v42=[line], v43=[TEXT]) == (
        f" The runtime changed during the release: version 42 of checkout ran on {'a' * 12}, then on {'b' * 12}."
    )


def test_a_runtime_that_changed_under_the_new_version_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "version 43 of checkout ran on" in told(monkeypatch, NEW, v43=[TEXT.replace(NEW, OLD), TEXT])


@pytest.mark.parametrize(
    ("planned", "lines"),
    [(NEW, {"v42": [TEXT], "v43": [TEXT]}), ("", {"v42": [TEXT]}), (OLD, {"v42": refused("FilterLogEvents")})],
)
def test_nothing_is_told_of_runtimes_that_stay_or_are_unknown(
    monkeypatch: pytest.MonkeyPatch, planned: str, lines: Any
) -> None:
    assert told(monkeypatch, planned, **lines) == ""


def test_after_the_deadline_no_log_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, OLD, deadline=0, v42=[TEXT]) == ""
