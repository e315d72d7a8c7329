"""EventBridge."""

from localcloud.events.bus import Events

__all__ = ["Events"]
