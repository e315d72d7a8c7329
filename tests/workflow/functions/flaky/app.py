"""Fails three requests of ten, but no probe."""

from itertools import count

requests = count()


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    if event and next(requests) % 10 in {1, 4, 7}:
        raise RuntimeError("one of three in ten")
    return {"ok": True, "build": "flaky"}
