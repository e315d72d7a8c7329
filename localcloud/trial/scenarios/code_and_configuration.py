"""Code and configuration change together, and no caller of the alias sees one without the other."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.clock import Event, Thread
from localcloud.stepfunctions import StateEvent
from localcloud.traffic import Call
from localcloud.trial.run import Run
from localcloud.trial.scenarios.scenario import RELEASED, Check, Scenario, none_failed
from localcloud.trial.stage import RULE, Stage

LOOK_EVERY = 0.03
"""Seconds as functions live through them; GetFunction may be called 100 times a second."""


UNQUALIFIED = 3
"""Calls without an alias, which Plan is to find."""

NAMED = re.compile(rf"unqualified-callers: \S+: (\d+) of [\d,]+ calls .*{RULE}")


class CodeAndConfiguration(Scenario):
    title = "code and configuration together"
    word = "together"
    folder = "needs_currency"
    ends = RELEASED

    def __init__(self) -> None:
        self._watch: LatestWatch | None = None

    def request(self, stage: Stage) -> dict[str, Any]:
        stage.call_unqualified(UNQUALIFIED)
        self._watch = LatestWatch(stage)
        self._watch.start()
        references = {
            "CONFIGURATION": stage.put_parameter("configuration", "new"),
            "CURRENCY": stage.put_parameter("currency", "EUR"),
        }
        code = stage.upload_code(self.folder)
        # A schedule that promotes when nothing was seen: the brown-out of the hour before makes the judge careful.
        return self._request(code=code, configuration={"environment": references}, strategy="canary-10-3m", analysis={})

    def happened(self, stage: Stage, event: StateEvent) -> None:  # noqa: ARG002 - as every scenario
        prepared = event.state == "Publish" and event.kind == "exited"
        if self._watch and (prepared or event.kind == "failed"):
            self._watch.stop()

    def notes(self) -> dict[str, Any]:
        return {"latest": self._watch.seen if self._watch else []}

    def own_checks(self, run: Run) -> Iterator[Check]:
        old = _pairs(run.before)
        allowed = {*old, (self.folder, "new")}
        answered = [call for call in run.calls if call.outcome == "ok"]
        mixed = [call for call in answered if _pair(call) not in allowed]
        served = sum(_pair(call) == (self.folder, "new") for call in answered)
        yield Check(
            not mixed and served > 0 and len(old) == 1,
            f"of {len(answered)} answers {len(mixed) or 'none'} mixed old and new; {served} were new with new",
            "none mixed, some new with new",
        )
        yield none_failed(run)
        found = NAMED.search(run.plan)
        calls = found[1] if found else "no"
        yield Check(
            calls == str(UNQUALIFIED),
            f"the plan found {calls} calls without an alias, by {RULE}",
            f"{UNQUALIFIED} calls, and who made them",
        )

    def contrast(self, run: Run) -> str | None:
        seen = run.notes["latest"]
        mixed = [
            (later["from"] - state["from"], state)
            for state, later in pairwise(seen)
            if state["code"] != state["configuration"]
        ]
        if not mixed:
            return "$LATEST was not seen mixed meanwhile"
        seconds, state = mixed[0]
        return (
            f"$LATEST held {state['code']} code with {state['configuration']} configuration for {seconds:.0f} s "
            "meanwhile, which a caller without an alias would have met"
        )


class LatestWatch(Thread):
    """Looks at $LATEST again and again, and records each combination of code and configuration it sees."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(name="latest-watch", daemon=True)
        self.seen: list[dict[str, Any]] = []
        self._stage = stage
        self._over = Event()
        self._old_code = stage.latest()["CodeSha256"]

    def stop(self) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            try:
                self._look()
            except (BotoCoreError, ClientError):
                return  # the demo was interrupted, and its cloud is gone

    def _look(self) -> None:
        found = self._stage.latest()
        state = {
            "code": "old" if found["CodeSha256"] == self._old_code else "new",
            "configuration": found["Environment"]["Variables"]["CONFIGURATION"],
        }
        last = self.seen[-1] if self.seen else {}
        if state != {name: last.get(name) for name in state}:
            self.seen.append({"from": self._stage.now(), **state})


def _pair(call: Call) -> tuple[str, str]:
    return call.answer["code"], call.answer["configuration"]


def _pairs(calls: list[Call]) -> set[tuple[str, str]]:
    return {_pair(call) for call in calls if call.outcome == "ok"}
