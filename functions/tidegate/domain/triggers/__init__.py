"""From an event to the release that it requests. docs/starting.md lists the events."""

from tidegate.domain.triggers.event import Envelope, named, read_envelope
from tidegate.domain.triggers.function_update import Update, may_be_ours, order_of_update, updated
from tidegate.domain.triggers.image_push import Push, order_of_push, pushed
from tidegate.domain.triggers.order import Brought, Image, Order, StoredObject, Tagged, overtaken
from tidegate.domain.triggers.release_request import requested

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
