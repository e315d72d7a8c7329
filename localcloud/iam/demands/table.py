"""The tables of a service's calls."""

from collections.abc import Callable, Iterable, Iterator

from localcloud.api.call import ApiCall
from localcloud.iam.authorise import Demand

Find = Callable[[ApiCall], Iterable[Demand]]
Table = dict[str, Find]

PREFIXES = {
    "stepfunctions": "states",
    "dynamodbstreams": "dynamodb",
    "resourcegroupstaggingapi": "tag",
    "elbv2": "elasticloadbalancing",
}
"""Where a service's actions do not begin with its name in boto3."""


def action(call: ApiCall, name: str = "") -> str:
    return f"{PREFIXES.get(call.service, call.service)}:{name or call.action}"


def text(call: ApiCall, *names: str) -> str:
    """Return the first of these parameters that the call has."""
    return str(next((call.parameters[name] for name in names if call.parameters.get(name)), ""))


def anywhere(call: ApiCall) -> list[Demand]:
    """Ask for the action on "*": it has no resources."""
    return [Demand(action(call))]


def nothing(_call: ApiCall) -> list[Demand]:
    """Ask for nothing: everybody may."""
    return []


def on_arn(*parameters: str) -> Find:
    """Ask for the action on the ARN that is in one of these parameters."""
    return lambda call: [Demand(action(call), text(call, *parameters))]


def on_named(resource: str, *parameters: str, service: str | None = None) -> Find:
    """Ask for the action on `resource` with {} replaced by a parameter, which may be an ARN already."""

    def find(call: ApiCall) -> list[Demand]:
        name = text(call, *parameters)
        arn = name if name.startswith("arn:") else call.arn(resource.format(name), service)
        return [Demand(action(call), arn)]

    return find


def on_each(find: Callable[[ApiCall], Iterable[str]]) -> Find:
    """Ask for the action on every ARN that `find` gives."""
    return lambda call: [Demand(action(call), arn) for arn in find(call)]


def with_key(call: ApiCall, key: str, *names: str) -> list[Demand]:
    """Ask for actions on a customer's KMS key (an id or an ARN) that the service takes on the caller's behalf."""
    arn = key if key.startswith("arn:") else call.arn(key if "/" in key else f"key/{key}", "kms")
    values = {"kms:ViaService": f"{call.service}.{call.region}.amazonaws.com"}
    return [Demand(f"kms:{name}", arn, values) for name in names]


def with_tags(find: Find, parameter: str, name: str = "TagResource") -> Find:
    """Ask for the right to tag, too, where something is made with tags."""

    def both(call: ApiCall) -> Iterator[Demand]:
        demands = list(find(call))
        yield from demands
        if call.parameters.get(parameter):
            yield Demand(action(call, name), demands[0].resource)

    return both


def same(find: Find, *names: str) -> Table:
    return dict.fromkeys(names, find)


def pass_role(role: str, service: str) -> list[Demand]:
    """Ask for iam:PassRole, wherever a call hands a role to a service."""
    return [Demand("iam:PassRole", role, {"iam:PassedToService": service})] if role else []
