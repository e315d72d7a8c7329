"""Archives of code and layers, and the beginnings of binaries in them."""

import io
import zipfile
from collections.abc import Mapping

X86_64, ARM64 = 0x3E, 0xB7


def elf(machine: int) -> bytes:
    """Write the beginning of a little-endian ELF file."""
    return b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00" + machine.to_bytes(2, "little") + bytes(60)


def archive(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in files.items():
            written.writestr(name, content)
    return packed.getvalue()
