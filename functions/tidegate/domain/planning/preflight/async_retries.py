"""async-retries: Lambda repeats asynchronous calls of the alias that fail.

Lambda guide, "How Lambda handles errors and retries with asynchronous invocation": two more attempts by default.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.planning.preflight.permissions import permitted
from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.truncation import first_names

READS = ("policies", "event-configs")

ASYNCHRONOUS = ("s3", "sns", "events", "ses")
"""Services that invoke functions asynchronously; the principal of each begins with its name."""

USUAL = 2
"""Lambda's default of MaximumRetryAttempts."""


def async_retries(survey: Survey) -> Iterator[Conclusion]:
    """Find an alias that services call asynchronously, with retries of failed calls."""
    policies, configs = survey.read("policies"), survey.read("event-configs")
    if not survey.stepwise or policies is None or configs is None:
        return
    services = sorted(
        {each.principal for each in permitted(policies["alias"]) if each.principal.partition(".")[0] in ASYNCHRONOUS}
    )
    of_alias = (each for each in configs if str(each["FunctionArn"]).endswith(f":{survey.wanted.alias}"))
    config: Mapping[str, Any] = next(of_alias, {})
    retries = config.get("MaximumRetryAttempts", USUAL)
    if services and retries:
        yield Conclusion(
            f"{first_names(services)} call {survey.target} asynchronously, and Lambda repeats a failed call up to "
            f"{retries} times",
            f"Each attempt counts as a call, on either version: one bad event can make {retries + 1} errors",
            "If that is too many: aws lambda put-function-event-invoke-config --function-name "
            f"{survey.wanted.function} --qualifier {survey.wanted.alias} --maximum-retry-attempts 0, with a "
            "destination for failed events",
        )
