"""Metrics as Lambda publishes them: by minute, late, and none without traffic."""

from localcloud.cloudwatch import alarms, embedded, logs, responses
from localcloud.cloudwatch.metrics import Metrics
from localcloud.lambda_.asynchronous import accepted
from localcloud.lambda_.invocation import observers

metrics = Metrics()
"""Those of this process; one process holds one cloud."""


def install() -> None:
    """Replace moto's metrics with our empty ones, and count Lambda's invocations."""
    metrics.clear()
    responses.install(metrics)
    alarms.install()
    logs.install()
    embedded.install(metrics)
    if metrics.observe not in observers:
        observers.append(metrics.observe)
        accepted.append(metrics.observe_event)


__all__ = ["Metrics", "install", "metrics"]
