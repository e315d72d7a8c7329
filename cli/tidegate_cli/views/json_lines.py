"""NDJSON: every milestone unchanged."""

import time
from collections.abc import Sequence
from typing import Any

from tidegate.domain.events.form import Milestone
from tidegate_cli.output import Output
from tidegate_cli.views.lines import NOTHING_NEW, SILENCE


class JsonLines:
    def __init__(self, output: Output) -> None:
        self._output = output
        self._spoke = time.monotonic()

    def show(self, milestones: Sequence[Milestone]) -> None:
        for milestone in milestones:
            self._write(milestone.model_dump(mode="json"))

    def note(self, kind: str, sentence: str) -> None:
        self._write({"type": kind, "summary": sentence})

    def link(self, url: str, resume: str) -> None:
        self._write({"type": "link", "summary": f"to follow: {resume}", "url": url})

    def alive(self, trouble: str = "") -> float:
        if time.monotonic() - self._spoke >= SILENCE:
            self.note("waiting", trouble or NOTHING_NEW)
        return self._spoke + SILENCE - time.monotonic()

    def _write(self, document: dict[str, Any]) -> None:
        self._spoke = time.monotonic()
        self._output.document(document)
