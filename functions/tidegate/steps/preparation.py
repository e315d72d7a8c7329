"""Preparing one target: the data between its states, and its time to settle."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.request.limits import Settings
from tidegate.domain.request.models import TargetRequest
from tidegate.domain.request.parse import read_request
from tidegate.steps.handling import StepEvent

SHORTEST, LONGEST = 2, 30
"""Seconds, if there are enough checks."""

MANY = 64
"""The checks that the slowest version needs."""


def until_next_look(waited: int, *, left: int, limit: int) -> int:
    """Return the seconds until the next check, after `waited` of at most `limit` seconds.

    With many checks `left`, a quarter of the time waited so far, at most half a minute; with fewer, as long as
    it has waited; with none, until the time-out.
    """
    rest = max(SHORTEST, limit - waited)
    if left <= 0:
        return rest
    patient = min(LONGEST, max(SHORTEST, waited // 4))
    return min(rest, patient if left > MANY else max(patient, waited))


class Preparation(BaseModel):
    """One target on its way to a probed version.

    `expires` is when its records may go (seconds since 1970). `pending` are the changes still to apply. `revision_id`,
    `code_sha256` and `config_sha256` are those of $LATEST after its last update settled. `next` is what the state
    machine does next: `wait` (for `wait` seconds), `update`, `settle`, `publish`, `probe`, or `ready`. `looked` of its
    `looks` checks of updates are used. `provisioned` is how many provisioned environments the version gets; it
    does not wait for them if it `goes_back` to an earlier version. `beside` are the targets of other aliases of the
    function. `channel` is set if users are routed (`TargetPlan`).
    """

    model_config = ConfigDict(frozen=True)

    function: str
    alias: str
    stable: str | None
    expires: int
    pending: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()
    version: str | None = None
    revision_id: str | None = None
    code_sha256: str | None = None
    config_sha256: str | None = None
    waiting_since: int | None = None
    wait: int = 0
    looks: int = 500
    looked: int = 0
    provisioned: int = 0
    beside: tuple[str, ...] = ()
    wave: int = 1
    goes_back: bool = False
    channel: str = ""
    next: str = "settle"
    summary: str = ""

    @property
    def name(self) -> str:
        return f"{self.function}:{self.alias}"

    @classmethod
    def of(cls, target: TargetPlan, plan: ReleasePlan) -> "Preparation":
        return cls(
            function=target.function,
            alias=target.alias,
            stable=target.stable,
            expires=plan.expires,
            looks=plan.looks,
            pending=target.changes,
            version=target.version,
            provisioned=environments(plan, target),
            beside=tuple(each.name for each in plan.targets if each.function == target.function and each != target),
            wave=target.wave,
            goes_back=target.goes_back,
            channel=target.channel,
        )

    def then(self, following: str, summary: str, **changes: Any) -> dict[str, Any]:
        """Return the state's result: this target with `changes`, going to `following`."""
        update = {"next": following, "summary": summary, "wait": 0, "waiting_since": None, **changes}
        return self.model_copy(update=update).model_dump(mode="json")

    def waiting(self, now: int, summary: str, limit: int) -> dict[str, Any]:
        """Wait and check again, for `limit` seconds in total.

        One check is reserved for each later change and version.
        """
        since = self.waiting_since or now
        to_come = len(self.pending) + (self.version is None)
        pause = until_next_look(now - since, left=self.looks - self.looked - to_come, limit=limit)
        return self.then("wait", summary, waiting_since=since, wait=pause, looked=self.looked + 1)

    def waited(self, now: int) -> int:
        return now - (self.waiting_since or now)

    def request_in(self, raw: Any, settings: Settings) -> TargetRequest:
        """Find this target in a request, which may select its functions."""
        request = read_request(raw, settings, [self.function])
        return next(t for t in request.targets if (t.function, t.alias) == (self.function, self.alias))


def environments(plan: ReleasePlan, target: TargetPlan) -> int:
    """Return how many provisioned environments the version of a target gets, for all aliases of its function."""
    same = [each for each in plan.targets if (each.function, each.version) == (target.function, target.version)]
    return sum({each.stable: each.provisioned for each in same}.values())


class PreparationEvent(StepEvent):
    target: Preparation
