"""The calls about aliases."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import UnknownFunctionException

from localcloud.lambda_ import errors
from localcloud.lambda_.alias import Alias, check_name, parse_weights
from localcloud.lambda_.naming import function_arn, parse

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from localcloud.lambda_.functions import Function, Functions


class AliasCalls:
    functions: "Functions"
    provision: "Callable[[Function, str], None]"
    end_provisioned: "Callable[[Function, str], None]"
    lock: "threading.RLock"
    region_name: str
    account_id: str

    def create_alias(
        self,
        name: str,
        function_name: str,
        function_version: str,
        description: str | None = "",
        routing_config: Mapping[str, Any] | None = None,
    ) -> Alias:
        check_name(name)
        weights = parse_weights(routing_config) or {}
        with self.lock:
            function_name, _ = parse(function_name)
            if function_name not in self.functions.by_name:  # recorded: the answer names the version too
                arn = function_arn(self.region_name, self.account_id, function_name, function_version)
                raise UnknownFunctionException(arn)
            function = self.functions.find(function_name)
            function.check_alias_target(function_version, weights)
            if name in function.aliases:
                raise errors.conflict(f"Alias already exists: {function.arn(name)}")
            alias = Alias(function.arn(), name, function_version, description or "")
            alias.weights = weights
            function.aliases[name] = alias
            return alias

    def update_alias(  # noqa: PLR0917 - moto calls it by position
        self,
        name: str,
        function_name: str,
        function_version: str | None = None,
        description: str | None = None,
        routing_config: Mapping[str, Any] | None = None,
        revision_id: str | None = None,
    ) -> Alias:
        """Change what is given; weights that are not given stay, an empty map clears them."""
        weights = parse_weights(routing_config)
        with self.lock:
            function = self.functions.find(function_name)
            if name not in function.aliases:
                raise errors.not_found(f"Alias not found: {function.arn(name)}")
            alias = function.aliases[name]
            errors.check_revision(revision_id, alias.revision_id)
            version = function_version or alias.function_version
            weights = alias.weights if weights is None else weights
            function.check_alias_target(version, weights)
            function.move_provisioned(alias, version, weights)
            before = alias.function_version
            alias.change(version, weights, description)
            if name in function.provisioned and version != before:
                self.end_provisioned(function, before)
                self.provision(function, name)
            return alias

    def get_alias(self, name: str, function_name: str) -> Alias:
        return self.functions.find(function_name).alias(name)

    def list_aliases(self, function_name: str, function_version: str | None = None) -> Iterable[Alias]:
        """Give all aliases, or those that send anything to that version."""
        aliases = self.functions.find(function_name).aliases
        return [aliases[name] for name in sorted(aliases) if function_version in (None, *aliases[name].versions())]

    def delete_alias(self, name: str, function_name: str) -> None:
        """Delete an alias; one that does not exist is deleted too, as on AWS."""
        with self.lock:
            function = self.functions.find(function_name)
            alias = function.aliases.pop(name, None)
            if function.provisioned.pop(name, None) and alias:
                self.end_provisioned(function, alias.function_version)
            function.event_configs.pop(name, None)
