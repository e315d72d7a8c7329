"""The launcher of a process whose code is measured by coverage.py: only where that measures the local cloud too.

A process of an execution environment is killed, not ended, so what was seen is written after each invocation.
"""

import sys
from collections.abc import Callable
from typing import Any

import launcher  # type: ignore[import-not-found]  # beside this script, where a script's import path begins

Handler = Callable[[Any, Any], Any]


def measure() -> None:
    from awslambdaric import bootstrap
    from coverage import process_startup

    measuring = process_startup()
    find: Callable[[str], Handler] = bootstrap._get_handler

    def measured(name: str) -> Handler:
        handler = find(name)

        def handle(event: Any, context: Any) -> Any:
            try:
                return handler(event, context)
            finally:
                if measuring:
                    measuring.save()

        return handle

    bootstrap._get_handler = measured


if __name__ == "__main__":
    launcher.become_runtime(sys.argv[1:], first=measure)
