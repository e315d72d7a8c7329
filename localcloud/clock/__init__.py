"""Time that runs N times faster than real, or leaps: for waiting, timestamps and metrics alike."""

from localcloud.clock.clock import Clock, current, use
from localcloud.clock.pool import Pool
from localcloud.clock.threads import Event, Thread, later

__all__ = ["Clock", "Event", "Pool", "Thread", "current", "later", "use"]
