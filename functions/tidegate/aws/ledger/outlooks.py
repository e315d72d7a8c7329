"""What the planner foresaw for a release."""

from typing import Any

from tidegate.aws.ledger import optional, partitions

AT_ONCE = 25
"""Targets whose forecasts go into one item: with a hundred steps each, 100 KB or so."""


def record(release: str, now: int, expires: int, rows: dict[str, Any]) -> None:
    """Write what each target's schedule can see; see `Outlook.rows`."""
    targets = sorted(rows)
    for number, first in enumerate(range(0, len(targets), AT_ONCE)):
        forecasts = {target: rows[target] for target in targets[first : first + AT_ONCE]}
        optional.put(
            {
                "pk": partitions.of_release(release),
                "sk": f"ahead#{number:03d}",
                "at": now,
                "forecasts": forecasts,
                "ttl": expires,
            }
        )
