"""Reading a target, and what invokes it, before anything changes."""

from collections.abc import Iterable, Mapping

from tidegate.aws.clients import lambda_client
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.lambda_ import aliases, functions
from tidegate.aws.lambda_.functions import FunctionState
from tidegate.aws.ledger import history
from tidegate.aws.ledger.table import Item
from tidegate.aws.logger import logger
from tidegate.domain.alias import AliasState
from tidegate.domain.foreign_text import undotted
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning import batch_failures
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.models import TargetRequest

MOST_MAPPINGS = 2000
"""Most event source mappings that are read: twenty calls, which count towards Lambda's 15 a second."""


def inspect(wanted: TargetRequest, left_behind: Mapping[str, AliasState | None]) -> Inspected:
    """Read the function, its alias and their items in the ledger.

    An alias in `left_behind` by a running release counts with its state after the end of that release.
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
        provisioned=alias is not None and aliases.has_provisioned_concurrency(wanted.function, wanted.alias),
        version_exists=released is not None,
        timeouts=tuple(version.timeout_seconds for version in (released, stable) if version),
        rolled_back=_rolled_back(wanted, latest),
        latest=latest.content,
        reserved=latest.reserved,
        stable=stable.content if stable else None,
        released=released.content if released else None,
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


def hidden_failures(targets: Iterable[str]) -> dict[str, list[str]]:
    """Return the sources of mappings to these targets ("checkout:live") that have ReportBatchItemFailures, by target.

    All mappings of the account and Region are read: one call for a hundred of them, whatever the number of targets.
    """
    pages = (
        lambda_client()
        .get_paginator("list_event_source_mappings")
        .paginate(PaginationConfig={"MaxItems": MOST_MAPPINGS})
    )
    return batch_failures.reporting((each for page in pages for each in page["EventSourceMappings"]), targets)


def hidden_failures_warning(plan: ReleasePlan) -> str:
    """Return the warning of a plan's targets, if there is one; it never fails a release."""
    try:
        return batch_failures.warning(hidden_failures([target.name for target in plan.targets]), plan.metrics)
    except FAILED_CALL as error:
        logger.warning("the event source mappings could not be read: %s", error)
        return f"Whether event source mappings hide failures is not known ({undotted(error)})."
