"""The permissions that each API call needs: actions on resources, including dependent actions."""

from localcloud.api.call import ApiCall
from localcloud.iam.authorise import Demand
from localcloud.iam.demands import dynamodb, lambda_, objects, plain, secrets, stepfunctions
from localcloud.iam.demands.table import Table

SERVICES: dict[str, Table] = {
    "lambda": lambda_.DEMANDS,
    "stepfunctions": stepfunctions.DEMANDS,
    "dynamodb": dynamodb.DEMANDS,
    "s3": objects.DEMANDS,
    **secrets.SERVICES,
    **plain.SERVICES,
}


def demands_of(call: ApiCall) -> list[Demand] | None:
    """Return what the call needs; None if the local cloud does not know the call."""
    find = SERVICES.get(call.service, {}).get(call.action)
    return list(find(call)) if find else None
