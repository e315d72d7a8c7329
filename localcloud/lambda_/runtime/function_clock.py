"""The clock of functions: what time it is in their processes is emulated, by a small file that all share.

AWS keeps the clocks of its services and of functions together; here they would drift apart as time runs or leaps.
"""

import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path

from localcloud.clock import current
from localcloud.lambda_ import scratch

_FORM = struct.Struct("4d")
"""A moment (emulated, and by time.monotonic), the factor from then on, seconds leapt over so far; see launcher.py."""


class Shared:
    """The file as it is mapped here: it can be written when the cloud has ended, and the file is gone."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(bytes(_FORM.size))
        with file.open("r+b") as opened:
            self._mapped = mmap(opened.fileno(), _FORM.size)
        self.ahead = 0.0

    def write(self) -> None:
        clock = current()
        now = clock.time() + self.ahead
        _FORM.pack_into(self._mapped, 0, now, time.monotonic(), clock.factor, clock.leapt)


_lock = threading.Lock()
_shared: Shared | None = None


def path() -> Path:
    """Return the file that the processes of this cloud read."""
    global _shared  # noqa: PLW0603 - one process holds one cloud
    file = scratch.folder("clock") / "now"
    with _lock:
        if not file.exists():
            _shared = Shared(file)
            _shared.write()
            current().on_leap(_shared.write)
    return file


@contextmanager
def ahead(seconds: float) -> Iterator[None]:
    """Put the clock of every function ahead of the cloud's by so many emulated seconds."""
    path()
    assert _shared
    _shared.ahead = seconds
    _shared.write()
    try:
        yield
    finally:
        _shared.ahead = 0.0
        _shared.write()
