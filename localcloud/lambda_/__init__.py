"""Lambda: moto's front, a control plane that behaves as AWS does, and functions that run for real."""

from localcloud.lambda_ import lifecycle, routing, throttle
from localcloud.lambda_.code import register_folder, register_image
from localcloud.lambda_.event_end import ends
from localcloud.lambda_.install import install, shutdown
from localcloud.lambda_.invocation import Invocation, observers
from localcloud.lambda_.runtime import function_clock
from localcloud.lambda_.runtime.endpoint import use as use_endpoint
from localcloud.lambda_.service import invoke, kill_environment

__all__ = [
    "Invocation",
    "ends",
    "function_clock",
    "install",
    "invoke",
    "kill_environment",
    "lifecycle",
    "observers",
    "register_folder",
    "register_image",
    "routing",
    "shutdown",
    "throttle",
    "use_endpoint",
]
