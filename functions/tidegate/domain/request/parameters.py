"""Documents as the AWS API names them."""

from typing import Any

from tidegate.domain.request.fields import Document

_SPELLED_OTHERWISE = {"kms_key_arn": "KMSKeyArn"}


def api_parameters(document: Document) -> dict[str, Any]:
    """Name what is set as the AWS API does."""
    values = {name: getattr(document, name) for name in type(document).model_fields}
    return {_api_name(name): _api_value(value) for name, value in values.items() if value is not None}


def _api_name(name: str) -> str:
    return _SPELLED_OTHERWISE.get(name) or "".join(part.capitalize() for part in name.split("_"))


def _api_value(value: object) -> object:
    if isinstance(value, Document):
        return api_parameters(value)
    return [_api_value(each) for each in value] if isinstance(value, tuple) else value
