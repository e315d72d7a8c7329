"""Serves the archives of code and layers by links, in ranges, as Amazon S3 does behind Lambda's presigned links."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

PATH = "/.archives/"

_held: dict[str, Callable[[], bytes]] = {}


def link(endpoint: str, name: str, content: Callable[[], bytes]) -> str:
    """Return a link to an archive, which is made when somebody follows it."""
    _held[name] = content
    return f"{endpoint}{PATH}{name}"


class Archives:
    """Answers for these links, and lets everything else through."""

    def __init__(self, application: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith(PATH):
            return self._application(environ, start_response)
        content = _held.get(path.removeprefix(PATH))
        if content is None:
            return NotFound()(environ, start_response)
        body = content()
        answer = Response(body, mimetype="application/zip")
        answer.make_conditional(Request(environ), accept_ranges=True, complete_length=len(body))
        return answer(environ, start_response)
