"""Freeze: block releases of functions for a while, and thaw them.

People invoke it; docs/freezes.md says how, and what a freeze does.
"""

import time
from typing import Any

from tidegate.aws.failures import in_our_words
from tidegate.aws.ledger import freezes
from tidegate.aws.logger import logger
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.control.requests import FreezeRequest, ToFreeze, ToThaw, parse_freeze


def handler(event: Any, _context: Any) -> dict[str, Any]:
    now = int(time.time())
    return in_our_words(lambda: _answer(parse_freeze(event, now=now), now))


def _answer(order: FreezeRequest, now: int) -> dict[str, Any]:
    summary = _carry_out(order, now)
    frozen = [freeze.shown() for freeze in freezes.read(now)]
    summary = summary or f"{len(frozen) or 'No'} freeze{'' if len(frozen) == 1 else 's'}"
    logger.info(summary)
    return {"summary": summary, "freezes": frozen}


def _carry_out(order: FreezeRequest, now: int) -> str | None:
    """Freeze or thaw, and return the answer; both may be repeated."""
    if isinstance(order, ToFreeze):
        freeze = Freeze(order.freeze, order.reason, order.until, order.by, since=now)
        freezes.put(freeze)
        return f"{freeze.pattern} is {freeze}, by {freeze.by}"
    if isinstance(order, ToThaw):
        was = freezes.remove(order.thaw)
        return f"{order.thaw} was thawed by {order.by}" if was else f"{order.thaw} was not frozen"
    return None
