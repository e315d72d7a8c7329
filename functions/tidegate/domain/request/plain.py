"""Whether a value is JSON that can be stored and shown: the rest may rely on it."""

from collections.abc import Iterator
from math import isfinite

from tidegate.domain.request.problems import Location, Problem

_DEEPEST = 64
_LARGEST = 10**300
BYTE_ORDER_MARK = "\ufeff"


def unusable(raw: object) -> Iterator[Problem]:
    """Find what no ledger and no log could hold. Not recursive: it has to survive any depth."""
    waiting: list[tuple[Location, object]] = [((), raw)]
    while waiting:
        location, value = waiting.pop()
        complaint = _complaint(value, len(location))
        if complaint:
            yield Problem(location, complaint)
        elif isinstance(value, dict):
            waiting.extend(((*location, _shown_key(key)), inner) for key, inner in value.items())
            if not all(_is_text(key) for key in value):
                yield Problem(location, "has a name that is no valid text")
            elif any(key.startswith(BYTE_ORDER_MARK) for key in value):
                yield Problem(location, "has a name that begins with a byte order mark (U+FEFF): write it without")
        elif isinstance(value, list):
            waiting.extend(((*location, index), inner) for index, inner in enumerate(value))


def _complaint(value: object, depth: int) -> str | None:
    if depth > _DEEPEST:
        return f"is nested more than {_DEEPEST} levels deep"
    if isinstance(value, str):
        return None if _is_text(value) else "has half of a surrogate pair, which is no valid text"
    if isinstance(value, float):
        return None if isfinite(value) else "is NaN or infinite, which JSON has no number for"
    if isinstance(value, int):
        return None if abs(value) < _LARGEST else "is a number of more than 300 digits"
    if value is None or isinstance(value, dict | list):
        return None
    return f"is a Python {type(value).__name__}, not JSON"


def _is_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown_key(key: object) -> str:
    return str(key).encode(errors="replace").decode()
