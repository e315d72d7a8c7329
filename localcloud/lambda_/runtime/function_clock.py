"""The clock of functions: `time.time()` in their processes is emulated time, read from a small file that all share.

AWS keeps the clocks of its services and of functions together; here they would drift apart by the cloud's factor.
"""

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localcloud.clock import current
from localcloud.lambda_ import scratch

_FORM = struct.Struct("4d")
"""When the clock began (seconds since 1970, and by time.monotonic), its factor, seconds ahead; see launcher.py."""

_lock = threading.Lock()


def path() -> Path:
    """Return the file that the processes of this cloud read."""
    file = scratch.folder("clock") / "now"
    with _lock:
        if not file.exists():
            _write(file, 0.0)
    return file


@contextmanager
def ahead(seconds: float) -> Iterator[None]:
    """Put the clock of every function ahead of the cloud's by so many emulated seconds."""
    _write(path(), seconds)
    try:
        yield
    finally:
        _write(path(), 0.0)


def _write(file: Path, seconds: float) -> None:
    clock = current()
    # In place: the processes have the file mapped.
    with file.open("r+b" if file.exists() else "wb") as shared:
        shared.write(_FORM.pack(clock.time(), clock.monotonic(), clock.factor, seconds))
