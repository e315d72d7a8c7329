"""Is asked about releases, answers as its environment says, and logs what it was told."""

import json
import os
import sys
import time
from typing import Any


def handler(event: dict[str, Any], context: object) -> Any:
    sys.stdout.write(f"told {json.dumps(event)}\n")
    answer = os.environ["ANSWER"]
    if answer == "not at step 1":
        return {"ok": event["step"] != 1, "reason": "step 1 is one too many"}
    if answer == "hang":
        time.sleep(30)
    if answer == "raise":
        return event["DeploymentId"]
    return json.loads(answer)
