"""The query language: jsonata-python with the functions that Step Functions adds and takes away."""

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from jsonata import Jsonata
from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.utils import Utils

from localcloud.clock import current

HASHES = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}
LONGEST_RANGE = 1000


class QueryError(Exception):
    """The expression has no value that a state could use; the message says why."""


def check(expression: str) -> None:
    """Raise QueryError where the expression is not JSONata."""
    _compiled(expression)


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """Give the value of an expression as plain JSON values; raises QueryError.

    Variables are bound as values, never as text: nothing in them can be taken for a piece of the expression.
    """
    bound = {name: _with_nulls(value) for name, value in variables.items()}
    compiled = _compiled(expression)
    compiled.set_output_convert_nulls(False)
    try:
        result = compiled.evaluate(None, {**_functions(), **bound})
    except (JException, RecursionError, ArithmeticError, TypeError, ValueError) as error:
        raise QueryError(f"The JSONata expression '{expression}' threw an error: {error}") from error
    if result is None:
        raise QueryError(f"The JSONata expression '{expression}' returned nothing (undefined).")
    return _plain(result, expression)


def _compiled(expression: str) -> Any:
    try:
        return Jsonata(expression)
    except JException as error:
        raise QueryError(f"'{expression}' is not a JSONata expression: {error}") from error


def _with_nulls(value: Any) -> Any:
    # To jsonata-python, None is "undefined"; a JSON null has a value of its own.
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {key: _with_nulls(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_nulls(inner) for inner in value]
    return value


def _plain(value: Any, expression: str) -> Any:
    if value is None or value is Utils.NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {key: _plain(inner, expression) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, expression) for inner in value]
    if isinstance(value, str | bool | int | float):
        return value
    raise QueryError(f"The JSONata expression '{expression}' returned an unsupported result type.")


def _functions() -> dict[str, Any]:
    added: dict[str, Callable[..., Any]] = {
        "parse": lambda text: _with_nulls(json.loads(text)),
        "partition": _partition,
        "range": _range,
        "hash": _hash,
        "uuid": lambda: str(uuid.uuid4()),
        "random": _random,
        "now": _now,
        "millis": lambda: int(current().time() * 1000),
        "eval": _unsupported,
    }
    return {name: Jsonata.JLambda(function) for name, function in added.items()}


def _partition(values: list[Any], size: int) -> list[list[Any]]:
    return [list(values[start : start + int(size)]) for start in range(0, len(values), int(size))]


def _range(first: int, last: int, step: int) -> list[int]:
    values = list(range(int(first), int(last) + (1 if step > 0 else -1), int(step)))
    if len(values) > LONGEST_RANGE:
        raise ValueError(f"$range gives {len(values)} values, more than {LONGEST_RANGE}")
    return values


def _hash(value: Any, algorithm: str) -> str:
    text = value if isinstance(value, str) else json.dumps(_plain(value, "$hash"), separators=(",", ":"))
    return HASHES[algorithm](text.encode()).hexdigest()


def _random(seed: float | None = None) -> float:
    return random.Random(seed).random() if seed is not None else random.random()  # noqa: S311 - JSONata's


def _now(picture: str | None = None, timezone: str | None = None) -> Any:
    return Functions.datetime_from_millis(int(current().time() * 1000), picture, timezone)


def _unsupported(*_: Any) -> Any:
    raise ValueError("Step Functions does not support $eval")
