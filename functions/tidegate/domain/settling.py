"""How long to wait between looks whether an update has settled: each takes its part of an execution's history."""

SHORTEST, LONGEST = 2, 30
"""Seconds, where there are looks enough."""

MANY = 64
"""What waiting patiently for the slowest version takes."""


def until_next_look(waited: int, *, left: int, limit: int) -> int:
    """Give the seconds until the next look, of one that has `waited` and may wait up to `limit` in all.

    With many looks `left` a quarter of what it has waited already, at most half a minute; with fewer as long as it has
    waited; with none until its time is over.
    """
    rest = max(SHORTEST, limit - waited)
    if left <= 0:
        return rest
    patient = min(LONGEST, max(SHORTEST, waited // 4))
    return min(rest, patient if left > MANY else max(patient, waited))
