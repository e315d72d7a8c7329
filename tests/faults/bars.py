"""How long healing may take, after the last execution of a release is over."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Bars:
    """Seconds of the cloud until every alias is whole for good, and until no lock is left and the record is closed."""

    whole: float
    unlocked: float

    def after(self, late: float) -> "Bars":
        """Allow for a step that writes so many seconds after the end: what it does is undone before the lock goes."""
        return replace(self, unlocked=self.unlocked + late)


UNDISTURBED = Bars(whole=120.0, unlocked=600.0)
"""The promise: two minutes. A lock stays for 150 seconds more, until no step can be in flight."""
DISTURBED = Bars(whole=420.0, unlocked=960.0)
"""With calls of recover itself going wrong: up to eight of its runs are killed, about two a minute with retries."""
