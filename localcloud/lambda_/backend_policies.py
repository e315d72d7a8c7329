"""The calls about resource policies: one policy per qualifier, as on AWS."""

from typing import TYPE_CHECKING, Any

from localcloud.lambda_.naming import parse

if TYPE_CHECKING:
    from localcloud.lambda_.functions import Functions


class PolicyCalls:
    functions: "Functions"

    def _policy(self, function_name: str, qualifier: str | None) -> Any:
        name, qualifier = parse(function_name, qualifier)
        function = self.functions.find(name, qualifier)
        if qualifier in function.aliases:
            return function.aliases[qualifier].policy
        return function.resolve(qualifier).policy

    def add_permission(self, function_name: str, qualifier: str | None, raw: str) -> dict[str, Any]:
        statement, _ = self._policy(function_name, qualifier).add_statement(raw, parse(function_name, qualifier)[1])
        added: dict[str, Any] = statement
        return added

    def get_policy(self, function_name: str, qualifier: str | None = None) -> str:
        return str(self._policy(function_name, qualifier).wire_format())

    def remove_permission(self, function_name: str, sid: str, revision: str = "", qualifier: str | None = None) -> None:
        self._policy(function_name, qualifier).del_statement(sid, revision)
