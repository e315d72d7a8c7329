"""Update: apply the next change of code or configuration to $LATEST, one at a time."""

from typing import Any

from tidegate.aws import sources
from tidegate.aws.lambda_ import functions
from tidegate.aws.lambda_.functions import FunctionState
from tidegate.aws.ledger import locks
from tidegate.domain.errors import AwsBusy, UpdateFailed
from tidegate.domain.request.limits import Settings
from tidegate.domain.request.models import TargetRequest
from tidegate.steps.handling import step
from tidegate.steps.preparation import Preparation, PreparationEvent


class UpdateEvent(PreparationEvent):
    request: Any
    settings: Settings


LOOKS = 2
"""How often to retry if $LATEST changes between a read and our call."""


@step(UpdateEvent)
def handler(event: UpdateEvent) -> dict[str, Any]:
    target = event.target
    if not target.pending:
        return target.then("settle", f"{target.function}: nothing to change")
    locks.require([target.name], event.release)
    change, wanted = (
        target.pending[0],
        target.request_in(event.request, event.settings),
    )
    for _ in range(LOOKS):
        latest = _read(target.function)
        parameters = _parameters(change, wanted, latest)
        if target.revision_id not in (None, latest.revision_id):
            if not _is_ours(change, parameters, target, latest):
                raise functions.latest_changed(target.function)
            return _changed(target)
        if latest.busy:
            return target.then("settle", f"{target.function}: another update is still in progress")
        update = functions.update_code if change == "code" else functions.update_configuration
        if update(target.function, parameters, latest.revision_id):
            return _changed(target)
    raise AwsBusy(f"{target.function} kept changing, or Lambda was busy updating it.")


def _read(function: str) -> FunctionState:
    latest = functions.read(function)
    if latest is None:
        raise UpdateFailed(f"{function} was deleted after the release was planned.")
    return latest


def _changed(target: Preparation) -> dict[str, Any]:
    return target.then(
        "settle",
        f"{target.function}: {target.pending[0]} changed",
        pending=target.pending[1:],
        applied=(*target.applied, target.pending[0]),
        revision_id=None,
    )


def _parameters(change: str, wanted: TargetRequest, latest: FunctionState) -> dict[str, Any]:
    if change == "code":
        assert wanted.code is not None
        return wanted.code.api_parameters()
    assert wanted.configuration is not None
    parameters = wanted.configuration.api_parameters()
    if wanted.configuration.environment is not None:
        variables = _variables(latest) | sources.resolve(wanted.configuration.environment)
        parameters["Environment"] = {"Variables": variables}
    return parameters


def _variables(latest: FunctionState) -> dict[str, str]:
    """Return the variables of $LATEST: Lambda replaces all variables, so the others must be sent again.

    Raises
    ------
    UpdateFailed
        When Lambda could not decrypt them: a write would lose them.
    """
    environment = latest.configuration.get("Environment", {})
    if environment.get("Error"):
        raise UpdateFailed(
            f"The environment of {latest.function} cannot be read ({environment['Error'].get('ErrorCode')}), so a "
            "change would lose the existing variables. Allow the Update function to use its key (parameter "
            "FunctionKmsKeyArn)."
        )
    return dict(environment.get("Variables", {}))


def _is_ours(change: str, parameters: dict[str, Any], target: Preparation, latest: FunctionState) -> bool:
    """Return whether $LATEST differs from its settled state only by this change, from a try whose response was lost.

    Other changes by somebody in the same seconds cannot be distinguished.
    """
    if change == "code":
        same = target.config_sha256 is not None and latest.config_sha256 == target.config_sha256
        return same and latest.code_sha256 == functions.code_sha256(target.function, parameters)
    same = latest.code_sha256 == target.code_sha256
    return same and all(_says(latest.configuration.get(name), value) for name, value in parameters.items())


def _says(found: Any, asked: Any) -> bool:
    """Return whether GetFunction shows the requested update: it adds fields, and returns layers as objects."""
    if isinstance(asked, dict) and isinstance(found, dict):
        return all(_says(found.get(name), value) for name, value in asked.items())
    if isinstance(asked, list) and isinstance(found, list) and len(asked) == len(found):
        return all(
            _says(f.get("Arn") if isinstance(a, str) and isinstance(f, dict) else f, a)
            for f, a in zip(found, asked, strict=True)
        )
    return bool(found == asked)
