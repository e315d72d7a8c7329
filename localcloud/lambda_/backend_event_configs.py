"""The calls about asynchronous invocations: retries, age and destinations, for each qualifier by itself.

Lambda guide, "Configuring error handling settings for asynchronous invocations".
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import EventInvokeConfig

from localcloud.clock import current
from localcloud.lambda_ import errors
from localcloud.lambda_.naming import parse
from localcloud.lambda_.versions import LATEST

if TYPE_CHECKING:
    from localcloud.lambda_.functions import Function, Functions

_SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


class EventConfigCalls:
    functions: "Functions"

    def put_event_config(self, function_name: str, qualifier: str | None, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Set what is given, and nothing else."""
        function, qualifier = self._qualified_function(function_name, qualifier)
        settings = {name: wanted[name] for name in _SETTINGS if name in wanted}
        if not settings:
            raise errors.invalid("You must specify at least one error handling or destination setting.")
        arn = function.arn(qualifier)
        settings["DestinationConfig"] = {"OnSuccess": {}, "OnFailure": {}, **settings.get("DestinationConfig", {})}
        config = EventInvokeConfig(arn, current().time(), settings)  # type: ignore[arg-type] # shown as a number
        function.event_configs[qualifier] = config
        return config.response()

    def update_event_config(
        self, function_name: str, qualifier: str | None, wanted: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Set what is given; the rest stays."""
        now = self._event_config(function_name, qualifier).config
        return self.put_event_config(function_name, qualifier, {**now, **wanted})

    def get_event_config(self, function_name: str, qualifier: str | None) -> dict[str, Any]:
        return self._event_config(function_name, qualifier).response()

    def delete_event_config(self, function_name: str, qualifier: str | None) -> None:
        self._event_config(function_name, qualifier)
        function, qualifier = self._qualified_function(function_name, qualifier)
        del function.event_configs[qualifier]

    def list_event_configs(self, function_name: str) -> list[dict[str, Any]]:
        return [config.response() for config in self.functions.find(function_name).event_configs.values()]

    def _event_config(self, function_name: str, qualifier: str | None) -> EventInvokeConfig:
        function, qualifier = self._qualified_function(function_name, qualifier)
        if qualifier not in function.event_configs:
            raise errors.not_found(f"The function {function.arn(qualifier)} doesn't have an EventInvokeConfig")
        return function.event_configs[qualifier]

    def _qualified_function(self, function_name: str, qualifier: str | None) -> tuple["Function", str]:
        name, qualifier = parse(function_name, qualifier)
        function = self.functions.find(name, qualifier)
        function.resolve(qualifier)  # raises ResourceNotFoundException
        return function, qualifier or LATEST
