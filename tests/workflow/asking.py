"""Functions of the user's that a release asks."""

import json

from tests.workflow.targets import Target
from tests.workflow.world import World

APPROVES = json.dumps({"ok": True})


def asked(world: World, answer: str, timeout: int = 3) -> Target:
    """Create a function of the user's that answers so."""
    return world.target(None, stable="asked", alias=None, environment={"ANSWER": answer}, timeout=timeout)
