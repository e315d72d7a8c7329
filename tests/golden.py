"""Golden files: what was found, looked at once, and kept to be compared with."""

import os
from pathlib import Path


def as_golden(found: str, path: Path) -> str:
    """Give what the file holds, to be compared with `found`; TIDEGATE_GOLDEN=write writes that to it before."""
    if os.environ.get("TIDEGATE_GOLDEN") == "write":
        path.write_text(found, encoding="utf-8")
    return path.read_text(encoding="utf-8")
