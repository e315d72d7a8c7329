"""A target as the readers of the preflight need it."""

from typing import NamedTuple


class Aim(NamedTuple):
    """`arn` is that of the unqualified function."""

    function: str
    alias: str
    arn: str
