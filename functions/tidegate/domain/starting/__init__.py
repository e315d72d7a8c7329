"""From an event to the release that it asks for. docs/starting.md says which events there are."""

from tidegate.domain.starting.brought import Brought, Image, StoredObject, overtaken
from tidegate.domain.starting.envelope import Envelope, named, read_envelope
from tidegate.domain.starting.image import Push, order_of_push, pushed
from tidegate.domain.starting.naming import Order
from tidegate.domain.starting.requested import requested
from tidegate.domain.starting.tags import Tagged
from tidegate.domain.starting.update import Update, may_be_ours, order_of_update, updated

__all__ = [
    "Brought",
    "Envelope",
    "Image",
    "Order",
    "Push",
    "StoredObject",
    "Tagged",
    "Update",
    "may_be_ours",
    "named",
    "order_of_push",
    "order_of_update",
    "overtaken",
    "pushed",
    "read_envelope",
    "requested",
    "updated",
]
