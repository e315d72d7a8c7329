"""What a failed call to another Region means: unlike a failure of this stack's own ledger, it ends no step."""

from collections.abc import Iterator
from contextlib import contextmanager

from tidegate.aws.failures import FAILED_CALL, is_busy
from tidegate.aws.ledger.reading import MALFORMED
from tidegate.domain.errors import AwsBusy, AwsRefused, KeyUsedBefore, TidegateError


class RegionFailed(Exception):
    """A call to a Region failed: AWS or the stack there does not answer, refuses it, or answers something unknown.

    `name` is that of one of our errors. In an `outage` the same call may succeed later; `final`: another release has
    the name.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.outage = isinstance(error, AwsBusy) or is_busy(error)
        self.final = isinstance(error, KeyUsedBefore)
        ours = type(error) if isinstance(error, TidegateError) else AwsBusy if self.outage else AwsRefused
        self.name = ours.__name__


@contextmanager
def asking() -> Iterator[None]:
    """Ask a Region something; raises RegionFailed for every failure."""
    try:
        yield
    except (AwsBusy, AwsRefused, KeyUsedBefore, *FAILED_CALL, *MALFORMED) as error:
        raise RegionFailed(error) from error
