"""Update: apply the next change of code or configuration to $LATEST, one at a time."""

from typing import Any

from tidegate.aws import functions, references
from tidegate.aws.functions import FunctionState
from tidegate.aws.ledger import locks
from tidegate.domain.errors import UpdateFailed
from tidegate.domain.request import TargetRequest
from tidegate.steps.handling import step
from tidegate.steps.preparation import Preparation, PreparationEvent
from tidegate.steps.requests import Settings, read_request


class UpdateEvent(PreparationEvent):
    request: Any
    settings: Settings


@step(UpdateEvent)
def handler(event: UpdateEvent) -> dict[str, Any]:
    target = event.target
    if not target.pending:
        return target.then("settle", f"{target.function}: nothing to change")
    latest = functions.read(target.function)
    if latest is None:
        raise UpdateFailed(f"{target.function} is gone; it was there when the release was planned.")
    if latest.update_status == "InProgress" or latest.state == "Pending":
        return target.then("settle", f"{target.function}: another update is still in progress")
    locks.require([target.name], event.release)
    change = target.pending[0]
    wanted = target.request_in(read_request(event.request, event.settings))
    if not _apply(change, target, wanted, latest):
        return target.then("settle", f"{target.function}: another update has just begun")
    return target.then(
        "settle",
        f"{target.function}: {change} changed",
        pending=target.pending[1:],
        applied=(*target.applied, change),
        revision_id=None,
    )


def _apply(change: str, target: Preparation, wanted: TargetRequest, latest: FunctionState) -> bool:
    """Start one change; False when Lambda is busy with another update.

    Raises
    ------
    LatestChanged
        When someone else changed $LATEST since our previous change had settled.
    """
    parameters = _parameters(change, wanted, latest)
    if target.revision_id not in (None, latest.revision_id):
        if _is_there(parameters, latest):
            return True
        raise functions.latest_changed(target.function)
    update = functions.update_code if change == "code" else functions.update_configuration
    return update(target.function, parameters, latest.revision_id)


def _parameters(change: str, wanted: TargetRequest, latest: FunctionState) -> dict[str, Any]:
    if change == "code":
        assert wanted.code is not None
        return wanted.code.api_parameters()
    assert wanted.configuration is not None
    parameters = wanted.configuration.api_parameters()
    if wanted.configuration.environment is not None:
        variables = _variables(latest) | references.resolve(wanted.configuration.environment)
        parameters["Environment"] = {"Variables": variables}
    return parameters


def _variables(latest: FunctionState) -> dict[str, str]:
    """Give the variables that $LATEST has: Lambda replaces all of them, so those not named must be sent along.

    Raises
    ------
    UpdateFailed
        When Lambda could not decrypt them for us: writing would lose them.
    """
    environment = latest.configuration.get("Environment", {})
    if environment.get("Error"):
        raise UpdateFailed(
            f"The environment of {latest.function} cannot be read ({environment['Error'].get('ErrorCode')}), so adding "
            "to it would lose what is there. Let the Update function use its key (parameter FunctionKmsKeyArn)."
        )
    return dict(environment.get("Variables", {}))


def _is_there(parameters: dict[str, Any], latest: FunctionState) -> bool:
    """Whether $LATEST has these settings already: our own earlier try, whose answer was lost."""
    return all(_says(latest.configuration.get(name), value) for name, value in parameters.items())


def _says(found: Any, asked: Any) -> bool:
    """Whether GetFunction shows what an update asked for: it adds fields, and gives layers as objects."""
    if isinstance(asked, dict) and isinstance(found, dict):
        return all(_says(found.get(name), value) for name, value in asked.items())
    if isinstance(asked, list) and isinstance(found, list) and len(asked) == len(found):
        return all(
            _says(f.get("Arn") if isinstance(a, str) and isinstance(f, dict) else f, a)
            for f, a in zip(found, asked, strict=True)
        )
    return bool(found == asked)
