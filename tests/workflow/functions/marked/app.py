"""Says whether it was called by a probe."""

import json
from typing import Any


def handler(event: dict[str, object], context: Any) -> dict[str, object]:
    custom = context.client_context.custom if context.client_context else {}
    return {"probe": json.loads(custom.get("tidegate", "{}")).get("probe", False)}
