"""A new version of the demo's function that fails one order of forty: too few to see at once."""

import os


def handler(order: dict[str, int], _context: object) -> dict[str, object]:
    if order["order"] % 40 == 7:
        raise ValueError("no box is left for this order")
    return {"order": order["order"], "code": "uneasy", "configuration": os.environ["CONFIGURATION"]}
