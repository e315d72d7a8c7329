"""policy-not-on-alias: a permission, a setting of asynchronous calls, or a URL is on the unqualified function only.

Lambda keeps each of them by qualifier: callers that move to the alias lose it (Lambda guide, "Using aliases").
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tidegate.domain.planning.preflight.callers import QUALIFIER
from tidegate.domain.planning.preflight.permissions import Permission, permitted
from tidegate.domain.planning.preflight.survey import Conclusion, Survey, in_parts
from tidegate.domain.truncation import first_names

READS = ("policies", "urls", "event-configs")
MOST_NAMED = 4


def policy_not_on_alias(survey: Survey) -> Iterator[Conclusion]:
    """Find permissions, settings of asynchronous calls and URLs that only the unqualified function has."""
    if survey.state.alias is not None:
        yield from in_parts("policy-not-on-alias", survey, _permissions, _asynchronous, _url)


def _permissions(survey: Survey) -> Iterator[Conclusion]:
    policies = survey.read("policies")
    if policies is None:
        return
    of_alias = {*permitted(policies["alias"])}
    lacking = [each for each in permitted(policies["unqualified"]) if each not in of_alias]
    if lacking:
        named = first_names(list(dict.fromkeys(map(str, lacking))), MOST_NAMED)
        yield Conclusion(
            f"the unqualified function permits calls that the alias does not: {named}",
            "Once these callers use the alias, Lambda refuses them",
            _command(survey, lacking),
        )


def _command(survey: Survey, lacking: Sequence[Permission]) -> str:
    """Return the command for the first permission that AddPermission can repeat as it is; never a public one."""
    on_alias = f"--function-name {survey.wanted.function} --qualifier {survey.wanted.alias}"
    options = next((found for each in lacking if (found := each.options())), None)
    if options is None:
        return (
            f"Decide who may call {survey.target}, and permit only that: aws lambda add-permission {on_alias} … "
            f"(the statement: aws lambda get-policy --function-name {survey.wanted.function})"
        )
    return f"aws lambda add-permission {on_alias} {options} --statement-id …"


def _asynchronous(survey: Survey) -> Iterator[Conclusion]:
    configs = survey.read("event-configs")
    if configs is None:
        return
    unqualified, alias = _of(configs, QUALIFIER.strip(":")), _of(configs, survey.wanted.alias)
    if unqualified and _settings(unqualified) != _settings(alias):
        have = "has others" if alias else "has none"
        yield Conclusion(
            "the unqualified function has settings for asynchronous calls (retries, age, destinations), the alias "
            f"{have}",
            "Asynchronous calls of the alias follow the settings of the alias, or else Lambda's defaults: failed "
            "events may be lost or repeated",
            f"aws lambda put-function-event-invoke-config --function-name {survey.wanted.function} --qualifier "
            f"{survey.wanted.alias} …",
        )


def _of(configs: Iterable[Mapping[str, Any]], qualifier: str) -> Mapping[str, Any]:
    return next((each for each in configs if str(each["FunctionArn"]).endswith(f":{qualifier}")), {})


def _settings(config: Mapping[str, Any]) -> list[Any]:
    destinations = config.get("DestinationConfig") or {}
    found = {kind: (destinations.get(kind) or {}).get("Destination") for kind in ("OnSuccess", "OnFailure")}
    return [config.get("MaximumRetryAttempts"), config.get("MaximumEventAgeInSeconds"), found]


def _url(survey: Survey) -> Iterator[Conclusion]:
    urls = survey.read("urls")
    qualified = [str(each["FunctionArn"]).split(":")[7:] for each in urls or ()]
    if [] in qualified and [survey.wanted.alias] not in qualified:
        yield Conclusion(
            "the unqualified function has a function URL, the alias has none",
            "Calls by that URL bypass the alias and every release",
            f"aws lambda create-function-url-config --function-name {survey.wanted.function} --qualifier "
            f"{survey.wanted.alias} --auth-type …, and let callers use that URL",
        )
