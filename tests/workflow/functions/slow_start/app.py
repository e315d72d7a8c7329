"""Takes its time to start."""

import time

time.sleep(0.4)


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    return {"ok": True}
