"""Put our Lambda in the place of moto's, for every account and region."""

from moto.awslambda.models import lambda_backends
from moto.core.base_backend import backend_lock

from localcloud.lambda_ import cloudformation, lifecycle, scratch, service, urls
from localcloud.lambda_.backend import Backend
from localcloud.lambda_.event_sources import bells, poller
from localcloud.lambda_.runtime import endpoint


def install(endpoint_url: str | None = None) -> None:
    """Have moto use our backend; to be called before the front serves its first Lambda call.

    `endpoint_url` is where functions find the services; `use_endpoint` may say so later.
    """
    with backend_lock:
        Backend.routes = urls
        lambda_backends.backend = Backend
        lambda_backends.clear()
    bells.install()
    cloudformation.install()
    lifecycle.reset()
    service.start()
    if endpoint_url:
        endpoint.use(endpoint_url)


def shutdown() -> None:
    """End all execution environments and forget all functions."""
    poller.stop_all()
    service.shutdown()
    lambda_backends.clear()
    scratch.remove()
