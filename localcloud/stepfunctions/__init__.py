"""Step Functions: moto's interpreter running real definitions, made to behave as AWS does."""

import logging

from moto.core.config import default_user_config

from localcloud.stepfunctions import (
    backend,
    limits,
    nested,
    parsing,
    queries,
    responses,
    tasks,
    threads,
    tokens,
    waiting,
)
from localcloud.stepfunctions.backend import time_out
from localcloud.stepfunctions.execution import LocalExecution, status_observers
from localcloud.stepfunctions.observing import StateEvent, observers

__all__ = ["LocalExecution", "StateEvent", "install", "observers", "status_observers", "time_out"]

_patched = False


def install(endpoint: str) -> None:
    """Put everything in moto's place; `endpoint` is where Tasks call AWS."""
    global _patched  # noqa: PLW0603 - patches are on moto's classes, which belong to the process
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    # moto logs every failed state at ERROR, with the whole parsed definition.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    backend.install()
    tasks.install(endpoint)
    if not _patched:
        _patched = True
        parsing.install()
        limits.install()
        nested.install()
        tokens.install()
        queries.install()
        threads.install()
        waiting.install()
        responses.install()


def shutdown() -> None:
    """Abort what is running, so that no thread goes on into the next cloud of this process."""
    backend.abort_everything()
