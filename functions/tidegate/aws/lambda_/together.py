"""Shifting aliases together: as close to each other as Lambda's quota allows, and all of them or none."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

from tidegate.aws.clients import CONNECTIONS
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import Alias, Pacer
from tidegate.aws.logger import logger
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import TidegateError


@dataclass(frozen=True)
class Turn:
    """One alias to shift to `wanted`; for `fence` see `aliases.move`."""

    alias: Alias
    wanted: AliasState
    fence: Callable[[], None]


@dataclass(frozen=True)
class _Done:
    """An alias after its shift, and when Lambda answered, in seconds of the monotonic clock."""

    turn: Turn
    now: Alias
    answered: float

    @property
    def moved(self) -> bool:
        return self.now.revision_id != self.turn.alias.revision_id


def shift_together(waves: Sequence[Sequence[Turn]], *, before_going_back: Callable[[], None]) -> dict[str, float]:
    """Shift aliases in this order; return when each was answered (seconds of the monotonic clock), by target name.

    A wave begins when every alias of the wave before was answered. An alias that has the wanted state already is not
    written. If one fails, no further one is begun, and those that were shifted here go back, the last one first, before
    its error is raised; `before_going_back` is called then. One that cannot go back is left to Roll back, with a line
    in the log.
    """
    failed, pacer, done = Event(), Pacer(), list[_Done]()

    def shift(turn: Turn) -> _Done | None:
        if turn.alias.state == turn.wanted:
            return _Done(turn, turn.alias, time.monotonic())
        pacer.wait()
        if failed.is_set():
            return None
        try:
            return _Done(turn, aliases.move(turn.alias, turn.wanted, fence=turn.fence), time.monotonic())
        except BaseException:
            failed.set()
            raise

    for wave in waves:
        with ThreadPoolExecutor(max_workers=min(max(1, len(wave)), CONNECTIONS)) as pool:
            tried = [pool.submit(shift, turn) for turn in wave]
        done += _finished(tried)
        if failed.is_set() and (moved := [each for each in done if each.moved]):
            before_going_back()
            _go_back(sorted(moved, key=lambda each: each.answered, reverse=True), pacer)
        for each in tried:
            each.result()
    return {each.turn.alias.target: each.answered for each in done}


def _finished(tried: Sequence["Future[_Done | None]"]) -> Iterator[_Done]:
    for each in tried:
        found = None if each.exception() else each.result()
        if found:
            yield found


def _go_back(done: Sequence[_Done], pacer: Pacer) -> None:
    for each in done:
        pacer.wait()
        try:
            aliases.move(each.now, each.turn.alias.state, fence=each.turn.fence)
        except (TidegateError, *FAILED_CALL) as error:
            logger.warning("%s was shifted and could not go back yet: %s", each.turn.alias.target, error)
