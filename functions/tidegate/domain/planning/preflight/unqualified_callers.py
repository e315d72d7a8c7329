"""unqualified-callers, managed-instances: somebody calls the unqualified function: how often in the last day, and who.

They bypass the alias: they meet each change of $LATEST at once, also a half-applied one, and no release protects them.
On Lambda Managed Instances such a call runs `$LATEST.PUBLISHED`, a version that is published apart from the numbered
ones (Lambda guide, "$LATEST.PUBLISHED version in Lambda Managed Instances").
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tidegate.domain.planning.known_calls import PASSED_ON
from tidegate.domain.planning.preflight.callers import CHANGES, Caller, calls
from tidegate.domain.planning.preflight.permissions import permitted
from tidegate.domain.planning.preflight.survey import CannotLook, Conclusion, Partial, Survey
from tidegate.domain.truncation import first_names

OF_ACCOUNT = ("rules", "schedules", "topics", "buckets", "rest-apis", "http-apis", "machines", "environments")
"""Facts that are callers, from lists of the whole account."""

READS = ("unqualified-calls", "mappings", "urls", "policies", PASSED_ON, *OF_ACCOUNT)

WHY = (
    "They bypass the alias: they meet every change of $LATEST at once, also code without its configuration, and no "
    "release protects them"
)
WHY_MANAGED = (
    "On Lambda Managed Instances they run $LATEST.PUBLISHED, which a release neither publishes nor moves: they stay on "
    "its code, whatever is released"
)
MOST_NAMED, MOST_CHANGES = 8, 3

NEED_PERMISSION = ("rule", "subscription of topic", "bucket", "REST API", "HTTP API")
"""Kinds of callers that need a permission in the function's policy, which is then no further caller."""

WORDS = re.compile(r"[\s:/()]+")


def unqualified_callers(survey: Survey) -> Iterator[Conclusion]:
    """Find calls of the unqualified function in the last day, and who may make them."""
    if not survey.state.managed:
        yield from _callers(survey, "unqualified-callers", WHY)


def managed_instances(survey: Survey) -> Iterator[Conclusion]:
    """Find calls of the unqualified function on Lambda Managed Instances, which never get the new version."""
    if survey.state.managed:
        yield from _callers(survey, "managed-instances", WHY_MANAGED)


def _callers(survey: Survey, check: str, why: str) -> Iterator[Conclusion]:
    """Return the callers as the finding of a check, and what could not be read; `why` says what happens to them."""
    unread: list[str] = []
    facts = {fact: _tried(survey, fact, unread) for fact in READS}
    callers = [*_own(facts), *(Caller(*each) for fact in OF_ACCOUNT for each in facts[fact] or ())]
    callers += [each for each in _by_permission(facts["policies"]) if not _is_named(each, callers)]
    callers = sorted(callers, key=lambda each: [*CHANGES].index(each.kind))
    counted = facts["unqualified-calls"]
    if callers or (counted and counted["unqualified"]):
        named = first_names([str(each) for each in callers], MOST_NAMED) or "unknown callers"
        yield Conclusion(f"{_number(counted)}: {named}", why, _changes(callers, survey))
    if unread:
        yield Conclusion.not_looked(check, "; ".join(unread))


def _tried(survey: Survey, fact: str, unread: list[str]) -> Any:
    try:
        value = survey.read(fact)
    except CannotLook as problem:
        unread.append(str(problem))
        return None
    if isinstance(value, Partial):
        unread.append(f"{fact}: {value.why}")
        return value.value
    return value


def _own(facts: dict[str, Any]) -> Iterator[Caller]:
    """Return the callers that Lambda itself knows."""
    for mapping in facts["mappings"] or ():
        if calls(mapping["FunctionArn"], _unqualified(mapping["FunctionArn"])):
            yield Caller("event source mapping", mapping["UUID"])
    for url in facts["urls"] or ():
        if calls(url["FunctionArn"], _unqualified(url["FunctionArn"])):
            yield Caller("function URL", url["FunctionUrl"])


def _unqualified(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def _by_permission(policies: Any) -> Iterator[Caller]:
    names = dict.fromkeys(map(str, permitted((policies or {}).get("unqualified"))))
    return (Caller("permission for", name) for name in names)


def _is_named(permission: Caller, callers: Iterable[Caller]) -> bool:
    """Return whether a caller that was found by its list explains a permission, by its name or id in the source."""
    words = {*WORDS.split(permission.name)}
    return any(words & {*WORDS.split(each.name)} for each in callers if each.kind in NEED_PERMISSION)


def _number(counted: Any) -> str:
    if not counted:
        return "the unqualified function may be called by"
    unqualified, total = counted["unqualified"], counted["all"]
    if not unqualified:
        return "no call in the last day was of the unqualified function, but it may be called by"
    return f"{unqualified:,} of {total:,} calls in the last day were of the unqualified function"


def _changes(callers: Sequence[Caller], survey: Survey) -> str:
    """Return one change for each of the first kinds; without names, where to look for them."""
    first = {each.kind: each.name for each in reversed(callers)}
    kinds = [kind for kind in CHANGES if kind in first][:MOST_CHANGES]
    if not kinds:
        return (
            f"Let callers use {survey.target}; to find callers with roles: CloudTrail data events of Invoke, and the "
            "stack's parameter Preflight: full"
        )
    changes = [
        CHANGES[kind].format(name=first[kind], target=survey.target, alias=survey.wanted.alias) for kind in kinds
    ]
    text = "; ".join(changes)
    return text[0].upper() + text[1:] if not text.startswith("aws ") else text
