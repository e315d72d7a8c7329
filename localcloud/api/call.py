"""An API call, independent of its protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import determine_request_protocol
from moto.core.utils import get_service_model

from localcloud.iam.identity import Caller, caller_of

UNREADABLE = (
    RequestParserError,
    OperationNotFoundError,
    UnknownServiceError,
    NotImplementedError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)


@dataclass(frozen=True)
class ApiCall:
    """`service` is named as boto3 names it; `parameters` are those of the API's reference page."""

    service: str
    action: str
    parameters: Mapping[str, Any]
    account: str
    region: str
    access_key: str
    caller: Caller

    def arn(self, resource: str, service: str | None = None) -> str:
        """Name a resource of this account and region."""
        return f"arn:aws:{service or self.service}:{self.region}:{self.account}:{resource}"


def read(response: Any) -> ApiCall | None:
    """Read the call that moto's `response` is about to answer; None if it names no action."""
    action = response._get_action()
    if not action:
        return None
    key = response.access_key
    return ApiCall(
        service=response.boto3_service_name,
        action=action,
        parameters=_parameters(response, action),
        account=response.current_account,
        region=response.region,
        access_key=key,
        caller=caller_of(key),
    )


def _parameters(response: Any, action: str) -> Mapping[str, Any]:
    """Parse the request; what cannot be read is for the service to refuse, to the gate it names nothing."""
    if response.automated_parameter_parsing:
        parsed = response.params
        return parsed.original_dict() if hasattr(parsed, "original_dict") else parsed or {}
    request = response.normalized_request
    try:
        model = get_service_model(response.boto3_service_name)
        parser = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)]
        parsed = parser(model.operation_model(action), map_type=dict).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": response.uri_match,
            }
        )
    except UNREADABLE:
        return {}
    return parsed or {}
