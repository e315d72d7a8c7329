"""policy-not-on-alias: a permission, a setting of asynchronous calls, or a URL that an alias lacks.

Lambda keeps each of them by qualifier: callers that move from the unqualified function to the alias lose it, and so do
users who are routed to the alias that carries the canary (Lambda guide, "Using aliases").
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tidegate.domain.planning.preflight.callers import QUALIFIER
from tidegate.domain.planning.preflight.permissions import Permission, permitted
from tidegate.domain.planning.preflight.survey import Conclusion, Survey, in_parts
from tidegate.domain.routing import canary_alias
from tidegate.domain.truncation import first_names

READS = ("policies", "urls", "event-configs")
MOST_NAMED = 4


@dataclass(frozen=True)
class Gap:
    """What one qualifier has (empty: none) and an alias may lack: both as in a sentence, and what follows from it.

    `policies` are the names of theirs.
    """

    policies: tuple[str, str]
    qualifier: str
    has: str
    alias: str
    lacks: str
    refused: str
    bypassed: str


def _gaps(survey: Survey) -> Iterator[Gap]:
    alias = survey.wanted.alias
    yield Gap(
        ("unqualified", "alias"),
        "",
        "the unqualified function",
        alias,
        "the alias",
        "Once these callers use the alias, Lambda refuses them",
        "Calls by that URL bypass the alias and every release",
    )
    if survey.plan.routing:
        yield Gap(
            ("alias", "carrier"),
            alias,
            "the alias",
            canary_alias(alias),
            f"{canary_alias(alias)}, which carries the canary of routed users,",
            "Lambda refuses these callers for the users who are routed there",
            f"Calls by that URL go to {alias}, whoever the user is",
        )


def policy_not_on_alias(survey: Survey) -> Iterator[Conclusion]:
    """Find permissions, settings of asynchronous calls and URLs that the alias lacks, or the one for routed users."""
    if survey.state.alias is None:
        return
    looks: list[Callable[[Gap, Survey], Iterator[Conclusion]]] = [_permissions, _asynchronous, _url]
    parts = [partial(look, gap) for gap in _gaps(survey) for look in looks]
    yield from in_parts("policy-not-on-alias", survey, *parts)


def _permissions(gap: Gap, survey: Survey) -> Iterator[Conclusion]:
    policies = survey.read("policies")
    if policies is None:
        return
    there, here = (permitted(policies[name]) for name in gap.policies)
    of_alias = {*here}
    lacking = [each for each in there if each not in of_alias]
    if lacking:
        named = first_names(list(dict.fromkeys(map(str, lacking))), MOST_NAMED)
        yield Conclusion(
            f"{gap.has} permits calls that {gap.lacks} does not: {named}", gap.refused, _command(survey, gap, lacking)
        )


def _command(survey: Survey, gap: Gap, lacking: Sequence[Permission]) -> str:
    """Return the command for the first permission that AddPermission can repeat as it is; never a public one."""
    on_alias = f"--function-name {survey.wanted.function} --qualifier {gap.alias}"
    options = next((found for each in lacking if (found := each.options())), None)
    if options is None:
        from_there = f" --qualifier {gap.qualifier}" if gap.qualifier else ""
        return (
            f"Decide who may call {survey.wanted.function}:{gap.alias}, and permit only that: aws lambda "
            f"add-permission {on_alias} … (the statement: aws lambda get-policy --function-name "
            f"{survey.wanted.function}{from_there})"
        )
    return f"aws lambda add-permission {on_alias} {options} --statement-id …"


def _asynchronous(gap: Gap, survey: Survey) -> Iterator[Conclusion]:
    configs = survey.read("event-configs")
    if configs is None:
        return
    there, here = _of(configs, gap.qualifier or QUALIFIER.strip(":")), _of(configs, gap.alias)
    if there and _settings(there) != _settings(here):
        have = "has others" if here else "has none"
        yield Conclusion(
            f"{gap.has} has settings for asynchronous calls (retries, age, destinations), {gap.lacks} {have}",
            f"Asynchronous calls of {gap.alias} follow its own settings, or else Lambda's defaults: failed events may "
            "be lost or repeated",
            f"aws lambda put-function-event-invoke-config --function-name {survey.wanted.function} --qualifier "
            f"{gap.alias} …",
        )


def _of(configs: Iterable[Mapping[str, Any]], qualifier: str) -> Mapping[str, Any]:
    return next((each for each in configs if str(each["FunctionArn"]).endswith(f":{qualifier}")), {})


def _settings(config: Mapping[str, Any]) -> list[Any]:
    destinations = config.get("DestinationConfig") or {}
    found = {kind: (destinations.get(kind) or {}).get("Destination") for kind in ("OnSuccess", "OnFailure")}
    return [config.get("MaximumRetryAttempts"), config.get("MaximumEventAgeInSeconds"), found]


def _url(gap: Gap, survey: Survey) -> Iterator[Conclusion]:
    urls = survey.read("urls")
    qualified = [":".join(str(each["FunctionArn"]).split(":")[7:]) for each in urls or ()]
    if gap.qualifier in qualified and gap.alias not in qualified:
        yield Conclusion(
            f"{gap.has} has a function URL, {gap.lacks} has none",
            gap.bypassed,
            f"aws lambda create-function-url-config --function-name {survey.wanted.function} --qualifier "
            f"{gap.alias} --auth-type …, and let callers use that URL",
        )
