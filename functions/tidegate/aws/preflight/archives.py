"""Zip archives behind links or in S3: only their directory and the first bytes of some files are downloaded."""

import io
import urllib.request
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

from tidegate.aws.preflight.pace import PACE
from tidegate.domain.planning.preflight.binaries import HEADER, machine_of, worth_reading

BLOCK = 256 * 1024
"""Bytes of a download: enough for the directory of most archives."""

SECONDS = 5

PARTIAL = 206
"""HTTP status of an answer to a range."""


Part = tuple[bytes, str]
"""Bytes, and the Content-Range that came with them."""

Fetch = Callable[[int, int], Part]
"""Downloads the bytes from a start up to an end."""


def from_link(url: str) -> Fetch:
    """Return what downloads parts from a presigned link.

    Raises
    ------
    ValueError
        When the link is not encrypted.
    """
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError("the link to the archive is not https")

    def fetch(start: int, end: int) -> Part:
        PACE.wait()
        request = urllib.request.Request(url, headers={"Range": f"bytes={start}-{end - 1}"})  # noqa: S310 - https
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - https
            if answer.status != PARTIAL:
                raise ValueError("the archive cannot be read in parts")
            return bytes(answer.read(end - start)), str(answer.headers["Content-Range"])

    return fetch


class RemoteFile(io.RawIOBase):
    """A file that is read in ranges, as Amazon S3 serves them."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch, self._at = fetch, 0
        _, of = fetch(0, 1)
        self._size = int(of.rpartition("/")[2])

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._at + len(buffer), self._size)
        if end <= self._at:
            return 0
        content, _ = self._fetch(self._at, end)
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def binaries(fetch: Fetch) -> dict[str, str]:
    """Return the architectures of the executable files in an archive, by their paths.

    Raises
    ------
    OSError, ValueError, zipfile.BadZipFile
        When it cannot be downloaded or read.
    """
    found: dict[str, str] = {}
    with ZipFile(io.BufferedReader(RemoteFile(fetch), BLOCK)) as archive:
        for name in worth_reading(archive.namelist()):
            with archive.open(name) as file:
                machine = machine_of(file.read(HEADER))
            if machine:
                found[name] = machine
    return found
