"""Whatever is sent: a request or an InvalidRequest, never anything else."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.property.examples import examples
from tests.property.schema_values import holders
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.models import Request
from tidegate.domain.request.parse import parse_request
from tidegate.domain.request.wording import fields

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [json.loads(path.read_text()) for path in sorted((DOCS / "examples").glob("*.json"))]
SCHEMA = Draft202012Validator(json.loads((DOCS / "request.schema.json").read_text()))
OPEN = Limits("*", "tidegate-", allow_code=True, allow_configuration=True, allow_keep=True, roles=("*",))
NAMES = sorted({place[-1] for place in fields()})

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=12)
    | st.sampled_from(["$LATEST", "7", "live", "5m", "guarded", "\ud800", 10**400, -0.0])
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=20,
)


def outcome(raw: object) -> Request | None:
    try:
        return parse_request(raw, limits=OPEN)
    except InvalidRequest as refused:
        _check_words(refused)
        return None


def _check_words(refused: InvalidRequest) -> None:
    assert refused.problems
    for problem in refused.problems:
        assert ": " in problem
        assert "; example: " in problem
    str(refused).encode()


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """Take an example and put something else, or one more thing, at a few places in it."""
    raw = deepcopy(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(0, 3))):
        holder = draw(st.sampled_from(list(holders(raw))))
        if isinstance(holder, list):
            holder[draw(st.integers(0, len(holder) - 1))] = draw(anything)
        else:
            holder[draw(st.sampled_from([*holder, *NAMES]))] = draw(_values())
    return raw


def _values() -> st.SearchStrategy[Any]:
    """Give anything, or what is right somewhere."""
    right = [example for field in fields().values() for example in field.examples or []]
    return anything | st.sampled_from(right).map(deepcopy)


@given(anything)
@examples(300)
def test_any_value_is_read_or_refused_in_words(raw: object) -> None:
    outcome(raw)


@given(spoilt())
@examples(400)
def test_a_spoilt_request_is_read_or_refused_in_words(raw: object) -> None:
    outcome(raw)


@given(spoilt())
@examples(300)
def test_what_is_read_can_be_stored_and_read_again(raw: object) -> None:
    request = outcome(raw)
    if request is None:
        return
    stored = request.model_dump(mode="json")
    assert parse_request(json.loads(json.dumps(stored)), limits=OPEN) == request
    assert Request.model_validate(stored) == request


@given(spoilt())
@examples(300)
def test_the_schema_allows_all_that_is_read(raw: Any) -> None:
    if outcome(raw) is not None:
        SCHEMA.validate(raw)


@pytest.mark.parametrize("deep", [65, 5_000, 100_000])
def test_depth_is_refused_in_words(deep: int) -> None:
    payload: list[Any] = []
    for _ in range(deep):
        payload = [payload]
    assert outcome({"function": "checkout", "probe": {"payload": payload}}) is None
