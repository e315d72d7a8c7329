"""Following a release of several Regions: look at each, do what is due, and end it. Safe to repeat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from tidegate.aws.announcements import tell_event
from tidegate.aws.failures import FAILED_CALL, is_busy
from tidegate.aws.ledger import locks, records, region_items
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger
from tidegate.aws.regions.reach import Reach
from tidegate.domain import region_moves as moves
from tidegate.domain.errors import AwsBusy, AwsRefused, KeyUsedBefore, LockLost
from tidegate.domain.ledger_items import kind_of_target
from tidegate.domain.region_releases import (
    REFUSED,
    RELEASED,
    SAID,
    STAGE_OF,
    UNDER_WAY,
    Act,
    RegionRelease,
    Stage,
    execution_name,
    seen,
    told,
)
from tidegate.domain.request.regions import request_of
from tidegate.domain.schedule import format_time
from tidegate.domain.truncation import first_sentences

CHANGED = "region-changed"
UNTOLD = (Stage.WAITING, Stage.CHECKING)
ASKED = (Stage.CHECKING, *UNDER_WAY)
"""Stages in which there is an execution to look at; nothing waits for a check once the release has failed."""


NEXT = {RELEASED: "released", REFUSED: "refused"}
"""Where the state machine goes by the outcome; for any other, to Rolled back."""

NAMED = 5
"""Failed Regions whose reasons are in a cause; the report has all."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class StopReason:
    """Why the release stops: the name of an error, and a sentence."""

    error: str
    cause: str


