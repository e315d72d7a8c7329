"""NDJSON: every milestone as it is."""

from collections.abc import Sequence

from tidegate.domain.telling.milestone import Milestone
from tidegate_cli.output import Output


class JsonLines:
    def __init__(self, output: Output) -> None:
        self._output = output

    def show(self, milestones: Sequence[Milestone]) -> None:
        for milestone in milestones:
            self._output.document(milestone.model_dump(mode="json"))

    def note(self, kind: str, sentence: str) -> None:
        self._output.document({"type": kind, "summary": sentence})
