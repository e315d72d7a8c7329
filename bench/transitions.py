"""How many state transitions a release takes, which is what Step Functions charges for."""

from bench.cost import PRICES, transitions
from bench.figure import Figure
from bench.stage import Stage


def measure(stage: Stage) -> Figure:
    history = stage.release(stage.function(), strategy="canary-10-5m")
    count = transitions(history)
    dollars = count * PRICES["state transitions"]
    return Figure(
        "state transitions of a canary-10-5m release of one function",
        count,
        "transitions",
        60,
        f"{dollars:.5f} USD at 0.025 USD per 1,000: the start, every state entered, every further try",
    )
