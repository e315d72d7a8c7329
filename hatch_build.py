"""Puts Tidegate itself into a wheel, for `tidegate try` to deploy. An editable installation has it in the checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

APPLICATION = ("template.yaml", "statemachine", "functions", "routing")


class Application(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update({name: f"localcloud/application/{name}" for name in APPLICATION})
