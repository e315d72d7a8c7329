"""Time that runs N times faster than real, or leaps: for waiting, timestamps and metrics alike."""

from localcloud.clock.clock import Clock, Event, Thread, current, use
from localcloud.clock.pool import Pool

__all__ = ["Clock", "Event", "Pool", "Thread", "current", "use"]
