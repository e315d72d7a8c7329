"""Reading a target before anything changes."""

from collections.abc import Mapping

from tidegate.aws.lambda_ import aliases, functions, provisioning
from tidegate.aws.lambda_.functions import FunctionState
from tidegate.aws.ledger import history
from tidegate.aws.ledger.table import Item
from tidegate.domain.alias import AliasState
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.models import TargetRequest


def inspect(wanted: TargetRequest, left_behind: Mapping[str, AliasState | None], *, carries: bool = False) -> Inspected:
    """Read the function, its alias and their items in the ledger.

    An alias in `left_behind` by a running release counts with its state after the end of that release. `carries` is the
    stack's CarryProvisioned.
    """
    latest = functions.read(wanted.function)
    if latest is None:
        return Inspected(configuration=None)
    alias = _alias(wanted, left_behind)
    released = functions.read(wanted.function, wanted.version) if wanted.version else latest
    stable = functions.read(wanted.function, alias.version) if alias else None
    return Inspected(
        configuration=latest.configuration,
        tags=latest.tags,
        alias=alias,
        version_exists=released is not None,
        timeouts=tuple(version.timeout_seconds for version in (released, stable) if version),
        rolled_back=_rolled_back(wanted, latest),
        latest=latest.content,
        reserved=latest.reserved,
        environments=provisioning.environments(wanted.function) if alias else {},
        carries=carries,
        stable=stable.content if stable else None,
        released=released.content if released else None,
        code=released.code if released else {},
        runtimes=(stable.runtime if stable else "", released.runtime if released else ""),
    )


def _alias(wanted: TargetRequest, left_behind: Mapping[str, AliasState | None]) -> AliasState | None:
    name = f"{wanted.function}:{wanted.alias}"
    if name in left_behind:
        return left_behind[name]
    found = aliases.read(wanted.function, wanted.alias)
    return found.state if found else None


def _rolled_back(wanted: TargetRequest, latest: FunctionState) -> Item | None:
    """Find the record of a roll back of the version to release: the named version, or the content of $LATEST."""
    target = f"{wanted.function}:{wanted.alias}"
    if wanted.version:
        return history.rolled_back(target, wanted.version)
    if wanted.changes:
        return None
    record = history.last_rolled_back(target)
    if record is None:
        return None
    version = functions.read(wanted.function, record["version"])
    return record if version and version.same_build(latest) else None
