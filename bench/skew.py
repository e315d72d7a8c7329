"""How far apart the first and the last alias of a wave switch."""

import json

from bench.figure import Figure
from bench.stage import Events, Stage

TARGETS = 20
REQUESTS_PER_SECOND = 15
"""Lambda's quota over all control-plane calls but GetFunction (Lambda quotas)."""


def skew_seconds(events: Events) -> float:
    """Take it from the output of Shift traffic, which is what a watcher sees."""
    exited = [event["stateExitedEventDetails"] for event in events if event["type"] == "TaskStateExited"]
    (output,) = (json.loads(details["output"]) for details in exited if details["name"] == "Shift traffic")
    return float(output["skew_seconds"])


def measure(stage: Stage) -> Figure:
    names = [stage.function() for _ in range(TARGETS)]
    skew = skew_seconds(stage.release(*names, strategy="canary-10-1m"))
    least = TARGETS / REQUESTS_PER_SECOND
    return Figure(
        f"{TARGETS} targets shifted together: skew first to last, against {TARGETS} / {REQUESTS_PER_SECOND} rps",
        round(skew / least, 2),
        "ratio",
        1.5,
        f"{skew:.2f} s between the first and the last UpdateAlias, over {least:.2f} s; real time, since quotas are",
    )
