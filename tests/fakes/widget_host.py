"""A page with a custom widget in it, as a CloudWatch dashboard has one, and the events that it sends."""

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from tidegate.report.markup import Markup, element, joined

HOSTS = {False: "#ffffff", True: "#161d26"}


def hosted(widget: str, *, dark: bool) -> str:
    """Put a widget on a page of the console's colours."""
    style = f"body{{margin:0;background:{HOSTS[dark]}}}.console{{height:24px}}"
    return joined(
        Markup("<!doctype html>"),
        element("style", Markup(style)),
        element("div", class_="console"),
        Markup(widget),
    )


def shown_event(*, theme: str = "light", form: Any = None, params: Any = None, **event: Any) -> dict[str, Any]:
    """Give what CloudWatch sends (user guide, "Details about custom widgets")."""
    context = {
        "dashboardName": "tidegate-us-east-1",
        "widgetId": "widget-1",
        "accountId": "123456789012",
        "locale": "en",
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
        "period": 300,
        "isAutoPeriod": True,
        "timeRange": {"mode": "relative", "start": 1627236199729, "end": 1627322599729, "relativeStart": 86400012},
        "theme": theme,
        "linkCharts": True,
        "title": "Releases",
        "forms": {"all": form or {}},
        "params": params or {},
        "width": 900,
        "height": 700,
    }
    return {**(params or {}), **event, "widgetContext": context}


@dataclass
class Button:
    """What is pressed: its label, the attributes of its action, and the event that it sends."""

    label: str
    action: dict[str, str | None]
    event: dict[str, Any]


class Parsed(HTMLParser):
    """A widget as a browser takes it apart: fails on what is not closed; finds elements, text and buttons."""

    VOID = frozenset({"input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self._pressed = ""
        self._buttons: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)
        self.close()
        assert self._open == []

    @property
    def buttons(self) -> dict[str, Button]:
        return {label: Button(label, action, json.loads(sent)) for label, action, sent in self._buttons}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "a":
            self._pressed = ""
        if tag == "cwdb-action":
            self._buttons.append((self._pressed, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "a":
            self._pressed += data
        elif self._open and self._open[-1] == "cwdb-action":
            label, attributes, sent = self._buttons[-1]
            self._buttons[-1] = (label, attributes, sent + data)
        elif self._open and self._open[-1] != "style":
            self.text += data
