"""Our backend where moto hands out its own type."""

from typing import TYPE_CHECKING, cast

from moto.awslambda.models import lambda_backends

if TYPE_CHECKING:
    from localcloud.lambda_.backend import Backend


def backend_of(account_id: str, region: str) -> "Backend":
    return cast("Backend", lambda_backends[account_id][region])
