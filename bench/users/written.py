"""The lines that functions write about their own calls, by the library, and what the product keeps of them."""

from collections import Counter
from collections.abc import Iterable
from unittest.mock import patch

from tests.builders import NOON
from tidegate.domain.analysis.user_lines import UserLine
from tidegate.domain.analysis.users import Users
from tidegate.domain.judge import UserFailure
from tidegate_route import lines
from tidegate_route.position import pseudonym

PROCESSES = {True: 1, False: 1}
"""Processes of the canary and of stable: at 5 % of the users, that of stable is nineteen times as busy."""

Row = tuple[float, int, bool, float]
"""Seconds from the first shift, the user's number, whether on the canary, and the share (a fraction)."""


def known(rows: Iterable[Row], salt: int) -> list[UserFailure]:
    """Return the failures that the judge knows of those in `rows`; a process serves one version."""
    pools = {channel: [lines.Outcomes() for _ in range(count)] for channel, count in PROCESSES.items()}
    calls, users = Counter[bool](), Users()
    written: list[dict[str, object]] = []
    read: list[UserLine] = []
    with patch.object(lines, "write", written.append), patch("tidegate_route.lines.time.time") as clock:
        for at, number, on_canary, share in rows:
            clock.return_value = NOON + at
            calls[on_canary] += 1
            process = pools[on_canary][calls[on_canary] % PROCESSES[on_canary]]
            user = pseudonym(f"{salt}:{number}")
            fields = {"release": "r", "function": "f", "channel": on_canary, "user": user, "percent": 100 * share}
            written.clear()
            process.record(fields, failed=True)
            for line in written:
                if "failed" in line:
                    level = int(str(line["level"]))
                    read.append(UserLine(int(NOON + at), "f", user, 100 * share, on_canary, failed=True, level=level))
    users.add(read)
    return [
        UserFailure(each.at - NOON, each.user, each.on_canary, each.share, each.stands_for) for each in users.failures()
    ]
