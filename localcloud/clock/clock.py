"""The emulated clock: starts at the real time and runs `factor` times as fast."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True)
class Clock:
    """Emulated time. Work (CPU, time-outs, rate limits) stays real; waiting and timestamps are scaled."""

    factor: float = 60.0
    _epoch: float = field(default_factory=time.time)
    _origin: float = field(default_factory=time.monotonic)

    def time(self) -> float:
        """Emulated seconds since 1970."""
        return self._epoch + (time.monotonic() - self._origin) * self.factor

    @staticmethod
    def monotonic() -> float:
        """Real seconds of the clock that the emulated one is derived from; one for all processes of this machine."""
        return time.monotonic()

    def now(self) -> datetime:
        """Emulated time, aware, in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def real(self, seconds: float) -> float:
        """How many real seconds so many emulated ones take."""
        return seconds / self.factor

    def sleep(self, seconds: float) -> None:
        """Wait so many emulated seconds."""
        time.sleep(max(0.0, self.real(seconds)))


_current = Clock(factor=1.0)


def current() -> Clock:
    """Give the clock of the cloud that runs in this process; real time when there is none."""
    return _current


def use(clock: Clock) -> None:
    """Make `clock` the clock of this process."""
    global _current  # noqa: PLW0603 - one process holds one cloud (moto's backends are global too)
    _current = clock
