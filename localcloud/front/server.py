"""The API front: moto's server in this process, on a port of its own."""

import socket
from functools import cache
from threading import Thread
from typing import Any

from flask import Response
from moto.core import responses
from moto.core.utils import method_names_from_class
from moto.moto_server import werkzeug_app
from moto.utilities.constants import JSON_TYPES
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.serving import make_server

from localcloud.front import actions, request_ids, rules
from localcloud.front.archives import Archives
from localcloud.front.connection import OpenConnections, RequestHandler
from localcloud.front.visitors import Visitors

HOST = "127.0.0.1"
WAITING_CONNECTIONS = 512
MOTOS_OWN = "moto_api"
"""What moto serves beside AWS: it empties the cloud, and records and replays calls. None of it is needed here."""

vars(responses)["method_names_from_class"] = cache(method_names_from_class)
"""moto lists the methods of a service for each request, which takes a tenth of it."""

vars(responses)["gen_amzn_requestid_long"] = request_ids.add_to
"""moto draws each letter by itself, which takes longer than to look into a table."""

actions.match_once()
rules.make_one_at_a_time()

vars(werkzeug_app)["DISABLE_GLOBAL_CORS"] = True  # moto lets every page read every answer otherwise


def _application(service: Any) -> Any:
    """Return a service without Flask's debugging, which takes a twentieth of every request for hints on forms."""
    if service == MOTOS_OWN:
        return NotFound()
    application = werkzeug_app.create_backend_app(service)
    application.debug, application.config["PROPAGATE_EXCEPTIONS"] = False, True
    return application


class Dispatcher(werkzeug_app.DomainDispatcherApplication):
    """Remembers which service a host stands for: moto lists its own folder to find out, for each request."""

    def __init__(self) -> None:
        super().__init__(_application)
        self._known: dict[str | None, Any] = {}
        self._views: dict[Any, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in self._known:
            self._known[host] = super().get_backend_for_host(host)
        return self._known[host]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        application = self.get_application(environ)
        plain = [environ[key] for key in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING")] == ["POST", "/", ""]
        if plain and not isinstance(application, HTTPException):
            application = self._answered(application, environ)
        return application(environ, start_response)

    def _answered(self, application: Any, environ: dict[str, Any]) -> Any:
        """Answer what is posted to "/", as most services have it, as Flask would: its way there takes a tenth of it."""
        try:
            if application not in self._views:
                endpoint, _ = application.url_map.bind("localhost").match("/", "POST")
                self._views[application] = application.view_functions[endpoint].callback
            request = _request(environ)
            result = self._views[application](request, f"http://{request.host}/", dict(request.headers))
        except HTTPException as refusal:
            return refusal
        status, headers, body = result if len(result) == 3 else (200, {}, result)
        return Response(body, status, headers)


def _request(environ: dict[str, Any]) -> Any:
    """Return the request as moto wants it; of a body in JSON, werkzeug need not find out that it is no form."""
    request = werkzeug_app.BackendRequest(environ)
    if environ.get("CONTENT_TYPE") in JSON_TYPES and "HTTP_CONTENT_ENCODING" not in environ:
        nothing: ImmutableMultiDict[str, Any] = ImmutableMultiDict()
        vars(request).update(_cached_data=environ["wsgi.input"].read(), form=nothing, files=nothing, values=nothing)
    return request


class Front:
    """The server every client talks to, whatever the service."""

    def __init__(self, port: int = 0) -> None:
        """Listen on `port` (0: any free one); raises OSError if it is taken."""
        self._connections = OpenConnections()
        handler = type("Handler", (RequestHandler,), {"connections": self._connections})
        # werkzeug answers a taken port with print and sys.exit, so it gets a socket that listens already.
        with socket.create_server((HOST, port), backlog=WAITING_CONNECTIONS) as listening:
            self._server = make_server(
                HOST,
                port,
                Visitors(Archives(Dispatcher())),
                threaded=True,
                request_handler=handler,
                fd=listening.fileno(),
            )
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="front")

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._connections.cut_off()
        self._server.server_close()
