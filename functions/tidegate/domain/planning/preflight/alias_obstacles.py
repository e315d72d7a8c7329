"""Reasons to refuse a release because of its alias: missing, split, on $LATEST, or moved by Lambda."""

from collections.abc import Iterator

from tidegate.domain.planning.preflight.inspected import Inspected
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
    if found.provisioned:
        yield (
            f"{path}alias: {name} has provisioned concurrency, for which Lambda changes weights itself; configure "
            "it on versions instead; example: aws lambda put-provisioned-concurrency-config "
            f"--function-name {wanted.function} --qualifier {alias.version} …"
        )
