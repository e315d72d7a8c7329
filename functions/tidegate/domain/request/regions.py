"""The Regions and accounts of a release, and what each of them is requested to release."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from tidegate.domain.request.fields import Document, Many, form
from tidegate.domain.request.problems import Problem

MOST_GROUPS = 20
MOST_REGIONS = 50
REGION = r"[a-z]{2,8}(-[a-z]{1,16}){1,4}-[0-9]{1,2}"
OF_A_PARENT = ("regions", "regions_on_failure")
"""Fields of a request that the releases of its Regions do not have."""

PARENT = "parent"
"""The label of such a release that names the execution that started it: another one is another request."""

MOST_LABELS = 19
"""One less than a request can have: that is the label above."""

SOME_ACCOUNT = "123456789012"
"""For requests that are read where the account of the stack is unknown."""

RegionName = Annotated[str, form(REGION, 40)]


class RegionRequest(Document):
    """One Region of an account, with a stack of Tidegate's own there."""

    region: RegionName = Field(description="Name of the Region.", examples=["eu-west-1"])
    account: Annotated[str, form("[0-9]{12}")] | None = Field(
        default=None, description="ID of the account. Default: that of this stack.", examples=["222222222222"]
    )
    stack: Annotated[str, form("[a-zA-Z][-a-zA-Z0-9]*", 128)] | None = Field(
        default=None, description="Name of Tidegate's stack there. Default: that of this stack.", examples=["tidegate"]
    )


def _written_short(value: object) -> object:
    return {"region": value} if isinstance(value, str) else value


RegionField = Annotated[
    RegionRequest, BeforeValidator(_written_short, json_schema_input_type=RegionName | RegionRequest)
]
RegionGroups = Annotated[
    Many[Annotated[Many[RegionField], Field(min_length=1, max_length=MOST_REGIONS)]],
    Field(
        max_length=MOST_GROUPS,
        description="Release in these Regions instead, by Tidegate's stack in each; the Regions of a group together, "
        "one group after the other. `{region}` and `{account}` in texts of the request are replaced. Requires "
        "Tidegate's parameter RegionsRole.",
        examples=[[["eu-west-1"], ["us-east-1", {"region": "ap-southeast-2", "account": "222222222222"}]]],
    ),
]
OnRegionFailure = Annotated[
    Literal["leave", "rollback"],
    Field(
        description="What to do with the Regions that are already released when a later one fails: `leave` them, or "
        "roll them back (`rollback`).",
        examples=["rollback"],
    ),
]


def region_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Find a Region that is named twice, too many of them, and what a release of several cannot do."""
    groups = document.get("regions")
    if not groups:
        if document.get("regions_on_failure") == "rollback":
            yield Problem(("regions_on_failure",), "is for a release of several Regions: name them in regions")
        return
    if document.get("dry_run"):
        text = "is not for a release of several Regions, which begins with a dry run in each: plan it in one of them"
        yield Problem(("dry_run",), text, "tidegate --region eu-west-1 plan checkout")
    labels = document.get("labels")
    if isinstance(labels, dict) and len({*labels, PARENT}) > MOST_LABELS + 1:
        yield Problem(
            ("labels",), f"has {len(labels)} labels; in a release of several Regions the limit is {MOST_LABELS}"
        )
    for place, target in enumerate(document["targets"] if isinstance(document.get("targets"), list) else []):
        if isinstance(target, dict) and target.get("version") is not None:
            text = "is the number of a version in one Region; each Region numbers its own: release what is in $LATEST"
            yield Problem(("targets", place, "version"), text)
    named = [
        ((number, place), _key(one))
        for number, group in enumerate(groups if isinstance(groups, list) else [])
        for place, one in enumerate(group if isinstance(group, list) else [])
    ]
    if len(named) > MOST_REGIONS:
        yield Problem(("regions",), f"has {len(named)} Regions; the limit is {MOST_REGIONS}")
    known = set[str]()
    for (number, place), key in named:
        if key in known:
            yield Problem(("regions", number, place), f"{key} is already listed: name each stack once")
        known.add(key)


def _key(one: object) -> str:
    return json.dumps({"region": one} if isinstance(one, str) else one, sort_keys=True)[:200]


def sampled(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a request as the first of its Regions has it, if it names some: it can then be validated."""
    groups = raw.get("regions")
    first = groups[0][0] if isinstance(groups, list) and groups and isinstance(groups[0], list) and groups[0] else None
    fields = {"region": first} if isinstance(first, str) else first if isinstance(first, dict) else {}
    region, account = fields.get("region"), fields.get("account") or SOME_ACCOUNT
    if not isinstance(region, str) or not isinstance(account, str):
        return raw
    return {name: value if name in OF_A_PARENT else _of_region(value, region, account) for name, value in raw.items()}


def _of_region(value: Any, region: str, account: str) -> Any:
    text = json.dumps(value).replace("{region}", json.dumps(region)[1:-1])
    return json.loads(text.replace("{account}", json.dumps(account)[1:-1]))


def request_of(raw: Mapping[str, Any], execution: str, region: str, account: str) -> dict[str, Any]:
    """Return the request for one Region: `{region}` and `{account}` in its texts are those of the Region.

    `execution` is the ARN of the one that starts it.
    """
    own = {name: value for name, value in raw.items() if name not in OF_A_PARENT}
    request: dict[str, Any] = _of_region(own, region, account)
    labels = request.get("labels") or {}
    if isinstance(labels, dict):
        request["labels"] = {**labels, PARENT: execution}
    return request
