"""How many state transitions a release takes, which is what Step Functions charges for."""

from bench.figure import Figure
from bench.stage import Stage, entered

DOLLARS = 0.025 / 1000
"""Price of one transition of a Standard workflow (AWS Step Functions pricing, us-east-1)."""


def measure(stage: Stage) -> Figure:
    history = stage.release(stage.function(), strategy="canary-10-5m")
    # The start counts as one too, and so does each try of a Task beyond its first.
    tries = sum(event["type"] == "TaskScheduled" for event in history)
    tasks = sum(event["type"] == "TaskStateEntered" for event in history)
    count = 1 + len(entered(history)) + tries - tasks
    return Figure(
        "state transitions of a canary-10-5m release of one function",
        count,
        "transitions",
        60,
        f"{count * DOLLARS:.5f} USD at 0.025 USD per 1,000: the start, every state entered, every further try",
    )
