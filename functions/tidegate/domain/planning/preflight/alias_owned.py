"""alias-owned-by-template: a CloudFormation stack has the alias, so its next deployment moves the alias too."""

from collections.abc import Iterator

from tidegate.domain.planning.preflight.survey import Conclusion, Survey


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
