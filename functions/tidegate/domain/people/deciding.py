"""What somebody decides of a release, as Decide is asked for it."""

from typing import Annotated, Literal

from pydantic import Field

from tidegate.domain.people.decision import Decision, Kind
from tidegate.domain.people.order import Line, read_object, read_order, refusal
from tidegate.domain.request.fields import Document, form
from tidegate.domain.request.problems import Problem

SMALLEST = '{"release": "checkout-2026-11-22-1", "decision": "abort", "by": "ana", "reason": "orders are missing"}'

RELEASE_NAME = r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/]+"
"""Names that Step Functions takes for executions, as far as they can be written (API reference, StartExecution)."""


class Order(Document):
    """What somebody decides of a release; `by` and `via` are taken as they are given."""

    release: Annotated[str, form(RELEASE_NAME, 80)] = Field(examples=["checkout-2026-11-22-1"])
    decision: Literal["hold", "promote", "abort"] = Field(examples=["promote"])
    by: Line = Field(examples=["ana"])
    reason: Line | None = Field(default=None, examples=["orders are missing"])
    to: Annotated[float, Field(gt=0, le=100)] | None = Field(default=None, examples=[50])
    via: Annotated[Line, Field(max_length=40)] = Field(default="function", examples=["command"])

    def decided(self, now: int, to: float | None) -> Decision:
        return Decision(Kind(self.decision), self.by, self.reason or "", self.via, now, to)


def parse_decision(raw: object) -> Order:
    """Read what somebody decides.

    Raises
    ------
    InvalidRequest
        With every problem found: the field's path, what was wrong, an example.
    """
    order = read_order(Order, read_object(raw, SMALLEST), SMALLEST)
    if order.decision == "abort" and order.reason is None:
        raise refusal(
            [Problem(("reason",), "is missing: say why, whoever looks at the release reads it")], SMALLEST, Order
        )
    if order.decision != "promote" and order.to is not None:
        raise refusal([Problem(("to",), "goes with promote only")], SMALLEST, Order)
    return order
