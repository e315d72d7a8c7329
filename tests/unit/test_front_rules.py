"""The rules of URLs of the local cloud's front."""

import ast
from threading import Thread
from typing import Any

import pytest
from werkzeug.routing import Map, Rule

import localcloud.front.server  # noqa: F401 - it is who has them made so
from localcloud.front import rules


def test_a_rule_is_made_while_no_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    parse, free = ast.parse, list[bool]()

    def parse_and_look(*arguments: Any, **named: Any) -> Any:
        other = Thread(target=lambda: free.append(rules.making.acquire(blocking=False)))
        other.start()
        other.join()
        return parse(*arguments, **named)

    monkeypatch.setattr(ast, "parse", parse_and_look)
    Map([Rule("/functions/<name>")])
    assert set(free) == {False}
