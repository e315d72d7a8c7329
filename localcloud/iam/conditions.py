"""The Condition element of a policy."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.iam.context import Context
from localcloud.iam.matching import arn_like, like

Test = Callable[[str, str], bool]


def _numbers(compare: Callable[[float, float], bool]) -> Test:
    return lambda given, wanted: compare(float(given), float(wanted))


def _dates(compare: Callable[[float, float], bool]) -> Test:
    return lambda given, wanted: compare(_instant(given), _instant(wanted))


def _instant(text: str) -> float:
    if text.replace(".", "", 1).isdigit():
        return float(text)
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _equal(given: Any, wanted: Any) -> bool:
    return bool(given == wanted)


def _same_word(given: str, wanted: str) -> bool:
    return given.lower() == wanted.lower()


ORDERED: dict[str, Callable[[float, float], bool]] = {
    "Equals": _equal,
    "LessThan": lambda given, wanted: given < wanted,
    "LessThanEquals": lambda given, wanted: given <= wanted,
    "GreaterThan": lambda given, wanted: given > wanted,
    "GreaterThanEquals": lambda given, wanted: given >= wanted,
}
TESTS: dict[str, Test] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _same_word,
    "StringLike": like,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": _same_word,
    **{f"Numeric{name}": _numbers(compare) for name, compare in ORDERED.items()},
    **{f"Date{name}": _dates(compare) for name, compare in ORDERED.items()},
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


def met(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Return whether all conditions hold. A condition on an unknown key does not hold."""
    return all(
        context.is_knowable(key) and _holds(operator, context.values(key), _texts(wanted))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, given: list[str] | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return (given is None) == (wanted[0].lower() == "true")
    quantifier, _, name = operator.rpartition(":")
    if name.endswith("IfExists"):
        if given is None:
            return True
        name = name.removesuffix("IfExists")
    return _quantified(quantifier, name, given, wanted)


def _quantified(quantifier: str, name: str, given: list[str] | None, wanted: list[str]) -> bool:
    """Apply AWS's rules for a key the call lacks: ForAllValues and negated operators hold, others do not."""
    negated = name in NEGATED
    test = TESTS.get(NEGATED.get(name, name))
    if test is None:
        return False
    if quantifier == "ForAllValues":
        return all(negated != _any(test, value, wanted) for value in given or [])
    if given is None:
        return negated and not quantifier
    if quantifier == "ForAnyValue" or not negated:
        return any(negated != _any(test, value, wanted) for value in given)
    return not any(_any(test, value, wanted) for value in given)


def _any(test: Test, given: str, wanted: list[str]) -> bool:
    return any(_passes(test, given, one) for one in wanted)


def _passes(test: Test, given: str, wanted: str) -> bool:
    try:
        return test(given, wanted)
    except ValueError:  # not a number, or not a date: no match
        return False


def _texts(value: Any) -> list[str]:
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
