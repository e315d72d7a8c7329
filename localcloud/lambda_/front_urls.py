"""The answers about function URLs, which moto gives without a qualifier."""

import json
from typing import Any, Protocol

from localcloud.lambda_.backend import Backend

Reply = tuple[int, dict[str, Any], str | bytes]


class Asked(Protocol):
    """What the front gives its parts."""

    backend: Backend
    json_body: dict[str, Any]
    _function_name: str

    def _query(self, name: str) -> str | None: ...

    def _page(self, member: str, shown: list[dict[str, Any]]) -> str: ...


class UrlAnswers:
    def create_function_url_config(self: Asked) -> Reply:
        made = self.backend.create_url(self._function_name, self._query("Qualifier"), self.json_body)
        return 201, {"status": 201}, json.dumps(made)

    def get_function_url_config(self: Asked) -> str:
        return json.dumps(self.backend.get_url(self._function_name, self._query("Qualifier")))

    def update_function_url_config(self: Asked) -> str:
        return json.dumps(self.backend.update_url(self._function_name, self._query("Qualifier"), self.json_body))

    def delete_function_url_config(self: Asked) -> Reply:
        self.backend.delete_url(self._function_name, self._query("Qualifier"))
        return 204, {"status": 204}, ""

    def list_function_url_configs(self: Asked) -> str:
        return self._page("FunctionUrlConfigs", self.backend.list_urls(self._function_name))
