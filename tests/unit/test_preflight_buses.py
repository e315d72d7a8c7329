"""The rules that call a function, on every bus of an account, however many there are."""

from types import SimpleNamespace
from typing import Any

import pytest

from tidegate.aws.preflight import of_account
from tidegate.aws.preflight.aim import Aim

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
PAGES: dict[str, dict[str, Any]] = {
    "": {"EventBuses": [{"Name": "default"}], "NextToken": "more"},
    "more": {"EventBuses": [{"Name": "orders"}]},
}


def test_rules_of_buses_on_the_second_page_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    events = SimpleNamespace(list_event_buses=lambda Limit, NextToken="": PAGES[NextToken])
    monkeypatch.setattr(of_account, "client", lambda _: events)
    monkeypatch.setattr(of_account, "pages", lambda *_, EventBusName, **__: [f"to-{EventBusName}"])
    found = of_account.rules([Aim("checkout", "live", ARN)], 0)
    assert found == {ARN: [("rule", "to-default"), ("rule", "orders/to-orders")]}
