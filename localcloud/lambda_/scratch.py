"""The folder on this machine that holds unpacked code, gone when the cloud ends."""

import shutil
import tempfile
import threading
from pathlib import Path

_lock = threading.Lock()
_root: Path | None = None


def folder(*parts: str) -> Path:
    """Give a folder below the scratch folder, made if need be."""
    global _root  # noqa: PLW0603 - one process holds one cloud
    with _lock:
        if _root is None:
            _root = Path(tempfile.mkdtemp(prefix="localcloud-"))
        path = _root.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        return path


def remove() -> None:
    global _root  # noqa: PLW0603 - one process holds one cloud
    with _lock:
        if _root is not None:
            shutil.rmtree(_root, ignore_errors=True)
            _root = None
