"""A healthy version is released."""

from collections.abc import Iterator

from localcloud.trial.run import Run
from localcloud.trial.scenarios.scenario import RELEASED, STEPS, Check, Scenario, none_failed


class Healthy(Scenario):
    title = "a healthy version"
    word = "healthy"
    folder = "healthy"
    ends = RELEASED

    def own_checks(self, run: Run) -> Iterator[Check]:
        asked = [step["weight"] for step in STEPS]
        path = " → ".join(f"{weight:g} %" for weight in run.weights)
        yield Check(run.weights == asked, f"it was given {path}", f"{asked}")
        yield none_failed(run)
