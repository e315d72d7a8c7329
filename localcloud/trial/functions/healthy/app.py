"""A healthy new version."""

import os
from urllib.request import urlopen


def handler(order: dict[str, int], _context: object) -> dict[str, object]:
    urlopen(os.environ["STOCK_URL"], timeout=5).close()  # noqa: S310 - raises for the 503 of a brown-out
    return {"order": order["order"], "code": "healthy", "configuration": os.environ["CONFIGURATION"]}
