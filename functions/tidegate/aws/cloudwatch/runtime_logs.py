"""The runtime versions on which the versions of a release ran: each execution environment logs its own first.

Lambda guide, "Identifying Lambda runtime version changes". The steps may not read versions of functions during a
release, because that shows their environment; the log is read when a version has failed.
"""

import re
import time
from collections.abc import Iterator, Sequence

from tidegate.aws.cloudwatch.error_logs import EXPLAINED, default_group, error_lines
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import history
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger
from tidegate.domain.plan import TargetPlan
from tidegate.domain.planning.preflight.moving_parts import short_id

PATTERN = '?INIT_START ?"platform.initStart"'
_RUNTIME = re.compile(r"arn:[\w-]+:lambda:[\w-]*::runtime:[\w.:-]+")


def told(release: Release, failed: Sequence[TargetPlan], now: int, deadline: float) -> str:
    """Name the versions under which the runtime changed since the release began, as a sentence; empty without any.

    After `deadline` (a time of `time.monotonic()`) it reads no further log.
    """
    found = [each for target in failed[:EXPLAINED] for each in _changes(release, target, now, deadline)]
    return f" The runtime changed during the release: {'; '.join(found)}." if found else ""


def _changes(release: Release, target: TargetPlan, now: int, deadline: float) -> Iterator[str]:
    for version, planned in ((target.stable, target.runtime), (target.canary, "")):
        found = [planned, *_logged(release, target, str(version), now, deadline)]
        ids = [short_id(arn) for arn in dict.fromkeys(filter(None, found))]
        if len(ids) > 1:
            yield f"version {version} of {target.function} ran on {', then on '.join(ids)}"


def _logged(release: Release, target: TargetPlan, version: str, now: int, deadline: float) -> list[str]:
    if time.monotonic() > deadline:
        return []
    try:
        group = history.probed(target.name, version).get("log_group") or default_group(target.function)
        lines = error_lines(group, target.function, version, release.started, now, deadline=deadline, pattern=PATTERN)
    except FAILED_CALL as error:
        logger.warning("the log of version %s of %s could not be read: %s", version, target.function, error)
        return []
    return [found[0] for line in lines if (found := _RUNTIME.search(line.text))]
