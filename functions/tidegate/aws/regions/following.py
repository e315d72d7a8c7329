"""Following a release of several Regions: look at each, do what is due, and end it. Safe to repeat."""

import math
import time
from collections.abc import Set
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tidegate.aws.announcements import tell_event
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.ledger import locks, notes, records, region_items
from tidegate.aws.ledger.records import Release
from tidegate.aws.regions.asking import RegionFailed, asking
from tidegate.aws.regions.reach import Reach
from tidegate.domain import region_moves as moves
from tidegate.domain.errors import LockHeld, LockLost, ReleaseUnknown
from tidegate.domain.ledger_items import kind_of_target
from tidegate.domain.region_moves import StopReason, ended
from tidegate.domain.region_releases import (
    ASKED,
    REFUSED,
    RELEASED,
    STAGE_OF,
    Act,
    RegionRelease,
    Stage,
    execution_name,
    told,
)
from tidegate.domain.region_sights import RegionSight, missed, seen
from tidegate.domain.request.regions import request_of
from tidegate.domain.schedule import format_time

CHANGED = "region-changed"
UNTOLD = (Stage.WAITING, Stage.CHECKING)

NEXT = {RELEASED: "released", REFUSED: "refused"}
"""Where the state machine goes by the outcome; for any other, to Rolled back."""


