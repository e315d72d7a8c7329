"""Time that runs N times faster than real, for waiting, timestamps and metrics alike."""

from localcloud.clock.clock import Clock, current, use

__all__ = ["Clock", "current", "use"]
