"""A cloud with many functions has more descriptors than `select` takes."""

import fcntl
import os
import resource

from localcloud.lambda_.runtime.started import readable

HIGH = 1500
"""Beyond the 1,024 of select(2)."""


def test_a_descriptor_beyond_those_of_select_is_read() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, HIGH + 1), hard))
    reading, writing = os.pipe()
    high = fcntl.fcntl(reading, fcntl.F_DUPFD, HIGH)
    try:
        assert not readable(high)
        os.write(writing, b"x")
        assert readable(high)
    finally:
        for each in (reading, writing, high):
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