class Following:
    """One look at a release; without a `request` nothing is released any more.

    Asks Regions only `until` that time of the monotonic clock; the rest follows at the next poll. A Region that
    does not answer keeps no other one waiting; only an error of this stack's own ledger is raised.
    """

    def __init__(
        self, release: Release, now: int, *, request: Any, reason: StopReason | None, until: float = math.inf
    ) -> None:
        self._release = release
        self._now = now
        self._request = request
        self._reason = reason
        self._until = until
        self._rolls_back = release.plan.regions_on_failure == "rollback"
        self.regions = region_items.read(release.name, release.started)
        self._found = list(self.regions)

    @property
    def goes_on(self) -> bool:
        return moves.goes_on(self.regions, stops=self._reason is not None, roll_back=self._rolls_back)

    @property
    def told(self) -> str:
        return told(self.regions)

    def look(self) -> None:
        """Look at every Region with a release under way, then do what is due."""
        asked = [place for place, one in enumerate(self.regions) if one.stage in ASKED]
        unanswered = set[int]()
        for place, sight in zip(asked, at_once(self._sight, asked), strict=True):
            if isinstance(sight, RegionFailed):
                self._missed(place, sight)
                unanswered.add(place)
            elif sight:
                one = self.regions[place]
                self._note(place, seen(one, sight, self._now, stops=self._reason is not None))
        self._act(unanswered)

    def _sight(self, place: int) -> RegionSight | RegionFailed | None:
        """Look at a Region; return the failure of a call, and None if there is no time left."""
        if time.monotonic() >= self._until:
            return None
        one = self.regions[place]
        try:
            with asking():
                sight = self._reach(one).look()
        except RegionFailed as failed:
            return failed
        released = execution_name(self._release.name, one, Act.START)
        return replace(sight, locked=sight.error == LockHeld.__name__ and f"release {released} " in sight.cause)

    def _act(self, unanswered: Set[int]) -> None:
        """Do what is due, each act once; in Regions that did not answer last. After a failure nothing more starts."""
        tried = set[tuple[int, Act]]()
        while acts := [each for each in self._due() if each not in tried]:
            for place, act in sorted(acts, key=lambda each: each[0] in unanswered):
                if time.monotonic() >= self._until:
                    return
                if act is Act.START and (place, act) not in self._due():
                    continue
                tried.add((place, act))
                self._do(place, act)

    def _due(self) -> list[tuple[int, Act]]:
        return moves.due(self.regions, stops=self._reason is not None, roll_back=self._rolls_back)

    def _reach(self, one: RegionRelease) -> Reach:
        partition = self._release.execution.split(":")[1]
        role = f"arn:{partition}:iam::{one.account}:role/{self._release.plan.regions_role}"
        return Reach(one, role, self._release.started)

    def _missed(self, place: int, failed: RegionFailed) -> None:
        """Note that a call failed. A Region that is given up is stopped, if that is still possible."""
        before, found = self.regions[place], self._found[place]
        if before.stage is found.stage and not before.unreached:
            before = replace(before, unreached=found.unreached)  # it can be seen, but for as long not be stopped
        after = missed(before, self._now, failed.name, str(failed), outage=failed.outage)
        self._note(place, after)
        if before.stage is Stage.RELEASING and after.stage is Stage.UNCERTAIN and (self._reason or self._rolls_back):
            with suppress(RegionFailed), asking():
                self._reach(before).stop()

    def _do(self, place: int, act: Act) -> None:
        try:
            if act is Act.STOP:
                with asking():
                    self._reach(self.regions[place]).stop()
            else:
                self._start(place, act)
        except RegionFailed as failed:
            if not failed.final and (failed.outage or act is not Act.START):
                self._missed(place, failed)
                return
            stage = Stage.UNCERTAIN if act is Act.GO_BACK else Stage.UNCHANGED
            self._note(place, self.regions[place].at(stage, self._now, error=failed.name, summary=str(failed)))

    def _start(self, place: int, act: Act) -> None:
        one = self.regions[place]
        if act is Act.CHECK:
            with asking():
                machine, table = self._reach(one).find()
            one = replace(one, machine=machine, table=table)
        request = self._back(place, one) if act is Act.GO_BACK else self._forward(one, act)
        if request is None:
            return
        name = execution_name(self._release.name, one, act)
        execution = f"{one.machine.replace(':stateMachine:', ':execution:')}:{name}"
        # Before the start: whoever comes after a failure in between finds what may have started.
        stage, appeared = STAGE_OF[act], one.appeared and one.execution == execution
        self._note(place, replace(one, stage=stage, since=self._now, execution=execution, appeared=appeared))
        with asking():
            self._reach(self.regions[place]).start(name, request)

    def _forward(self, one: RegionRelease, act: Act) -> dict[str, Any]:
        if self._request is None:
            raise LockLost(f"Release {self._release.name} is being rolled back by Recover; nothing is started.")
        request = request_of(self._request, self._release.execution, one.region, one.account)
        return {**request, "dry_run": True} if act is Act.CHECK else request

    def _back(self, place: int, one: RegionRelease) -> dict[str, Any] | None:
        """Return the request that rolls a released Region back; None if it cannot be now, or at all, which is noted."""
        name, reach = execution_name(self._release.name, one, Act.START), self._reach(one)
        with asking():
            record = reach.record(name)
            targets = record["plan"]["targets"] if record else []
            back = execution_name(self._release.name, replace(one, tries=1), Act.GO_BACK)
            by = reach.released_by(targets, record["started"]) if record else {}
            later = moves.released_since(by, name, back)
            request = moves.request_back(targets, self._release.name, self._release.execution)
        if record is None:
            why = "its record is not in the ledger there: the versions before are unknown"
            self._note(place, one.at(Stage.UNCERTAIN, self._now, error=ReleaseUnknown.__name__, summary=why))
            return None
        if "ended" not in record:
            self._note(place, missed(one, self._now, LockHeld.__name__, "its release still has its locks"))
            return None
        if later:
            why = f"{', '.join(later)} was released again meanwhile, and stays"
            self._note(place, one.at(Stage.UNCERTAIN, self._now, error="AliasMoved", summary=why))
            return None
        if request is None:
            self._note(place, one.at(Stage.BACK, self._now, summary="nothing to roll back: its aliases are new"))
        return request

    def _note(self, place: int, one: RegionRelease) -> None:
        """Announce a Region at another stage, and record it.

        In this order: a step that is cut off in between announces the same again, and nothing is left out.
        """
        before, self.regions[place] = self.regions[place], one
        if one == before:
            return
        started, expires = self._release.started, self._release.plan.expires
        if one.stage is not before.stage and one.stage not in UNTOLD:
            details = {
                "stage": one.stage.value,
                "summary": f"{one.region} ({one.account}): {one.now}" + (f"; {one.summary}" if one.summary else ""),
                "release_there": one.last_release,
                "link_there": one.link,
            }
            tell_event(self._release.name, self._now, kind_of_target(CHANGED, one.name), expires, details)
        region_items.replace(self._release.name, place, before, one, started=started, expires=expires)

    def close(self) -> dict[str, Any]:
        """Record how the release ended, release its lock, and return that for the state machine."""
        word, why = ended(self.regions, self._reason)
        name, told = self._release.name, self.told
        by_itself = self._request is not None
        if by_itself and word != RELEASED:
            records.blame(name, {"error": why.error, "cause": why.cause, "failed": []})
        elif by_itself and not records.commit_promotion(name, self._now):
            raise LockLost(f"Release {name} was ended by Recover before it could finish.")
        cause = f"{why.cause.rstrip('.')}. Now: {told}."
        summary = f"{why.error}: {cause}" if word == REFUSED else told
        proof, names = moves.proof_of_all(self.regions) if word == RELEASED else ("", ())
        if proof:
            notes.note_proof(name, proof, names)
        details = {"proof": proof} if word == RELEASED else {"why": why.cause, "error": why.error}
        kind = "finished" if word == RELEASED else word
        tell_event(name, self._now, kind, self._release.plan.expires, {"summary": summary, **details})
        records.close(name, word, told if word == RELEASED else why.cause, self._now)
        locks.free(region_items.lock_of(name), name)
        reason = {"error": why.error, "cause": cause}
        return {"next": NEXT.get(word, "rolled_back"), "summary": told, "reason": reason, **reason}


def tick(release: Release, now: int, last_event: int | None = None) -> str:
    """Return when to look again; `last_event` came then."""
    since = None if last_event is None else now - last_event
    return format_time(now + moves.pause(now - release.started, since))
