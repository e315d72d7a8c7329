"""The calls about function URLs: one for the unqualified function and one for each alias, as on AWS.

Lambda guide, "Creating and managing Lambda function URLs". moto knows no Qualifier and no list.
Nothing listens at a URL.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.moto_api._internal import mock_random

from localcloud.clock import current
from localcloud.lambda_ import errors
from localcloud.lambda_.naming import parse

if TYPE_CHECKING:
    from localcloud.lambda_.functions import Function, Functions


class UrlCalls:
    functions: "Functions"

    def create_url(self, function_name: str, qualifier: str | None, wanted: Mapping[str, Any]) -> dict[str, Any]:
        function, qualifier = self._of_url(function_name, qualifier)
        if qualifier and qualifier not in function.aliases:
            raise errors.invalid("Qualifier must be the name of an alias.")
        if qualifier in function.urls:
            raise errors.conflict(f"FunctionUrlConfig exists for this Lambda function {function.arn(qualifier)}")
        now = current().now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
        function.urls[qualifier] = {
            "FunctionUrl": f"https://{mock_random.uuid4().hex}.lambda-url.{function.latest.region}.on.aws/",
            "FunctionArn": function.arn(qualifier or None),
            "AuthType": wanted["AuthType"],
            "InvokeMode": wanted.get("InvokeMode", "BUFFERED"),
            "CreationTime": now,
            "LastModifiedTime": now,
            **({"Cors": wanted["Cors"]} if "Cors" in wanted else {}),
        }
        return function.urls[qualifier]

    def get_url(self, function_name: str, qualifier: str | None) -> dict[str, Any]:
        function, qualifier = self._of_url(function_name, qualifier)
        if qualifier not in function.urls:
            raise errors.not_found("The resource you requested does not exist.")
        return function.urls[qualifier]

    def update_url(self, function_name: str, qualifier: str | None, wanted: Mapping[str, Any]) -> dict[str, Any]:
        config = self.get_url(function_name, qualifier)
        config.update({name: wanted[name] for name in ("AuthType", "InvokeMode", "Cors") if name in wanted})
        return config

    def delete_url(self, function_name: str, qualifier: str | None) -> None:
        self.get_url(function_name, qualifier)
        function, qualifier = self._of_url(function_name, qualifier)
        del function.urls[qualifier]

    def list_urls(self, function_name: str) -> list[dict[str, Any]]:
        return list(self.functions.find(function_name).urls.values())

    def _of_url(self, function_name: str, qualifier: str | None) -> tuple["Function", str]:
        name, qualifier = parse(function_name, qualifier)
        return self.functions.find(name, qualifier), qualifier or ""
