"""A version that cannot start: somebody forgot to package a library."""

import loyalty_points  # type: ignore[import-not-found] # as it is meant to be


def handler(order: dict[str, int], _context: object) -> dict[str, object]:
    return {"order": order["order"], "points": loyalty_points.of(order)}
