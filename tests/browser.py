"""A real browser without a screen: what it says of a page, what the page fetches, and what it looks like."""

import json
import shutil
import struct
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""Debian's package is called chromium."""

QUIETLY = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--log-level=0",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
"""No host but this machine is found: the browser asks for updates of itself all the same."""

DARK, LIGHT = 0, 1
"""Values of Blink's setting preferredColorScheme."""

OF_ITSELF = "not an origin"
"""The initiator of what the browser fetches for itself, as its log of the network names it."""

PATIENCE = 60.0
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Opened:
    """What came of opening a page: messages in its console, addresses it fetched, the colour at the top left."""

    console: list[str]
    fetched: list[str]
    background: Colour


def look(
    page: Path | str, picture: Path | None = None, *, dark: bool = False, width: int = 1100, height: int = 900
) -> Opened:
    """Open a file or an address in a fresh profile, and take a picture."""
    assert CHROMIUM is not None, "no Chromium is installed"
    with TemporaryDirectory() as folder:
        shown, net_log = Path(folder) / "page.png", Path(folder) / "net.json"
        done = subprocess.run(
            [
                CHROMIUM,
                *QUIETLY,
                f"--user-data-dir={folder}/profile",
                f"--log-net-log={net_log}",
                f"--blink-settings=preferredColorScheme={DARK if dark else LIGHT}",
                f"--window-size={width},{height}",
                f"--screenshot={shown}",
                page if isinstance(page, str) else page.resolve().as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        if picture:
            shutil.copy(shown, picture)
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return Opened(console, _fetched(json.loads(net_log.read_text())), first_pixel(shown.read_bytes()))


def _fetched(log: Any) -> list[str]:
    requests = [event.get("params", {}) for event in log["events"]]
    return [each["url"] for each in requests if each.get("url") and each.get("initiator", OF_ITSELF) != OF_ITSELF]


def first_pixel(png: bytes) -> Colour:
    """Read the colour at the top left: whatever the filter of a row, its first pixel in the first row is plain."""
    place, data = 8, b""
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += 12 + length
    red, green, blue = zlib.decompress(data)[1:4]
    return red, green, blue
