"""Shifting aliases together: as close to each other as Lambda's quota allows, and all of them or none."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    """One alias to shift from `before` to `wanted`; for `fence` see `aliases.move`.

    An earlier try of the step, which was cut off, may have shifted it already.
    """

    alias: Alias
    before: AliasState
    wanted: AliasState
    fence: Callable[[], None]

    @property
    def shifted(self) -> bool:
        return self.alias.state == self.wanted


@dataclass(frozen=True)
class _Done:
    """An alias that is shifted, and when Lambda answered (seconds of the monotonic clock; None: in an earlier try)."""

    turn: Turn
    now: Alias
    answered: float | None = None


def shift_together(waves: Sequence[Sequence[Turn]], *, before_going_back: Callable[[], None]) -> dict[str, float]:
    """Shift aliases in this order; return when each was answered (seconds of the monotonic clock), by target name.

    A wave begins when every alias of the wave before was answered. An alias that an earlier try shifted is not written,
    and is not in the result. If one fails, no further one is begun, and all that are shifted go back, the last one
    first, before its error is raised; `before_going_back` is called then. One that cannot go back is left to Roll back,
    with a line in the log.
    """
    failed, pacer = Event(), Pacer()
    done = [[_Done(turn, turn.alias) for turn in wave if turn.shifted] for wave in waves]

    def shift(turn: Turn) -> _Done | None:
        pacer.wait()
        if failed.is_set():
            return None
        try:
            return _Done(turn, aliases.move(turn.alias, turn.wanted, fence=turn.fence), time.monotonic())
        except BaseException:
            failed.set()
            raise

    for wave, here in zip(waves, done, strict=True):
        with ThreadPoolExecutor(max_workers=min(max(1, len(wave)), CONNECTIONS)) as pool:
            tried = [pool.submit(shift, turn) for turn in wave if not turn.shifted]
        here.extend(_finished(tried))
        if failed.is_set() and any(done):
            before_going_back()
            _go_back(_last_first(done), pacer)
        for each in tried:
            each.result()
    return {each.turn.alias.target: each.answered for here in done for each in here if each.answered is not None}


def _finished(tried: Sequence["Future[_Done | None]"]) -> Iterator[_Done]:
    for each in tried:
        found = None if each.exception() else each.result()
        if found:
            yield found


def _last_first(done: Sequence[Sequence[_Done]]) -> Iterator[_Done]:
    for wave in reversed(done):
        yield from sorted(wave, key=lambda each: each.answered or 0.0, reverse=True)


def _go_back(done: Iterable[_Done], pacer: Pacer) -> None:
    for each in done:
        pacer.wait()
        try:
            aliases.move(each.now, each.turn.before, fence=each.turn.fence)
        except (TidegateError, *FAILED_CALL) as error:
            logger.warning("%s was shifted and could not go back yet: %s", each.turn.alias.target, error)
