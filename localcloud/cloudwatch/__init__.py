"""Metrics as Lambda publishes them: by minute, late, and none without traffic."""

from localcloud.cloudwatch import responses
from localcloud.cloudwatch.metrics import Metrics

metrics = Metrics()
"""Those of this process; one process holds one cloud."""


def install() -> None:
    """Put our metrics in the place of moto's; doing it again changes nothing."""
    responses.install(metrics)


__all__ = ["Metrics", "install", "metrics"]
