"""What people ask of a function that they invoke: read strictly, refused with the path and an example."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from tidegate.domain.errors import InvalidRequest
from tidegate.domain.request.fields import Document
from tidegate.domain.request.plain import unusable
from tidegate.domain.request.problems import Problem, path
from tidegate.domain.request.wording import problem_of


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("has to say something, in one line")
    return text


Line = Annotated[str, Field(max_length=256), AfterValidator(_line)]
Form = TypeVar("Form", bound=Document)


def read_object(raw: object, smallest: str) -> Mapping[str, Any]:
    """Read an order's fields, whatever its form; `smallest` is an example of a whole one.

    Raises
    ------
    InvalidRequest
        Where it is none, or holds what no document can.
    """
    problems = list(unusable(raw))
    if problems or not isinstance(raw, Mapping):
        raise refusal(problems or [Problem((), "has to be an object")], smallest)
    return raw


def read_order(form: type[Form], raw: Mapping[str, Any], smallest: str) -> Form:
    """Read an order of one form; `smallest` as for `read_object`.

    Raises
    ------
    InvalidRequest
        With every problem found: the field's path, what was wrong, an example.
    """
    try:
        return form.model_validate(raw)
    except ValidationError as error:
        problems = [_problem(form, each, smallest) for each in error.errors(include_url=False)]
        raise refusal(problems, smallest, form) from None


def refusal(problems: list[Problem], smallest: str, form: type[Document] | None = None) -> InvalidRequest:
    return InvalidRequest(
        [f"{path(each.location)}: {each.text}; example: {_example(each, smallest, form)}" for each in problems]
    )


def _problem(form: type[Document], error: Any, smallest: str) -> Problem:
    if error["type"] == "extra_forbidden":
        return Problem(error["loc"], f"is no field there; there are: {', '.join(form.model_fields)}", smallest)
    return problem_of(error, short_form=False)


def _example(problem: Problem, smallest: str, form: type[Document] | None) -> str:
    name = problem.location[0] if problem.location else None
    field = form.model_fields.get(str(name)) if form else None
    return f'"{name}": {json.dumps((field.examples or [None])[0])}' if field else problem.example or smallest
