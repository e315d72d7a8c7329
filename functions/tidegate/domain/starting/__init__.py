"""From an event to the release that it asks for. docs/starting.md says which events there are."""

from tidegate.domain.starting.envelope import Envelope, named, read_envelope
from tidegate.domain.starting.naming import Order
from tidegate.domain.starting.requested import requested

__all__ = ["Envelope", "Order", "named", "read_envelope", "requested"]
