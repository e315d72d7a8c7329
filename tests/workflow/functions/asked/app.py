"""Is asked about releases, answers as its environment says, and logs what it was told."""

import json
import os
import sys
from typing import Any


def handler(event: dict[str, Any], context: object) -> Any:
    sys.stdout.write(f"told {json.dumps(event)}\n")
    answer = os.environ["ANSWER"]
    if answer == "raise":
        return event["DeploymentId"]
    return json.loads(answer)
