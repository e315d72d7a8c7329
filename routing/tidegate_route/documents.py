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
        self.due = self.wait_until = 0.0
        self.ready = threading.Event()


class Documents:
    """Reads each document at most once in `ttl` seconds (20 % more or less); only the first read is waited for."""

    def __init__(self, read: Read, *, ttl: float, timeout: float) -> None:
        self._read, self._ttl, self._timeout = read, ttl, timeout
        self._entries: dict[str, _Entry] = {}

    def get(self, function: str) -> tuple[Document | None, str]:
        """Return a document, or None and why there is none."""
        entry = self.prefetch(function)
        if not entry.ready.is_set():  # also a read of the init that was frozen meanwhile has its time
            now = time.monotonic()
            entry.wait_until = entry.wait_until or now + self._timeout
            entry.ready.wait(max(0.0, entry.wait_until - now))
        return entry.known

    def prefetch(self, function: str) -> _Entry:
        """Begin to read a document that is not known, or no longer fresh."""
        entry = self._entries.get(function) or self._entries.setdefault(function, _Entry())
        now = time.monotonic()
        if entry.due <= now:
            entry.due = now + self._ttl * (0.8 + now % 0.4)  # so that not all processes read at once
            threading.Thread(target=self._refresh, args=(function, entry), daemon=True).start()
        return entry

    def _refresh(self, function: str, entry: _Entry) -> None:
        try:
            entry.known = self._fetch(function)
        except Exception as error:
            warn(f"the document of {function} was not read: {type(error).__name__}: {error}")
            if entry.known[0] is None:
                entry.due = time.monotonic() + 1
                entry.known = (None, "the document could not be read")
        entry.ready.set()

    def _fetch(self, function: str) -> tuple[Document | None, str]:
        item = self._read(function)
        if item is None:
            return None, "no document: its users are not routed"
        try:
            return Document.parse(item), ""
        except (ValueError, TypeError) as error:
            warn(f"the document of {function} is not understood: {error}")
            return None, f"the document is not understood: {error}"
