"""An AWS in one process, to run and test Tidegate without an account."""

from localcloud.cloud import LocalCloud

__all__ = ["LocalCloud"]
