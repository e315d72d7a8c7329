"""The routing in a request: users instead of calls, and which users."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from tidegate.domain.request.fields import Document, Many, form

MOST_LISTED = 200
"""Users in `always` or `never`: every caller reads them twice a minute."""

_PSEUDONYM = re.compile("[0-9a-f]{16}")


def _pseudonym(text: str) -> str:
    if not _PSEUDONYM.fullmatch(text):
        raise ValueError("is not a pseudonym, 16 hexadecimal digits: tidegate_route.pseudonym(USER) computes it")
    return text


Pseudonym = Annotated[str, AfterValidator(_pseudonym), Field(json_schema_extra={"pattern": f"^{_PSEUDONYM.pattern}$"})]
MOST_LOG_GROUPS, LONGEST_LOG_GROUP = 10, 512
LogGroup = Annotated[str, form("[a-zA-Z0-9_/.#-]+", LONGEST_LOG_GROUP)]
"""The name of a log group (botocore, `logs/2014-03-28`, LogGroupName)."""


class UserRouting(Document):
    """Users instead of calls. `"users"` alone is short for `{"mode": "users"}`."""

    mode: Literal["users"] = Field(
        default="users",
        description="`users`: the weight of a step is the share of the users that callers with Tidegate's library send "
        "to the new version, always the same ones.",
        examples=["users"],
    )
    log_groups: Annotated[Many[LogGroup], Field(max_length=MOST_LOG_GROUPS)] = Field(
        default=(),
        description="Log groups of the callers, where their library writes which users failed: those are compared. "
        "Tidegate's parameter CallerLogGroupPattern must allow them. Default: those of the functions of the release.",
        examples=[["/aws/lambda/shop-api"]],
    )
    cohort: Annotated[str, form("[a-zA-Z0-9._-]+", 64)] | None = Field(
        default=None,
        description="Releases with the same cohort choose the same users: for functions that are released separately "
        "and belong together. Default: each release chooses others, the same for all its functions.",
        examples=["checkout-flow"],
    )
    same_users_as: Annotated[str, form("[a-zA-Z0-9_-]+", 80)] | None = Field(
        default=None,
        description="Choose the users of an earlier release again, for a second try.",
        examples=["checkout-7"],
    )
    always: Annotated[Many[Pseudonym], Field(max_length=MOST_LISTED)] = Field(
        default=(),
        description="Users who meet the new version from the first step on, by the pseudonyms that the library "
        "computes.",
        examples=[["c733865ee7d0b49a"]],
    )
    never: Annotated[Many[Pseudonym], Field(max_length=MOST_LISTED)] = Field(
        default=(),
        description="Users who meet it only after the promotion, by their pseudonyms.",
        examples=[["c733865ee7d0b49a"]],
    )


def _written_out(value: object) -> object:
    return {"mode": value} if isinstance(value, str) else value


RoutingField = Annotated[
    UserRouting, BeforeValidator(_written_out, json_schema_input_type=Literal["users"] | UserRouting)
]
