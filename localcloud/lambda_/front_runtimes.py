"""The calls about how Lambda updates the runtime of a version, which moto lacks: kept, and without effect."""

import json
from typing import Any, Protocol

from localcloud.lambda_.versions import FunctionVersion


class Asked(Protocol):
    json_body: dict[str, Any]

    def _qualified(self) -> tuple[FunctionVersion, str]: ...


class RuntimeAnswers:
    def get_runtime_management_config(self: Asked) -> str:
        version, arn = self._qualified()
        return json.dumps({**version.runtime_management, "FunctionArn": arn})

    def put_runtime_management_config(self: Asked) -> str:
        version, arn = self._qualified()
        version.runtime_management = {name: str(value) for name, value in self.json_body.items()}
        return json.dumps({**version.runtime_management, "FunctionArn": arn})
