"""Clouds in processes of their own: there can be one in a process."""

import multiprocessing
import os
import queue
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

from tests.faults.work import Work
from tests.faults.worker import Result, Settings, results

LONGEST_SILENCE = 240.0
"""Seconds without a result after which the run is given up."""
LOOK_AGAIN_SECONDS = 1.0


def from_processes(numbers: Sequence[int], settings: Settings, clouds: int) -> Iterator[Result]:
    """Give results as they come; raises what a process raised. No process outlives this. One cloud runs in this one."""
    # Forked, which nothing but this thread is in the way of: what is imported need not be imported again.
    context = multiprocessing.get_context("fork")
    work = Work(settings.seed, numbers, context)
    if clouds == 1:
        yield from results(work, settings)
        return
    told: Any = context.Queue()
    processes = [
        context.Process(target=_work, args=(work, settings, cloud, told), daemon=True) for cloud in range(clouds)
    ]
    for process in processes:
        process.start()
    try:
        left = clouds
        while left:
            result = _next(told, processes)
            if isinstance(result, Result):
                yield result
            elif result:
                raise RuntimeError(f"a cloud broke: {result}")
            else:
                left -= 1
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _next(told: Any, processes: Sequence[BaseProcess]) -> Result | str:
    deadline = time.monotonic() + LONGEST_SILENCE
    while time.monotonic() < deadline:
        with suppress(queue.Empty):
            heard: Result | str = told.get(timeout=LOOK_AGAIN_SECONDS)
            return heard
        if any(process.exitcode for process in processes):
            raise RuntimeError("a cloud's process ended")
    raise RuntimeError(f"no release ended within {LONGEST_SILENCE:g} s")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)  # what this process started ends with it


def _work(work: Work, settings: Settings, cloud: int, told: Any) -> None:
    """Run a cloud in this process; tell each result, then "" or what went wrong."""
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        for result in results(work, settings, cloud):
            told.put(result)
    except BaseException as error:
        told.put(f"{type(error).__name__}: {error}")
        raise
    told.put("")
