"""Wake: end the wait of a release of several Regions when one of its releases has ended.

It exists if RegionsRole and RegionsBusArn are set. The event ends the wait, and says nothing else: Follow regions asks
the Region. So a late event, or a forged one, costs one look, a second one nothing, and a lost one some time until the
next look.
"""

import time
from functools import partial
from typing import Any

from tidegate.aws import machine
from tidegate.aws.failures import in_our_words
from tidegate.aws.ledger import region_items
from tidegate.aws.logger import logger
from tidegate.domain.region_sights import RegionEnded, region_ended


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    now, ended = int(time.time()), region_ended(event)  # its own clock, not the event's time
    return {"woken": ended is not None and in_our_words(partial(_wake, ended, now))}


def _wake(ended: RegionEnded, now: int) -> bool:
    logger.append_keys(release=ended.parent)
    if ended.execution not in region_items.executions(ended.parent):
        logger.warning("not a release of this one: %s", ended.execution)
        return False
    token = region_items.note_event(ended.parent, ended.event, now)
    return token is not None and machine.wake(token)
