"""The result on stdout: text for people, or JSON lines whose first line is the schema version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.domain.foreign_text import as_json
from tidegate_cli.terminal import say, say_raw
from tidegate_cli.wrapping import wrapped

VERSION = "1.0"
"""Version of the JSON lines: new fields and types raise the second number; readers must ignore unknown ones."""


@dataclass
class Output:
    json: bool
    _began: bool = field(default=False, init=False)

    def show(
        self, document: Mapping[str, Any], text: str, *, indent: int | None = 0, err: bool = False, **style: Any
    ) -> None:
        """Write one of the two; on a terminal, lines of the text break between words and continue after `indent`.

        Without an indent, lines stay whole.
        """
        if self.json:
            self.document(document)
        else:
            say(text if indent is None else "\n".join(wrapped(text, indent=indent, err=err)), err=err, **style)

    def document(self, document: Mapping[str, Any]) -> None:
        self.begin()
        self._line(document)

    def begin(self) -> None:
        """Write the first JSON line, even if no other line follows."""
        if self.json and not self._began:
            self._began = True
            from importlib.metadata import version

            self._line({"type": "schema", "version": VERSION, "tool": f"tidegate {version('tidegate')}"})

    @staticmethod
    def _line(document: Mapping[str, Any]) -> None:
        say_raw(as_json(document))
