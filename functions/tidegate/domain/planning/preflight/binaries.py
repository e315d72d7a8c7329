"""Binaries in packages and layers: which files are worth reading, and for which architecture they were built.

Lambda starts each file in `extensions/` of a layer or an image, and `bootstrap` of a package with a custom runtime
(Lambda guide, "Using the Lambda Extensions API to create extensions"). The header of an ELF file names its machine in
the two bytes from 18 on (System V ABI, "ELF Header").
"""

from collections.abc import Iterable

MACHINES = {0x03: "i386", 0x28: "arm", 0x3E: "x86_64", 0xB7: "arm64"}

BIG_ENDIAN = 2

HEADER = 20
"""Bytes of a file that `machine_of` needs."""

MOST = 12
"""Most files of an archive that are read: extensions and bootstrap first, then shared objects."""

_SHARED = (".so", ".node")


def machine_of(header: bytes) -> str | None:
    """Return the machine that an ELF file was built for; None for any other file, such as a script."""
    if len(header) < HEADER or header[:4] != b"\x7fELF":
        return None
    code = int.from_bytes(header[18:20], "big" if header[5] == BIG_ENDIAN else "little")
    return MACHINES.get(code, f"machine {code:#x}")


def worth_reading(names: Iterable[str]) -> list[str]:
    """Return the files that Lambda or a runtime executes, in the order of their weight."""
    ranked = sorted((rank, name) for name in names if (rank := _rank(name)) is not None)
    return [name for _, name in ranked[:MOST]]


def _rank(name: str) -> int | None:
    folder, _, last = name.rpartition("/")
    if not last:
        return None
    if folder == "extensions":
        return 0
    if name == "bootstrap":
        return 1
    return 2 if last.endswith(_SHARED) or ".so." in last else None
