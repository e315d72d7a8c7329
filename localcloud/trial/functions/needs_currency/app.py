"""A version that needs a new setting: with the old configuration it does not even start."""

import os
from urllib.request import urlopen

CURRENCY = os.environ["CURRENCY"]


def handler(order: dict[str, int], _context: object) -> dict[str, object]:
    urlopen(os.environ["STOCK_URL"], timeout=5).close()  # noqa: S310 - raises for the 503 of a brown-out
    return {
        "order": order["order"],
        "currency": CURRENCY,
        "code": "needs_currency",
        "configuration": os.environ["CONFIGURATION"],
    }
