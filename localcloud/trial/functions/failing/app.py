"""A version that starts, passes its probe, and fails three orders of ten: those of more than seven items."""

import os
from urllib.request import urlopen


def handler(order: dict[str, int], _context: object) -> dict[str, object]:
    urlopen(os.environ["STOCK_URL"], timeout=5).close()  # noqa: S310 - raises for the 503 of a brown-out
    if order["items"] > 7:
        raise ValueError(f"no box is large enough for {order['items']} items")
    return {"order": order["order"], "code": "failing", "configuration": os.environ["CONFIGURATION"]}