class Following:
    """One look at a release; without a `request` nothing is released any more."""

    def __init__(
        self, release: Release, now: int, *, request: Mapping[str, Any] | None, reason: StopReason | None
    ) -> None:
        self._release = release
        self._now = now
        self._request = request
        self._reason = reason
        self._unreachable = list[str]()
        self._rolls_back = release.plan.regions_on_failure == "rollback"
        self.regions = region_items.read(release.name, release.started)

    @property
    def goes_on(self) -> bool:
        """Return whether there is something to wait for: a release there, or an answer."""
        return bool(self._unreachable) or moves.goes_on(self.regions, stops=self._reason is not None)

    @property
    def told(self) -> str:
        return "; ".join([told(self.regions), *self._unreachable])

    def look(self) -> None:
        """Look at every Region with a release under way, then do what is due."""
        ends = self._reason is not None or moves.has_failed(self.regions)
        for place, one in enumerate(self.regions):
            if one.stage in (UNDER_WAY if ends else ASKED):
                stage = Stage.UNCHANGED if one.stage is Stage.CHECKING else Stage.UNCERTAIN
                sight = self._tried(place, stage, self._reach(one).look)
                if sight:
                    self._note(place, seen(one, sight, self._now, stops=self._reason is not None))
        while acts := moves.due(self.regions, stops=self._reason is not None, roll_back=self._rolls_back):
            before = list(self.regions)
            for place, act in acts:
                self._do(place, act)
            if before == self.regions:
                break

    def _reach(self, one: RegionRelease) -> Reach:
        partition = self._release.execution.split(":")[1]
        return Reach(one, f"arn:{partition}:iam::{one.account}:role/{self._release.plan.regions_role}")

    def _tried(self, place: int, stage: Stage, call: Callable[[], Answer]) -> Answer | None:
        """Return the answer of a Region; None without one: it is asked again at the next poll.

        If AWS or the stack there refuses, a person must act: the Region is then at `stage`.
        """
        try:
            return call()
        except (AwsBusy, AwsRefused, KeyUsedBefore, *FAILED_CALL) as error:
            if isinstance(error, AwsBusy) or is_busy(error):
                logger.warning("%s: %s", self.regions[place].name, error)
                self._unreachable.append(f"{self.regions[place].region} did not answer")
            else:
                failed = {"error": type(error).__name__, "summary": str(error)}
                self._note(place, self.regions[place].at(stage, self._now, **failed))
            return None

    def _do(self, place: int, act: Act) -> None:
        one = self.regions[place]
        stage = Stage.UNCHANGED if act in {Act.CHECK, Act.START} else Stage.UNCERTAIN
        if act is Act.STOP:
            self._tried(place, stage, self._reach(one).stop)
            return
        if act is Act.CHECK:
            found = self._tried(place, stage, self._reach(one).find)
            if found is None:
                return
            one = replace(one, machine=found[0], table=found[1])
        request = self._back(place, one) if act is Act.GO_BACK else self._forward(one, act)
        if request is None:
            return
        name = execution_name(self._release.name, one, act)
        execution = f"{one.machine.replace(':stateMachine:', ':execution:')}:{name}"
        # Before the start: whoever comes after a failure in between finds what may have started.
        self._note(place, one.at(STAGE_OF[act], self._now, execution=execution))
        self._tried(place, stage, partial(self._reach(self.regions[place]).start, name, request))

    def _forward(self, one: RegionRelease, act: Act) -> dict[str, Any]:
        if self._request is None:
            raise LockLost(f"Release {self._release.name} is being rolled back by Recover; nothing is started.")
        request = request_of(self._request, self._release.name, one.region, one.account)
        return {**request, "dry_run": True} if act is Act.CHECK else request

    def _back(self, place: int, one: RegionRelease) -> dict[str, Any] | None:
        """Return the request that rolls a released Region back; None if nothing of it can be, which is noted."""
        name, reach = execution_name(self._release.name, one, Act.START), self._reach(one)
        record = self._tried(place, Stage.UNCERTAIN, partial(reach.record, name))
        if not record:
            if record is not None:
                why = "the ledger there has no record of its release any more"
                self._note(place, one.at(Stage.UNCERTAIN, self._now, error="ReleaseUnknown", summary=why))
            return None
        targets = record["plan"]["targets"]
        last = self._tried(place, Stage.UNCERTAIN, partial(reach.released_by, targets, record["started"]))
        if last is None:
            return None
        if later := moves.released_since(last, name):
            why = f"{', '.join(later)} was released again meanwhile, and stays"
            self._note(place, one.at(Stage.UNCERTAIN, self._now, error="AliasMoved", summary=why))
            return None
        request = moves.request_back(targets, self._release.name)
        if request is None:
            self._note(place, one.at(Stage.BACK, self._now, summary="nothing to roll back: its aliases are new"))
        return request

    def _note(self, place: int, one: RegionRelease) -> None:
        """Record a Region at another stage, and announce it."""
        before, self.regions[place] = self.regions[place], one
        if one == before:
            return
        started, expires = self._release.started, self._release.plan.expires
        region_items.write(self._release.name, place, one, started=started, expires=expires)
        if one.stage in UNTOLD or one.stage is before.stage:
            return
        details = {
            "stage": one.stage.value,
            "summary": f"{one.region} ({one.account}): {SAID[one.stage]}" + (f"; {one.summary}" if one.summary else ""),
            "release_there": one.last_release,
            "link_there": one.link,
        }
        kind = kind_of_target(CHANGED, one.name)
        tell_event(self._release.name, self._now, kind, expires, details)

    def ended(self) -> tuple[str, StopReason]:
        """Return the outcome's word, and why it is not `released`."""
        failures = moves.failures(self.regions)
        causes = first_sentences([f"{one.region} ({one.account}): {one.summary}" for one in failures], NAMED)
        why = StopReason(failures[0].error if failures else "", causes if failures else "")
        return moves.outcome(self.regions), self._reason or why

    def close(self) -> dict[str, Any]:
        """Record how the release ended, release its lock, and return that for the state machine."""
        word, why = self.ended()
        name, told = self._release.name, self.told
        by_itself = self._request is not None
        if by_itself and word != RELEASED:
            records.blame(name, {"error": why.error, "cause": why.cause, "failed": []})
        elif by_itself and not records.commit_promotion(name, self._now):
            raise LockLost(f"Release {name} was ended by Recover before it could finish.")
        cause = f"{why.cause.rstrip('.')}. Now: {told}."
        summary = f"{why.error}: {cause}" if word == REFUSED else told
        details = {} if word == RELEASED else {"why": why.cause, "error": why.error}
        kind = "finished" if word == RELEASED else word
        tell_event(name, self._now, kind, self._release.plan.expires, {"summary": summary, **details})
        records.close(name, word, told if word == RELEASED else why.cause, self._now)
        locks.free(region_items.lock_of(name), name)
        reason = {"error": why.error, "cause": cause}
        return {"next": NEXT.get(word, "rolled_back"), "summary": told, "reason": reason, **reason}


def tick(release: Release, now: int) -> str:
    """Return when to look again."""
    return format_time(now + moves.pause(now - release.started))
