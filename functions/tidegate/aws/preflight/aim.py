"""A target as the readers of the preflight need it."""

from typing import NamedTuple


class Aim(NamedTuple):
    """`arn` is that of the unqualified function.

    `layers` are those of what is released, `version` is the version to release, empty for $LATEST; `changes_code` is
    whether the request brings code. `stack` is the CloudFormation stack of the function, empty if it has none.
    """

    function: str
    alias: str
    arn: str
    layers: tuple[str, ...] = ()
    version: str = ""
    changes_code: bool = False
    stack: str = ""
