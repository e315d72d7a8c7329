"""The documents as this process knows them: read in the background, kept for a while, never waited for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any, Callable, Optional

from tidegate_route.document import Document
from tidegate_route.lines import warn

Read = Callable[[str], Optional[Mapping[str, Any]]]
"""Takes a function's name, and returns its document, or None if it has none."""


class _Entry:
    def __init__(self) -> None:
        self.known: tuple[Document | None, str] = (None, "the document was not read in time")
        self.read = self.begun = self.due = self.wait_until = 0.0  # wall clock: others may stand still while frozen
        self.done = threading.Event()


class Documents:
    """Reads each document at most once in `ttl` seconds (20 % more or less), and uses none that is twice as old.

    Only without such a document a read is waited for, `timeout` seconds; after one that fails, not again.
    """

    def __init__(self, read: Read, *, ttl: float, timeout: float) -> None:
        self._read, self._ttl, self._timeout = read, ttl, timeout
        self._entries: dict[str, _Entry] = {}

    def get(self, function: str) -> tuple[Document | None, str]:
        """Return a document, or None and why there is none."""
        entry = self.prefetch(function)
        if self._old(entry):  # also a read of the init that was frozen meanwhile has its time
            now = time.time()
            entry.wait_until = entry.wait_until or now + self._timeout
            entry.done.wait(min(max(0.0, entry.wait_until - now), self._timeout))
        document, missing = entry.known
        return (None, "the document is too old") if document and self._old(entry) else (document, missing)

    def _old(self, entry: _Entry) -> bool:
        return not 0 <= time.time() - entry.read <= 2 * self._ttl + self._timeout

    def prefetch(self, function: str) -> _Entry:
        """Begin to read a document that is not known, or no longer fresh."""
        entry = self._entries.get(function) or self._entries.setdefault(function, _Entry())
        now = time.time()
        if not entry.begun <= now < entry.due:
            entry.begun, entry.due = now, now + self._ttl * (0.8 + now % 0.4)  # so that not all processes read at once
            entry.done = threading.Event()  # one that was frozen and fails now must not end the wait for this one
            threading.Thread(target=self._refresh, args=(function, entry, now, entry.done), daemon=True).start()
        return entry

    def _refresh(self, function: str, entry: _Entry, began: float, done: threading.Event) -> None:
        try:
            entry.known, entry.read, entry.wait_until = self._fetch(function), began, 0.0
        except Exception as error:
            warn(f"the document of {function} was not read: {type(error).__name__}: {error}")
            entry.due = began + 1
            if entry.known[0] is None:
                entry.known = (None, "the document could not be read")
        done.set()

    def _fetch(self, function: str) -> tuple[Document | None, str]:
        item = self._read(function)
        if item is None:
            return None, "no document: its users are not routed"
        try:
            return Document.parse(item), ""
        except (ValueError, TypeError) as error:
            warn(f"the document of {function} is not understood: {error}")
            return None, f"the document is not understood: {error}"
