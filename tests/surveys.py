"""What the preflight read about a target, with everything filled in that a test does not care about."""

from collections.abc import Mapping
from typing import Any

from tests.builders import NOON, a_request
from tidegate.domain.alias import AliasState
from tidegate.domain.planning.plan_builder import make_plan
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.version import Content

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:checkout"
ROLE = "arn:aws:iam::123456789012:role/checkout"


NONE: Mapping[str, int] = {}


def content(code: str = "old", **settings: Any) -> Content:
    usual = {"Role": ROLE, "Runtime": "python3.13", "Timeout": 3, "Architectures": ["arm64"], "PackageType": "Zip"}
    return Content(code, {name: value for name, value in {**usual, **settings}.items() if value is not None})


def a_survey(
    *,
    latest: Content | None = None,
    stable: Content | None = None,
    facts: Any = (),
    runtimes: tuple[str, str] = ("", ""),
    environments: Mapping[str, int] = NONE,
    carries: bool = False,
    **request: Any,
) -> Survey:
    """Give a target whose alias serves version 42, and whose $LATEST has other code unless told so."""
    new, old = latest or content("new"), stable or content()
    state = Inspected(
        configuration={"FunctionArn": ARN, **new.settings},
        alias=AliasState("42"),
        timeouts=(3, 3),
        latest=new,
        stable=old,
        released=new,
        runtimes=runtimes,
        environments=environments,
        carries=carries,
    )
    asked = a_request(**request)
    plan = make_plan(asked, [state], now=NOON, retention_days=400)
    return Survey(asked.targets[0], state, plan, dict(facts))


def only(found: Any) -> Conclusion:
    """Give the only conclusion of a check."""
    (conclusion,) = found
    assert isinstance(conclusion, Conclusion)
    return conclusion
