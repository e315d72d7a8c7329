"""A new version of the demo's function that goes wrong only after a while: it keeps what it should give back."""

import os

kept: list[int] = []
ROOM = 110


def handler(order: dict[str, int], _context: object) -> dict[str, object]:
    kept.append(order["order"])
    if len(kept) > ROOM and order["order"] % 7 == 0:
        raise MemoryError("no room is left for this order")
    return {"order": order["order"], "code": "uneasy", "configuration": os.environ["CONFIGURATION"]}
