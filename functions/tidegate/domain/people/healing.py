"""What a person says of an alias that Recover may not touch: that it is whole again."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from tidegate.domain.people.order import Line, read_order
from tidegate.domain.request.fields import Document

SMALLEST = '{"healed": "checkout:live", "by": "ana"}'


class Healed(Document):
    """`healed` is the alias that somebody (`by`) has put on one version; taken as it is said."""

    healed: Line = Field(examples=["checkout:live"])
    by: Line = Field(examples=["ana"])


def parse_healed(event: Mapping[str, Any]) -> Healed | None:
    """Read what a person says in an event of Recover; None where it is none of a person's.

    Raises
    ------
    InvalidRequest
        With every problem found: the field's path, what was wrong, an example.
    """
    said = {name: event[name] for name in Healed.model_fields if name in event}
    return read_order(Healed, said, SMALLEST) if said else None
