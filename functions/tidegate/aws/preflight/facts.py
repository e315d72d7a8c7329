"""The facts that checks of the preflight need: read in parallel; one that cannot be read costs nothing else."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tidegate.aws.clients import CONNECTIONS
from tidegate.aws.logger import logger
from tidegate.aws.preflight import moving, of_account, of_buses, of_function, packages
from tidegate.aws.preflight.aim import Aim
from tidegate.aws.preflight.pace import PACE
from tidegate.domain.foreign_text import short_line, undotted
from tidegate.domain.planning.known_calls import PASSED_ON
from tidegate.domain.planning.preflight.survey import MALFORMED, Listed, Partial, Unseen

LONGEST = 300
"""Most characters of AWS's reason."""


OfTarget = Callable[[Aim, int], Any]
OfAccount = Callable[[Sequence[Aim], int], Mapping[str, Any] | Partial]
"""Reads something for all targets at once, and returns it by the ARNs of their functions."""

OF_TARGET: Mapping[str, OfTarget] = {
    "alias-owner": of_account.alias_owner,
    "event-configs": of_function.event_configs,
    "image": packages.image,
    "layers": packages.layers,
    "messages": packages.messages,
    "package": packages.package,
    "policies": of_function.policies,
    "runtime-modes": moving.runtime_modes,
    "silent-metrics": moving.silent_metrics,
    "unqualified-calls": of_function.unqualified_calls,
    "urls": of_function.urls,
}
OF_ACCOUNT: Mapping[str, OfAccount] = {
    "code-storage": of_function.code_storage,
    "mappings": of_function.mappings,
    **of_account.CALLERS,
}
"""Readers by the names of their facts; they get the time in seconds since 1970."""

FULL = frozenset({"alias-owner", "image", PASSED_ON, *of_account.CALLERS})
"""Facts that are read only if the stack's parameter Preflight is full."""


def read(aims: Sequence[Aim], needed: set[str], now: int, *, full: bool) -> list[dict[str, Any]]:
    """Return the facts of each target by name; Unseen stands for a fact that could not be read."""
    names = needed if full else needed - FULL
    if not aims or not names:
        return [{} for _ in aims]
    PACE.begin(len(aims))
    with ThreadPoolExecutor(max_workers=CONNECTIONS) as pool:
        of_account = {name: pool.submit(_tried, OF_ACCOUNT[name], aims, now) for name in names & OF_ACCOUNT.keys()}
        of_targets = [
            {name: pool.submit(_tried, OF_TARGET[name], aim, now) for name in names & OF_TARGET.keys()} for aim in aims
        ]
    known = [{name: each.result() for name, each in found.items()} for found in of_targets]
    for aim, of_target in zip(aims, known, strict=True):
        for name, whole in of_account.items():
            of_target.update(_listed(name, _part(whole.result(), aim)))
    # Only now are the buses known that receive results.
    senders = [each for each in zip(aims, known, strict=True) if PASSED_ON in names and of_buses.buses(each)]
    passed_on = _tried(of_buses.passed_on, senders, now) if senders else {}
    for aim, of_sender in senders:
        of_sender[PASSED_ON] = _part(passed_on, aim)
    return known


def _tried(reader: Callable[[Any, int], Any], of: Any, now: int) -> Any:
    try:
        return reader(of, now)
    except Exception as error:  # answers and archives of others: whatever is wrong with one, no release fails over it
        logger.warning("preflight: %s could not be read: %r", reader.__name__, error)
        said = f"AWS's answer was not understood ({error!r})" if isinstance(error, MALFORMED) else str(error)
        return Unseen(undotted(short_line(said or repr(error), LONGEST)))


def _part(whole: Any, aim: Aim) -> Any:
    if isinstance(whole, Partial):
        return Partial(whole.value.get(aim.arn), whole.why)
    return whole if isinstance(whole, Unseen) else whole.get(aim.arn)


def _listed(name: str, fact: Any) -> dict[str, Any]:
    """Return a fact, and those that were read besides."""
    whole, why = fact if isinstance(fact, Partial) else (fact, "")
    if not isinstance(whole, Listed):
        return {name: fact}
    return {**whole.besides, name: Partial(whole.callers, why) if why else whole.callers}
