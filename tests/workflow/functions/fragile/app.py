"""Fails while a dependency, played by a file, is out; the environment says which file."""

import os
from pathlib import Path


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    if Path(os.environ["OUTAGE"]).exists():
        raise ConnectionError("the dependency does not answer")
    return {"ok": True}
