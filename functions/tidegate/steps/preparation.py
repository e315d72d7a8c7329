"""What travels between the states that prepare one target: small, and readable in the console."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from tidegate.domain.plan import TargetPlan
from tidegate.domain.request import Request, TargetRequest
from tidegate.steps.handling import StepEvent


class Preparation(BaseModel):
    """One target on its way to a probed version.

    `expires` is when its records may go (seconds since 1970). `pending` are the changes still to apply. `revision_id`,
    `code_sha256` and `config_sha256` are those of $LATEST when it had settled last. `next` is what the state machine
    does next: `wait` (for `wait` seconds), `update`, `settle`, `publish`, `probe`, or `ready`.
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
    next: str = "settle"
    summary: str = ""

    @property
    def name(self) -> str:
        return f"{self.function}:{self.alias}"

    @classmethod
    def of(cls, target: TargetPlan, expires: int) -> "Preparation":
        return cls(
            function=target.function,
            alias=target.alias,
            stable=target.stable,
            expires=expires,
            pending=target.changes,
            version=target.version,
        )

    def then(self, following: str, summary: str, **changes: Any) -> dict[str, Any]:
        """Give the state's result: this target with `changes`, going to `following`."""
        update = {"next": following, "summary": summary, "wait": 0, "waiting_since": None, **changes}
        return self.model_copy(update=update).model_dump(mode="json")

    def waiting(self, now: int, summary: str) -> dict[str, Any]:
        """Wait and look again: every two seconds at first, then every thirty."""
        since = self.waiting_since or now
        pause = min(30, max(2, (now - since) // 4))
        return self.then("wait", summary, waiting_since=since, wait=pause)

    def waited(self, now: int) -> int:
        return now - (self.waiting_since or now)

    def request_in(self, request: Request) -> TargetRequest:
        """Find what the request says of this target."""
        return next(t for t in request.targets if (t.function, t.alias) == (self.function, self.alias))


class PreparationEvent(StepEvent):
    target: Preparation
