"""Looking at a target before anything is touched."""

from tidegate.aws import aliases, functions
from tidegate.aws.functions import FunctionState
from tidegate.aws.ledger import history
from tidegate.aws.ledger.table import Item
from tidegate.domain.preflight import Findings
from tidegate.domain.request import TargetRequest


def inspect(wanted: TargetRequest) -> Findings:
    """Read the function, its alias and what the ledger remembers of them."""
    latest = functions.read(wanted.function)
    if latest is None:
        return Findings(configuration=None)
    alias = aliases.read(wanted.function, wanted.alias)
    released = functions.read(wanted.function, wanted.version) if wanted.version else latest
    stable = functions.read(wanted.function, alias.state.version) if alias else None
    return Findings(
        configuration=latest.configuration,
        alias=alias.state if alias else None,
        provisioned=alias is not None and aliases.has_provisioned_concurrency(wanted.function, wanted.alias),
        version_exists=released is not None,
        timeouts=tuple(version.timeout_seconds for version in (released, stable) if version),
        rolled_back=_rolled_back(wanted, latest),
    )


def _rolled_back(wanted: TargetRequest, latest: FunctionState) -> Item | None:
    """Find the record of a roll back of what is to be released: the version named, or what $LATEST still holds."""
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
