"""The calls about reserved and provisioned concurrency."""

from typing import TYPE_CHECKING

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException

from localcloud.clock import Thread, current
from localcloud.lambda_ import errors, service
from localcloud.lambda_.concurrency import ACCOUNT_LIMIT, Provisioned, check_kind, check_provisioned, check_reserved
from localcloud.lambda_.naming import function_arn, is_version, parse
from localcloud.lambda_.versions import LATEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud.lambda_.functions import Function, Functions
    from localcloud.lambda_.runtime.executable import Executable
    from localcloud.lambda_.versions import FunctionVersion

_ONLY_FUNCTIONS = (
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
    "Please specify either a function name or an unqualified function ARN."
)


WARM_AT_MOST = 4  # environments started ahead; this machine is no data centre


class ConcurrencyCalls:
    functions: "Functions"
    executable: "Callable[[FunctionVersion], Executable]"
    region_name: str
    account_id: str

    def put_provisioned_concurrency(self, function_name: str, qualifier: str, requested: int) -> Provisioned:
        if qualifier == LATEST:
            raise errors.invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
        function = self._qualified(function_name, qualifier)
        check_kind(function.resolve(qualifier).definition.settings)
        check_provisioned(requested, self._unreserved(function))
        function.check_provisioned_place(qualifier)
        config = Provisioned(requested, current().time())
        function.provisioned[qualifier] = config
        function.resolve(qualifier).touch()
        self.provision(function, qualifier)
        return config

    def provision(self, function: "Function", qualifier: str) -> None:
        """Begin to have environments ready for a version or an alias that has provisioned concurrency."""
        config = function.provisioned[qualifier]
        config.initialised = config.failed = False
        Thread(target=self._warm_up, args=(function, qualifier, config), daemon=True).start()

    def end_provisioned(self, function: "Function", version: str) -> None:
        service.invoker().fleet.end_provisioned(self.executable(function.version(version)))

    def get_provisioned_concurrency(self, function_name: str, qualifier: str) -> Provisioned:
        config = self._published(function_name, qualifier).provisioned.get(qualifier)
        if config is None:
            text = "No Provisioned Concurrency Config found for this function"
            raise errors.LambdaError("ProvisionedConcurrencyConfigNotFoundException", 404, text)
        return config

    def delete_provisioned_concurrency(self, function_name: str, qualifier: str) -> None:
        function = self._published(function_name, qualifier)
        if function.provisioned.pop(qualifier, None):
            self.end_provisioned(function, str(function.resolve(qualifier).version))

    def list_provisioned_concurrency(self, function_name: str) -> list[tuple[str, Provisioned]]:
        """(ARN, configuration) for each qualifier that has one."""
        function = self.functions.find(function_name)
        return [(function.arn(qualifier), config) for qualifier, config in function.provisioned.items()]

    def put_function_concurrency(self, function_name: str, reserved_concurrency: int) -> int:
        name, qualifier = parse(function_name)
        if qualifier:
            raise errors.invalid(_ONLY_FUNCTIONS)
        function = self._concurrent(name)
        requested = int(reserved_concurrency)
        provisioned = sum(config.requested for config in function.provisioned.values())
        check_reserved(requested, self._unreserved(function), provisioned)
        function.reserved = requested
        return requested

    def get_function_concurrency(self, function_name: str) -> int | None:
        return self.functions.find(function_name).reserved

    def delete_function_concurrency(self, function_name: str) -> None:
        self.functions.find(function_name).reserved = None

    def _concurrent(self, name: str) -> "Function":
        if name not in self.functions.by_name:  # recorded: the answer names $LATEST here
            raise UnknownFunctionException(function_arn(self.region_name, self.account_id, name, LATEST))
        return self.functions.find(name)

    def _published(self, function_name: str, qualifier: str) -> "Function":
        if qualifier == LATEST:
            raise errors.invalid("The function resource provided must be an alias or a published version.")
        return self._qualified(function_name, qualifier)

    def _qualified(self, function_name: str, qualifier: str) -> "Function":
        name, _ = parse(function_name)
        function = self.functions.by_name.get(name)
        if is_version(qualifier):
            self.functions.get_function_by_name_or_arn_with_qualifier(name, qualifier)
        elif function is None or qualifier not in function.aliases:
            raise UnknownAliasException(function_arn(self.region_name, self.account_id, name, qualifier))
        assert function is not None
        return function

    def _unreserved(self, function: "Function") -> int:
        """Give what the other functions leave of the account's concurrency."""
        others = [other for other in self.functions.by_name.values() if other is not function]
        taken = [max(other.reserved or 0, sum(c.requested for c in other.provisioned.values())) for other in others]
        return ACCOUNT_LIMIT - sum(taken)

    def _warm_up(self, function: "Function", qualifier: str, config: Provisioned) -> None:
        """Have environments ready; one whose init fails makes the configuration FAILED."""
        executable, fleet = self.executable(function.resolve(qualifier)), service.invoker().fleet
        for _ in range(fleet.provisioned(executable), min(config.requested, WARM_AT_MOST)):
            if function.provisioned.get(qualifier) is not config:
                return
            if not fleet.warm_up(executable):
                config.failed = True
                return
        config.initialised = True
