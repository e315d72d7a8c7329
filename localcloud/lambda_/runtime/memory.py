"""How much memory the processes of an execution environment use.

Memory that is written counts (anonymous and shared memory), each page once however many processes of the environment
share it, by `Pss_Anon` and `Pss_Shmem` of smaps_rollup. Address space does not count, nor do the pages of files: they
are the interpreter's, and would count for less the more environments there are. A forked process shares its first
pages with the fork server, which pays for at least half of each: memory that the function never asked for hardly
counts. `RssAnon` and `RssShmem` count shared pages in full, so they are never less, and a hundred times cheaper to
read: while they are below the limit, nothing else is looked at.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

MB = 1024 * 1024


def exceeds(process: int, limit: int, given_back: int = 0) -> bool:
    """Tell whether a process and all that it has started use more than `limit` bytes, with what was given back."""
    family = list(_family(process))
    return all(sum(map(measure, family)) + given_back > limit for measure in (_mapped, _written))


def has_exceeded(process: int, limit: int) -> bool:
    """Tell the same of the most that the process itself has had at any time."""
    resident = _kilobytes(process, "status", ("VmHWM", "VmRSS"))
    return exceeds(process, limit, (resident.get("VmHWM", 0) - resident.get("VmRSS", 0)) * 1024)


def peak(process: int) -> int:
    """Return the most resident memory that a process has had, in bytes; 0 when it is gone."""
    return _kilobytes(process, "status", ("VmHWM",)).get("VmHWM", 0) * 1024


def _family(process: int) -> Iterator[int]:
    yield process
    try:
        for task in os.listdir(f"/proc/{process}/task"):  # noqa: PTH208 - twenty times a second
            for child in Path(f"/proc/{process}/task/{task}/children").read_text().split():
                yield from _family(int(child))
    except OSError:  # it has ended
        return


def _mapped(process: int) -> int:
    return sum(_kilobytes(process, "status", ("RssAnon", "RssShmem")).values()) * 1024


def _written(process: int) -> int:
    return sum(_kilobytes(process, "smaps_rollup", ("Pss_Anon", "Pss_Shmem")).values()) * 1024


def _kilobytes(process: int, file: str, names: Iterable[str]) -> dict[str, int]:
    """Read lines such as "VmHWM:   1712 kB"; nothing when the process is gone."""
    try:
        with open(f"/proc/{process}/{file}", errors="replace") as lines:  # noqa: PTH123 - the warm path
            fields = (line.partition(":") for line in lines)
            return {name: int(value.split()[0]) for name, _, value in fields if name in names}
    except OSError:
        return {}
