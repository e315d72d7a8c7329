"""The gate every API call passes: who calls, may they, is a fault in place; then moto; and a note of it."""

from collections import deque
from dataclasses import dataclass

from localcloud.iam import stored

KEPT_CALLS = 200_000


@dataclass(frozen=True)
class Call:
    """One API call, for tests of least privilege.

    `at` is emulated epoch seconds; `statements` name what allowed it as "role/policy/Sid", or the statement's
    place in the policy where it has no Sid.
    """

    service: str
    action: str
    resources: tuple[str, ...]
    caller_role: str | None
    access_key: str
    at: float
    allowed: bool
    statements: tuple[str, ...]
    status: int


calls: deque[Call] = deque(maxlen=KEPT_CALLS)


def install() -> None:
    """Put the gate before moto's services."""
    stored.load_aws_managed_policies()
