"""`tidegate plan` up to its dry run, without AWS: a stack is there, and nothing is live or running."""

import pytest

from tidegate_cli import builds, starting
from tidegate_cli.command import Shared
from tidegate_cli.stack import Stack


def without_aws(monkeypatch: pytest.MonkeyPatch, stack: Stack) -> None:
    monkeypatch.setattr(Shared, "connect", lambda _: None)
    monkeypatch.setattr(Shared, "stack", stack)
    monkeypatch.setattr(builds, "look", lambda _: [])
    monkeypatch.setattr(starting, "already_live", lambda _: None)
    monkeypatch.setattr(starting, "holder_of_same", lambda *_: None)
