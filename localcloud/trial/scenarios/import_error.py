"""A version that cannot be imported is stopped at the probe."""

from collections.abc import Iterator

from localcloud.trial.run import Run
from localcloud.trial.scenarios.scenario import ROLLED_BACK, Check, Scenario, none_failed
from localcloud.trial.stage import ALIAS


class ImportFails(Scenario):
    title = "a version with an import error"
    word = "import-error"
    folder = "import_error"
    ends = ROLLED_BACK
    error = "InitFailed"

    def own_checks(self, run: Run) -> Iterator[Check]:
        stopped = run.failed_states[0] if run.failed_states else "no state"
        yield Check(stopped == "Probe", f"it was stopped at {stopped}", "at Probe")
        reached = [i for i in run.invocations if i.alias == ALIAS and i.executed_version == run.canary]
        yield Check(
            run.canary is not None and not reached and not run.calls_of(run.canary) and bool(run.calls),
            f"of {len(run.calls)} requests to the alias {len(reached) or 'not one'} reached version {run.canary}",
            "not one of them",
        )
        yield none_failed(run)
