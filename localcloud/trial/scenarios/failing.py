"""A version that fails three requests of ten is rolled back soon."""

from collections.abc import Iterator

from localcloud.trial.run import Run
from localcloud.trial.scenarios.scenario import ROLLED_BACK, STEPS, Check, Scenario, ticks

MOST_TICKS = 3


class Failing(Scenario):
    title = "a version failing 30 % of requests"
    word = "failing"
    folder = "failing"
    ends = ROLLED_BACK
    error = "VersionFailed"

    def own_checks(self, run: Run) -> Iterator[Check]:
        weights = " → ".join(f"{weight:g} %" for weight in run.weights) or "none"
        judged = len(run.verdicts)
        yield Check(
            run.weights == [STEPS[0]["weight"]] and judged <= MOST_TICKS,
            f"it came as far as {weights} and was judged at {ticks(judged)}",
            f"no further than {STEPS[0]['weight']} %, at most {MOST_TICKS} ticks",
        )
        reached, failed = len(run.calls_of(run.canary)), run.failed(run.canary)
        others = sum(call.outcome != "ok" for call in run.calls if call.version != run.canary)
        yield Check(
            failed > 0 and not others,
            f"it failed {failed} of the {reached} users' requests that it got, of {len(run.calls)} in all; "
            f"{others or 'no'} others failed",
            "some of its own and no others",
        )
