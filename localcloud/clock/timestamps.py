"""Makes moto's own timestamps come from the emulated clock."""

import datetime as real
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from localcloud.clock.clock import current

# Where moto makes timestamps that a client can see; not where it parses and serialises them.
PATCHED_MODULES = (
    "moto.core.utils",
    "moto.awslambda.models",
    "moto.cloudwatch.models",
    "moto.iam.models",
    "moto.logs.models",
    "moto.sts.models",
    "moto.stepfunctions.models",
    "moto.stepfunctions.parser.models",
    "moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record",
    "moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl",
    "moto.stepfunctions.parser.asl.component.state.state",
    "moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp",
    "moto.stepfunctions.parser.asl.eval.event.event_manager",
    "moto.stepfunctions.parser.backend.alias",
    "moto.stepfunctions.parser.backend.execution",
    "moto.stepfunctions.parser.backend.state_machine",
)


class _AnyDatetime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, real.datetime)


class EmulatedDatetime(real.datetime, metaclass=_AnyDatetime):
    """The class `datetime`, but for what time it is now."""

    @classmethod
    def now(cls, tz: real.tzinfo | None = None) -> Any:
        moment = current().now()
        return moment.astimezone(tz) if tz else moment.astimezone().replace(tzinfo=None)

    @classmethod
    def utcnow(cls) -> Any:
        return current().now().replace(tzinfo=None)


def _emulated_module() -> ModuleType:
    module = ModuleType("datetime")
    module.__dict__.update(vars(real))
    module.datetime = EmulatedDatetime  # type: ignore[attr-defined] # a module may carry any name
    return module


def install() -> None:
    """Replace `datetime` (the module or the class, whichever was imported) in moto's modules."""
    module = _emulated_module()
    for name in PATCHED_MODULES:
        import_module(name)
        namespace = vars(sys.modules[name])
        namespace["datetime"] = module if isinstance(namespace["datetime"], ModuleType) else EmulatedDatetime
