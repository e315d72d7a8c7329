"""Needs a variable that the code before it did not know."""

import os

GREETING = os.environ["GREETING"]


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    return {"ok": True, "letters": len(GREETING)}
