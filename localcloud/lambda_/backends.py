"""Our backend where moto hands out its own type, as far as what is below the backend calls it."""

from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol, cast

from moto.awslambda.models import lambda_backends

from localcloud.lambda_.definition import Definition


class Calls(Protocol):
    """What versions, and services that invoke, need of Backend."""

    def describe_layers(self, definition: Definition) -> list[dict[str, Any]]: ...

    def delete_function(self, function_name: str, qualifier: str | None = None) -> None: ...

    def invoke(
        self,
        function_name: str,
        qualifier: str | None,
        body: str | bytes | None,
        headers: Mapping[str, str],
        response_headers: MutableMapping[str, str],
    ) -> bytes: ...


def calls_of(account_id: str, region: str) -> Calls:
    return cast("Calls", lambda_backends[account_id][region])
