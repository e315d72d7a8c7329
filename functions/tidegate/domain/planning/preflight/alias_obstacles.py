"""Reasons to refuse a release because of its alias: missing, split, on $LATEST, or with provisioned concurrency.

And alias-owned-by-template: a CloudFormation stack has the alias, so its next deployment moves the alias too.
"""

from collections.abc import Iterator

from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.request.models import TargetRequest


def alias_obstacles(wanted: TargetRequest, found: Inspected, path: str) -> Iterator[str]:
    alias = found.alias
    if alias is None:
        if not wanted.create_alias:
            yield (
                f"{path}alias: {wanted.function} has no alias {wanted.alias!r}; name one that callers use, or create "
                'it; example: "create_alias": true'
            )
        return
    name = f"{wanted.function}:{wanted.alias}"
    if alias.version == "$LATEST":
        yield (
            f"{path}alias: {name} points at $LATEST, so there is no version to go back to; example: aws lambda "
            f"update-alias --function-name {wanted.function} --name {wanted.alias} --function-version N, with N from "
            "publish-version"
        )
    if not alias.whole:
        yield (
            f"{path}alias: {name} is split already ({alias}) and no release has locked it; put it on one version "
            f"first; example: aws lambda update-alias --function-name {wanted.function} --name {wanted.alias} "
            f"--function-version {alias.version} --routing-config AdditionalVersionWeights={{}}"
        )
    yield from _provisioned(wanted, found, path)


def _provisioned(wanted: TargetRequest, found: Inspected, path: str) -> Iterator[str]:
    alias, command = found.alias, "provisioned-concurrency-config"
    function, count = f"--function-name {wanted.function}", found.environments.get(wanted.alias)
    if alias and count:
        yield (
            f"{path}alias: {wanted.function}:{wanted.alias} has provisioned concurrency: Lambda accepts no weights "
            f"on such an alias, and routed users would miss it on another; configure it on version {alias.version}: "
            f"Tidegate then takes it along from version to version; example: aws lambda delete-{command} {function} "
            f"--qualifier {wanted.alias}, then aws lambda put-{command} {function} --qualifier {alias.version} "
            f"--provisioned-concurrent-executions {count}"
        )
    carried = found.carried(wanted.version, wanted.configuration)
    # Of a version that exists, the way back must not be refused for this.
    if (
        alias
        and found.reserved is not None
        and carried
        and not wanted.version
        and sum(found.environments.values()) + carried > found.reserved
    ):
        yield (
            f"{path}function: version {alias.version} of {wanted.function} has {carried} provisioned environments, and "
            f"the new version needs as many before it receives traffic, but the reserved concurrency is only "
            f"{found.reserved}; example: aws lambda put-function-concurrency {function} "
            f"--reserved-concurrent-executions {sum(found.environments.values()) + carried}"
        )


def alias_owned_by_template(survey: Survey) -> Iterator[Conclusion]:
    """Find a CloudFormation stack that owns the alias, or that of routed users, and would move it without a release."""
    owner = survey.read("alias-owner")
    if owner:
        yield Conclusion(
            f"the stack {owner['stack']} owns the alias, as its resource {owner['resource']}",
            "A deployment that changes the alias' version in the template moves all traffic at once, and a drift-aware "
            "one moves it back after a release",
            "Hand the alias over: first DeletionPolicy: Retain on this resource, then remove it from the template "
            "(with SAM: AutoPublishAlias); docs/moving.md has the steps",
        )
