"""The keys for a policy's conditions."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from localcloud import clock
from localcloud.iam import stored, tags
from localcloud.iam.identity import Caller

Value = str | list[str] | Callable[[], str | list[str] | None] | None
Values = Mapping[str, Value]

KNOWABLE = (
    "aws:calledvia",
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principaltag/",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:requesttag/",
    "aws:resourceaccount",
    "aws:resourcetag/",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:tagkeys",
    "aws:viaawsservice",
    "cloudwatch:namespace",
    "dynamodb:leadingkeys",
    "dynamodb:select",
    "events:detail-type",
    "events:source",
    "iam:passedtoservice",
    "kms:viaservice",
    "lambda:functionarn",
    "lambda:layer",
    "s3:prefix",
)
"""Keys of which the local cloud knows whether a call has them. Of any other it knows nothing."""


class Context:
    """The keys of one call on one resource, computed when a condition needs them."""

    def __init__(self, caller: Caller, region: str, resource: str, values: Values) -> None:
        self._caller = caller
        self._region = region
        self._resource = resource
        self._values = {key.lower(): value for key, value in values.items()}

    def is_knowable(self, key: str) -> bool:
        return key.lower() in self._values or key.lower().startswith(KNOWABLE)

    def values(self, key: str) -> list[str] | None:
        """Return the key's values; None if this call does not have it."""
        value = self._values.get(key.lower())
        if value is None:
            value = self._of_caller_and_resource(key)
        if callable(value):
            value = value()
        return [value] if isinstance(value, str) else value

    def _of_caller_and_resource(self, key: str) -> str | None:
        name, _, tag = key.partition("/")
        if name.lower() == "aws:principaltag":
            return stored.role_tags(self._caller.role_arn or "").get(tag)
        if name.lower() == "aws:resourcetag":
            return tags.of(self._resource).get(tag)
        return dict(self._global()).get(key.lower())

    def _global(self) -> Iterator[tuple[str, str]]:
        yield "aws:principalarn", self._caller.role_arn or ""
        yield "aws:principalaccount", self._caller.account
        yield "aws:principaltype", "AssumedRole"
        yield "aws:principalisawsservice", "false"
        yield "aws:viaawsservice", "false"
        yield "aws:securetransport", "true"
        yield "aws:requestedregion", self._region
        yield "aws:epochtime", str(int(clock.current().time()))
        yield "aws:currenttime", datetime.fromtimestamp(clock.current().time(), UTC).isoformat()
        yield "aws:resourceaccount", _account(self._resource) or self._caller.account


def _account(arn: str) -> str:
    """Return the account that owns a resource; the ARN of a bucket does not contain it, so moto is asked."""
    parts = arn.split(":")
    if len(parts) <= 5:
        return ""
    return parts[4] or stored.owner_of_bucket(parts[5].partition("/")[0])
