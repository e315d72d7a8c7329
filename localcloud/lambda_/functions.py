"""One function with everything that belongs to it, and the functions of an account and region."""

from collections.abc import Iterable
from typing import Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.models import EventInvokeConfig, LambdaStorage

from localcloud.clock import current
from localcloud.lambda_ import errors
from localcloud.lambda_.alias import Alias, check_weights
from localcloud.lambda_.concurrency import Provisioned
from localcloud.lambda_.definition import Definition
from localcloud.lambda_.latest import Latest
from localcloud.lambda_.naming import function_arn, parse
from localcloud.lambda_.versions import LATEST, FunctionVersion, NumberedVersion


class Function:
    """Versions, aliases and concurrency of one function."""

    def __init__(self, latest: Latest, first_number: int) -> None:
        self.latest = latest
        self.name: str = latest.function_name
        self.versions: dict[str, NumberedVersion] = {}
        self.aliases: dict[str, Alias] = {}
        self.provisioned: dict[str, Provisioned] = {}  # by qualifier
        self.event_configs: dict[str, EventInvokeConfig] = {}  # of asynchronous invocations, by qualifier
        self.urls: dict[str, dict[str, Any]] = {}  # by alias, "" for the unqualified function
        self.reserved: int | None = None
        self.next_number = first_number
        self._last: tuple[Definition, str] | None = None  # what was published last, and as which version

    def arn(self, qualifier: str | None = None) -> str:
        return function_arn(self.latest.region, self.latest.account_id, self.name, qualifier)

    def version(self, qualifier: str) -> FunctionVersion:
        """Give the version that is called so. Raises ResourceNotFoundException."""
        if qualifier == LATEST:
            return self.latest
        if qualifier not in self.versions:
            raise UnknownFunctionException(self.arn(qualifier))
        return self.versions[qualifier]

    def alias(self, name: str) -> Alias:
        if name not in self.aliases:
            raise UnknownAliasException(self.arn(name))
        return self.aliases[name]

    def resolve(self, qualifier: str | None) -> FunctionVersion:
        """Give the version behind a qualifier; an alias stands for its primary version."""
        alias = self.aliases.get(qualifier or "")
        return self.version(alias.function_version if alias else qualifier or LATEST)

    def publish(self, description: str | None, *, at_once: bool = True) -> NumberedVersion:
        """Publish $LATEST, or give the last version back if nothing has changed since."""
        definition = self.latest.definition
        if self._last and self._last[0].same_content(definition) and self._last[1] in self.versions:
            return self.versions[self._last[1]]
        frozen = definition.with_settings({"Description": description}) if description else definition
        version = NumberedVersion(self.latest, self.next_number, frozen, at_once=at_once)
        self.versions[str(version.version)] = version
        self._last = (definition, str(version.version))
        self.next_number += 1
        self.latest.touch()
        return version

    def newest(self) -> str:
        """Give the number of the version published last."""
        return str(self.next_number - 1)

    def delete_version(self, qualifier: str) -> None:
        if qualifier == LATEST:
            raise errors.invalid("$LATEST version cannot be deleted without deleting the function.")
        self.version(qualifier)
        users = sorted(alias.name for alias in self.aliases.values() if qualifier in alias.versions())
        if users:
            raise errors.conflict(
                f"Unable to delete version because the following aliases reference it: [{', '.join(users)}]"
            )
        del self.versions[qualifier]
        self.provisioned.pop(qualifier, None)
        self.event_configs.pop(qualifier, None)

    def check_alias_target(self, function_version: str, weights: dict[str, float]) -> None:
        """Hold what AWS asks of the versions of an alias: existence, and one role and dead letter queue."""
        check_weights(function_version, weights)
        primary = self.version(function_version)
        for second in (self.version(qualifier) for qualifier in weights):
            ours, theirs = primary.definition.settings, second.definition.settings
            if ours["Role"] != theirs["Role"]:
                raise errors.invalid("Specified versions must be associated with the same execution role")
            if ours.get("DeadLetterConfig") != theirs.get("DeadLetterConfig"):
                raise errors.invalid("Specified versions must have the same dead letter configuration")

    def check_provisioned_place(self, qualifier: str) -> None:
        """Provisioned concurrency is on an alias without weights or on its version, never on both."""
        alias = self.aliases.get(qualifier)
        if alias and alias.weights:
            raise errors.invalid("Alias with weights can not be used with Provisioned Concurrency")
        if alias and alias.function_version in self.provisioned:
            raise errors.conflict(
                "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
            )
        owners = [name for name in self.provisioned if name in self.aliases and name != qualifier]
        if not alias and any(self.aliases[name].function_version == qualifier for name in owners):
            raise errors.conflict("Version is pointed by a Provisioned Concurrency alias")

    def move_provisioned(self, alias: Alias, version: str, weights: dict[str, float]) -> None:
        """Let an alias' provisioned concurrency follow it; it is IN_PROGRESS again then."""
        config = self.provisioned.get(alias.name)
        if config is None:
            return
        if weights:
            raise errors.invalid("Invalid alias configuration for Provisioned Concurrency")
        if version != alias.function_version:
            if version in self.provisioned:
                raise errors.conflict(
                    "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
                )
            config.since = current().time()

    def settle_stuck(self) -> None:
        for version in (self.latest, *self.versions.values()):
            version.give_up_if_stuck()


class Functions(LambdaStorage):
    """Stands where moto keeps its functions, and answers moto's questions about them."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.by_name: dict[str, Function] = {}
        self._numbers: dict[str, int] = {}  # outlives the function: numbers are never used again

    def add(self, latest: Latest) -> Function:
        name: str = latest.function_name
        self.by_name[name] = Function(latest, self._numbers.get(name, 1))
        return self.by_name[name]

    def remove(self, name: str) -> Function:
        function = self.find(name)
        self._numbers[name] = function.next_number
        return self.by_name.pop(name)

    def find(self, written: str, qualifier: str | None = None) -> Function:
        """Give the function that is written so. Raises ResourceNotFoundException, naming the qualifier too."""
        name, qualifier = parse(written, qualifier)
        if name not in self.by_name:
            raise UnknownFunctionException(function_arn(self.region_name, self.account_id, name, qualifier))
        return self.by_name[name]

    def get_function_by_name_or_arn_with_qualifier(
        self, name_or_arn: str, qualifier: str | None = None
    ) -> FunctionVersion:
        name, qualifier = parse(name_or_arn, qualifier)
        return self.find(name, qualifier).resolve(qualifier)

    def get_function_by_name_or_arn_forbid_qualifier(self, name_or_arn: str) -> Latest:
        name, qualifier = parse(name_or_arn)
        if qualifier is not None:
            raise errors.invalid("Cannot provide qualifier")
        return self.find(name).latest

    def get_arn(self, arn: str) -> FunctionVersion | None:
        try:
            return self.get_function_by_name_or_arn_with_qualifier(arn)
        except UnknownFunctionException:
            return None

    def list_versions_by_function(self, name: str) -> Iterable[FunctionVersion]:
        function = self.find(name)
        return [function.latest, *function.versions.values()]

    def latest(self) -> Iterable[Latest]:
        return [function.latest for function in self.by_name.values()]

    def all(self) -> Iterable[FunctionVersion]:
        return [version for name in self.by_name for version in self.list_versions_by_function(name)]
