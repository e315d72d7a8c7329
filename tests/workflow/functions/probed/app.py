"""Behaves as its environment says, to be probed."""

import os
import time
from typing import Any

BEHAVIOUR = os.environ["BEHAVIOUR"]
if BEHAVIOUR == "fail at init":
    raise LookupError("nothing to start with")
if BEHAVIOUR == "hang at init":
    time.sleep(60)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    if BEHAVIOUR == "hang":
        time.sleep(60)
    if BEHAVIOUR == "fail":
        raise LookupError("nothing to answer")
    return {"ok": True, "event": event}
