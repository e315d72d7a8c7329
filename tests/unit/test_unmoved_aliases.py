"""A release may ask that it moves only an alias that nobody has moved since the last release of it."""

import pytest

from tidegate.aws import going_back
from tidegate.aws.ledger import history
from tidegate.domain.alias import AliasState
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.limits import ANYTHING
from tidegate.domain.request.parse import parse_request


@pytest.mark.parametrize(
    ("live", "found", "moved"),
    [
        ("43", AliasState("43"), False),
        ("43", AliasState("42"), False),  # where it is to go
        ("43", AliasState("44"), True),
        ("43", AliasState("43", {"44": 0.1}), True),
        ("43", None, True),
        (None, AliasState("44"), False),  # no release of it is known
    ],
)
def test_an_alias_that_somebody_has_moved_refuses_the_release(
    live: str | None, found: AliasState | None, moved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "live_version", lambda _target: live)
    states = [Inspected({}, found)]
    asked = {"function": "checkout", "version": 42}
    problems = going_back.moved(parse_request({**asked, "unmoved": True}, limits=ANYTHING), states)
    assert bool(problems) is moved
    assert all("somebody has moved checkout:live since version 43 was released" in each for each in problems)
    assert going_back.moved(parse_request(asked, limits=ANYTHING), states) == []
