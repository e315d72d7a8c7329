"""$LATEST: the version that changes, one change at a time."""

from localcloud.clock import current
from localcloud.lambda_ import errors, lifecycle
from localcloud.lambda_.definition import Definition
from localcloud.lambda_.versions import LATEST, FunctionVersion, timestamp

# Recorded: an update in progress says this too.
UPDATING = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": "The function is being created.",
    "LastUpdateStatusReasonCode": "Creating",
}


class Latest(FunctionVersion):
    """What UpdateFunctionCode and UpdateFunctionConfiguration change."""

    def __init__(self, account_id: str, region: str, name: str, definition: Definition) -> None:
        super().__init__(account_id, region, name, LATEST, definition)
        self._serving = definition
        self.creating = lifecycle.creation(name)
        self.updating: lifecycle.Settling | None = None
        self.failure: lifecycle.Failure | None = None

    @property
    def serving(self) -> Definition:
        self.settle()
        return self._serving

    def begin_update(self, definition: Definition) -> None:
        self.definition = definition
        self.updating = lifecycle.update(self.function_name)
        self.failure = None
        self.last_modified = timestamp()
        self.touch()

    def settle(self) -> None:
        with self._lock:
            created = self.creating is not None and self.creating.done
            super().settle()
            if created:
                self.touch()
            if self.updating and self.updating.done:
                self._end_update(self.updating.failure)

    def settle_now(self) -> None:
        """End what is under way without waiting, as CloudFormation waits for it."""
        now = current().time()
        self.creating = self.creating and lifecycle.Settling(now, now)
        self.updating = self.updating and lifecycle.Settling(now, now, self.updating.failure)
        self.settle()

    def _end_update(self, failure: lifecycle.Failure | None) -> None:
        # Failed: the old definition keeps serving; that the configuration shown is the one asked for is
        # not recorded anywhere, and the less convenient of the two possibilities.
        self.updating, self.failure = None, failure
        self._serving = self._serving if failure else self.definition
        self.touch()

    def status(self) -> dict[str, str]:
        status: dict[str, str] = super().status()
        if self.updating:
            return {**status, **UPDATING}
        if self.failure:
            reason = {"LastUpdateStatusReason": self.failure.reason, "LastUpdateStatusReasonCode": self.failure.code}
            return {**status, "LastUpdateStatus": "Failed", **reason}
        return status

    def check_changeable(self) -> None:
        """Hold the rule of one change at a time."""
        self.settle()
        self.give_up_if_stuck()
        if self.state != "Inactive":  # only Pending is known to refuse changes ("Lambda function states")
            self.check_invocable()
        self.check_no_update()

    def check_no_update(self) -> None:
        self.settle()
        if self.updating:
            raise errors.conflict(
                "The operation cannot be performed at this time. "
                f"An update is in progress for resource: {self.function_arn}"
            )
