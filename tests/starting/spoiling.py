"""What may be wrong with a request."""

import copy
import random
from typing import Any

STRANGE: list[Any] = [
    None, True, 0, -1.5, "", "x", "\ud800", "x" * 300, "$LATEST", "shop-cart", [], {}, [1], {"a": 1},
    {"function": "shop-cart"}, "Release Requested", "sha256:" + "4f" * 32,
]  # fmt: skip
"""What a field may hold that should not."""

MISPLACED = ("function", "targets", "code", "key", "labels")
KEPT = "dry_run"
"""Without it, a request that is right by chance would release in earnest."""


def spoil(document: dict[str, Any], chance: random.Random) -> None:
    """Take something out of a document, or put something strange into it, anywhere."""
    places: list[dict[str, Any]] = []
    waiting = [document]
    while waiting:
        place = waiting.pop()
        places.append(place)
        waiting += [value for value in place.values() if isinstance(value, dict)]
    place = chance.choice([one for one in places if one] or [document])
    name = chance.choice([*(set(place) - {KEPT}), chance.choice(MISPLACED)])
    if chance.random() < 0.3:
        place.pop(name, None)
    else:
        place[name] = copy.deepcopy(chance.choice(STRANGE))
