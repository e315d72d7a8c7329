"""The clock of functions: what time it is in their processes is emulated, by a small file that all share.

AWS keeps the clocks of its services and of functions together; here they would drift apart as time runs or leaps.
"""

import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localcloud.clock import current
from localcloud.lambda_ import scratch

_FORM = struct.Struct("4d")
"""A moment (emulated, and by time.monotonic), the factor from then on, seconds leapt over so far; see launcher.py."""

_lock = threading.Lock()
_ahead = 0.0


def path() -> Path:
    """Return the file that the processes of this cloud read."""
    file = scratch.folder("clock") / "now"
    with _lock:
        if not file.exists():
            _write(file)
            current().on_leap(lambda: _write(file))
    return file


@contextmanager
def ahead(seconds: float) -> Iterator[None]:
    """Put the clock of every function ahead of the cloud's by so many emulated seconds."""
    global _ahead  # noqa: PLW0603 - one process holds one cloud
    _ahead = seconds
    _write(path())
    try:
        yield
    finally:
        _ahead = 0.0
        _write(path())


def _write(file: Path) -> None:
    clock = current()
    # In place: the processes have the file mapped.
    with file.open("r+b" if file.exists() else "wb") as shared:
        shared.write(_FORM.pack(clock.time() + _ahead, time.monotonic(), clock.factor, clock.leapt))
