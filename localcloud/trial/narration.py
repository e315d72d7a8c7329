"""Tells a release line by line: elapsed emulated time, what happened, to which state."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from localcloud.stepfunctions import StateEvent
from localcloud.trial.display import Display, Progress, elapsed
from localcloud.trial.stage import TARGET, Stage

DONE = {
    "Plan": "planned",
    "Update": "updated",
    "Settle": "settled",
    "Publish": "published",
    "Probe": "probed",
    "Before traffic": "looked",
    "Shift traffic": "shifted",
    "Compare versions": "judged",
    "Finish": "finished",
    "Look back": "looked-back",
    "Roll back": "rolled-back",
}
"""What has happened when a Task is over; the other states are told when they are entered."""

FAILS = {"Refused", "Rolled back", "Left to recover"}
"""Fail states: told with their error, which comes right after they are entered."""

LINK = re.compile(r" Log: \S+")
"""Left out: there is no console behind the local cloud."""


@dataclass
class Narration:
    """Narrates the releases on a display."""

    display: Display
    _started: float = 0.0
    _question: str = ""

    def begin(self, stage: Stage, name: str, stable: str, started: float, request: dict[str, Any]) -> None:
        self._started, self._question = started, ""
        self.display.progress = Progress(started, stage.traffic)
        schedule = _schedule(request["strategy"])
        self.line(started, "started", f"release {name} of {TARGET}: version {stable} is live; {schedule}")

    def line(self, at: float, word: str, text: str, style: str | None = None) -> None:
        self.display.line(f"{elapsed(at - self._started)} {word:<12} {text}", style)

    def tell(self, event: StateEvent) -> None:
        """Tell one event; a Choice is told together with the state that it led to."""
        if event.kind == "failed" and event.detail["error"]:
            self._tell_failure(event)
        elif event.kind == "entered" and event.state.endswith("?"):
            self._question += f"{event.state} "
        elif event.kind == "entered" and event.state not in {*DONE, *FAILS}:
            self._tell_entered(event)
        elif event.kind == "exited" and event.state in DONE and "Error" not in event.detail:
            self._tell_result(event)

    def _tell_entered(self, event: StateEvent) -> None:
        until = self._until(event)
        self._state(event, "waiting" if until else "entered", f"until {until}" if until else "")

    def _tell_result(self, event: StateEvent) -> None:
        detail = event.detail
        word = "waiting" if event.state == "Settle" and detail.get("next") == "wait" else DONE[event.state]
        self._state(event, word, str(detail.get("summary", "")))
        self._show_weight(event)

    def _tell_failure(self, event: StateEvent) -> None:
        word = "ended" if event.state in FAILS else "failed"
        self._state(event, word, f"{event.detail['error']}: {_sentence(event.detail['cause'] or '')}")

    def _state(self, event: StateEvent, word: str, text: str) -> None:
        label, self._question = f"{self._question}{event.state}", ""
        self.line(event.at, word, LINK.sub("", f"{label}: {text}" if text else label))

    def _show_weight(self, event: StateEvent) -> None:
        progress = self.display.progress
        if progress is None:
            return
        if event.state == "Publish":
            progress.canary = event.detail["version"]
        elif event.state == "Shift traffic":
            progress.weight = float(event.detail["weight"])
        elif event.state in ("Finish", "Roll back"):
            progress.weight = 0.0 if event.detail.get("outcome") == "rolled-back" else 100.0

    def _until(self, event: StateEvent) -> str | None:
        """Say until when a Wait waits, as elapsed time."""
        if event.state.startswith("Bake"):
            return elapsed(datetime.fromisoformat(event.detail["tick"]).timestamp() - self._started)
        if event.state == "Wait for the minute":
            return elapsed(-(-event.at // 60) * 60 - self._started)
        if event.state == "Wait until settled":
            return elapsed(event.at + event.detail["wait"] - self._started)
        return None


def _sentence(cause: str) -> str:
    """Take the message out of a Cause: for a failed function that is JSON with a stack trace."""
    try:
        content = json.loads(cause)
    except ValueError:
        return cause
    return str(content.get("errorMessage", cause)) if isinstance(content, dict) else cause


def _schedule(strategy: Any) -> str:
    if isinstance(strategy, str):
        return f"by {strategy}"
    return (
        ", ".join(f"{step['weight']} % for {step['bake'].removesuffix('m')} min" for step in strategy["steps"])
        + ", then 100 %"
    )
