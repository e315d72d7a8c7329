"""Errors a person reads. A class's name is the state machine's `Error`, its message the `Cause`."""

from collections.abc import Sequence


class TidegateError(Exception):
    """Base of all of them; the message says what happened, to which function and version, and what to do."""


class InvalidRequest(TidegateError):  # noqa: N818 - a phrase a watcher reads in the console
    """What was asked for cannot be done as it is written; nothing has been touched.

    Each problem reads "path: what was wrong; example: ...".
    """

    shown = 20
    """Problems in the message: what Step Functions shows as Cause has to stay short."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self._message())

    def _message(self) -> str:
        if len(self.problems) == 1:
            return self.problems[0]
        lines = [f"{len(self.problems)} problems in the request:", *self.problems[: self.shown]]
        if len(self.problems) > self.shown:
            lines.append(f"and {len(self.problems) - self.shown} more")
        return "\n".join(lines)
