"""Reading the data back from a page."""

import json
from html.parser import HTMLParser
from typing import Any

IDENTIFIER = "tidegate-data"


def read_back(page: str) -> Any:
    """Return the document in a page.

    Raises
    ------
    ValueError
        When the page is not a report.
    """
    finder = _Finder()
    finder.feed(page)
    finder.close()
    if not finder.found:
        raise ValueError("this is not a report: it contains no data")
    return json.loads("".join(finder.found))


class _Finder(HTMLParser):
    """Collects the text of the element with the data."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "pre" and ("id", IDENTIFIER) in attrs

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)
