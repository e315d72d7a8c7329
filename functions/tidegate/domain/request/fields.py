"""Types of the fields of a request, and their names in the API of AWS."""

import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, Strict

from tidegate.domain.function_name import FunctionName as Named
from tidegate.domain.function_name import parse
from tidegate.domain.schedule import HOUR, MINUTE, duration_text, minutes_of
from tidegate.domain.strategy import HIGHEST_WEIGHT, LOWEST_WEIGHT, check_weight

NAME = re.compile(r"[a-zA-Z0-9-_]+", re.ASCII)
_FUNCTION = (
    r"(((arn:aws[a-z-]{0,32}:lambda:)?[a-z]{2,8}(-[a-z]{1,16}){1,4}-[0-9]{1,2}:)?[0-9]{12}:)?(function:)?"
    r"[a-zA-Z0-9-_]{1,64}(:(?![0-9]+$)[a-zA-Z0-9-_]{1,128})?"
)
"""Names, partial and full ARNs, with an alias or without: for the published schema."""
_LONGEST = 72 * HOUR // MINUTE
"""Minutes. Days of ticks must fit into the 25,000 events of one execution's history."""

Item = TypeVar("Item")
Many = Annotated[tuple[Item, ...], Strict(False)]
"""A JSON list; a strict tuple would refuse it."""


class Document(BaseModel):
    """Part of a request: nothing unknown in it, nothing converted, nothing changed afterwards."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        serialize_by_alias=True,
        defer_build=True,  # one validator for a whole request, not one more for each of its parts
    )


def _function_name(name: str) -> str:
    """Return a plain name; `qualified.py` has already parsed ARNs and qualifiers."""
    if parse(name) != Named(name):
        raise ValueError("is not a plain function name")
    return name


def _alias_name(name: str) -> str:
    if name.isascii() and name.isdigit():
        raise ValueError(
            f'"{name[:20]}" is a version number, not an alias: name the alias, and '
            f'release that version with "version": {name[:20]}'
        )
    if name == "$LATEST":
        raise ValueError(
            '"$LATEST" is not an alias: create an alias on a published version and change the callers to use it'
        )
    if not NAME.fullmatch(name) or len(name) > 128:
        raise ValueError("is not an alias name: use 1 to 128 letters, digits, - and _, not only digits")
    return name


def _version(value: object) -> object:
    if value == "$LATEST":
        raise ValueError('"$LATEST" is not a published version: omit "version", and the release publishes $LATEST')
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not re.fullmatch(r"[1-9][0-9]{0,17}", text, re.ASCII):
        raise ValueError("is not the number of a published version, such as 42")
    return text


def _minutes(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError('is not a duration: write "5m", "1h" or "1h30m"')  # noqa: TRY004 - pydantic collects these
    minutes = minutes_of(value)
    if minutes > _LONGEST:
        raise ValueError(f'"{value}" is longer than {duration_text(_LONGEST)}')
    return minutes


def _weight(value: float) -> float:
    check_weight(value)
    return value


def form(pattern: str, longest: int | None = None, **options: Any) -> Any:
    """Return the constraint that the whole text matches a pattern."""
    return Field(pattern=f"^(?:{pattern})$", max_length=longest, **options)


FunctionName = Annotated[str, AfterValidator(_function_name), Field(json_schema_extra={"pattern": f"^{_FUNCTION}$"})]
AliasName = Annotated[
    str,
    AfterValidator(_alias_name),
    Field(json_schema_extra={"pattern": "^(?![0-9]+$)[a-zA-Z0-9-_]{1,128}$"}),
]
VersionNumber = Annotated[
    str,
    BeforeValidator(
        _version,
        json_schema_input_type=Annotated[int, Field(ge=1)] | Annotated[str, Field(pattern="^[1-9][0-9]{0,17}$")],
    ),
]
Minutes = Annotated[
    int,
    BeforeValidator(
        _minutes,
        json_schema_input_type=Annotated[str, Field(pattern="^([0-9]+h)?([0-9]+m)?([0-9]+s)?$")],
    ),
    PlainSerializer(duration_text, return_type=str),
]
Weight = Annotated[
    float,
    AfterValidator(_weight),
    Field(json_schema_extra={"minimum": LOWEST_WEIGHT, "maximum": HIGHEST_WEIGHT}),
]


TenantId = Annotated[str, form("[a-zA-Z0-9._:/=+@ -]+", 256)]
"""The name of a tenant (botocore, `lambda/2015-03-31`, TenantId)."""

PlainName = Annotated[str, form("[a-zA-Z0-9-_]+", 64)]
"""The name of a function in this account and Region."""

TargetName = Annotated[str, form("[a-zA-Z0-9-_]+(:[a-zA-Z0-9-_]+)?", 193)]
"""The name of a function, or FUNCTION:ALIAS."""


_SPELLED_OTHERWISE = {"kms_key_arn": "KMSKeyArn"}


def api_parameters(document: Document) -> dict[str, Any]:
    """Return the set fields with their names in the AWS API."""
    values = {name: getattr(document, name) for name in type(document).model_fields}
    return {_api_name(name): _api_value(value) for name, value in values.items() if value is not None}


def _api_name(name: str) -> str:
    return _SPELLED_OTHERWISE.get(name) or "".join(part.capitalize() for part in name.split("_"))


def _api_value(value: object) -> object:
    if isinstance(value, Document):
        return api_parameters(value)
    return [_api_value(each) for each in value] if isinstance(value, tuple) else value
