"""Tells what time it is, and how much of it is left."""

import time
from typing import Any


def handler(event: Any, context: Any) -> Any:
    return {"now": time.time(), "left": context.get_remaining_time_in_millis()}
