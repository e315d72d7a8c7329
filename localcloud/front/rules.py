"""Rules of URLs, which are made one at a time.

werkzeug makes a tree of Python code of each. CPython 3.11 and 3.12 count the depth of all threads' trees together, so
it fails (SystemError, "AST constructor recursion depth mismatch") where a collection of garbage lets another thread go
on in between. Clouds make their rules with the first request to each service, many of which come at once.
"""

from functools import wraps
from threading import Lock
from typing import Any

from werkzeug.routing.rules import Rule

making = Lock()


def make_one_at_a_time() -> None:
    make = Rule._compile_builder

    @wraps(make)
    def made(rule: Rule, *arguments: Any, **named: Any) -> Any:
        with making:
            return make(rule, *arguments, **named)

    patched: Any = Rule
    patched._compile_builder = made
