"""Environment variables: references to their values, never the values."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from tidegate.domain.request.fields import Document, form

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+", re.ASCII)
_SET_BY_LAMBDA = re.compile(
    "AWS_(REGION|DEFAULT_REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|EXECUTION_ENV|LAMBDA_.*)"
)


def _variable_name(name: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > 256:
        raise ValueError("is not a variable name: use at least two characters: a letter, then letters, digits and _")
    if _SET_BY_LAMBDA.fullmatch(name):
        raise ValueError("is set by Lambda: use a different name")
    return name


VariableName = Annotated[str, AfterValidator(_variable_name)]


class Reference(Document):
    """A reference to the value of an environment variable; the value itself is never in a request."""

    ssm: Annotated[str, form(r"[a-zA-Z0-9_./:-]+", 2048)] | None = Field(
        default=None,
        description="Name of a parameter in Systems Manager Parameter Store.",
        examples=["/shop/log-level"],
    )
    secret: Annotated[str, form(r"[a-zA-Z0-9/_+=.@!:-]+", 2048)] | None = Field(
        default=None, description="Name or ARN of a secret in Secrets Manager.", examples=["shop/database"]
    )
    key: Annotated[str, Field(min_length=1, max_length=256)] | None = Field(
        default=None,
        description="Key of the value, if the secret is a JSON object.",
        examples=["password"],
    )

    @model_validator(mode="before")
    @classmethod
    def _no_literal(cls, value: object) -> object:
        if not isinstance(value, dict):
            raise ValueError(  # noqa: TRY004 - pydantic collects these
                "is a literal value, which history, logs and events would show: store it in Parameter Store "
                "or Secrets Manager and refer to it"
            )
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.ssm is None) == (self.secret is None):
            raise ValueError('needs either "ssm" or "secret"')
        if self.key is not None and self.secret is None:
            raise ValueError('has "key", which is allowed with "secret" only')
        return self
