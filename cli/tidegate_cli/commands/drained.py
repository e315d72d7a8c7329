"""`tidegate drained`: does any old version of a release still run."""

from typing import TYPE_CHECKING, Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.targets import RELEASE, newest

if TYPE_CHECKING:
    from tidegate.domain.ledger_items import Item, ReleaseItems
    from tidegate.domain.plan import ReleasePlan

KINDS = ("draining", "drained", "not-drained")


@click.command(cls=Command, examples=["tidegate drained checkout", "tidegate drained checkout-7 --json"])
@click.argument("release", metavar="RELEASE|FUNCTION", type=RELEASE)
@click.pass_obj
def drained(shared: Shared, release: FunctionName | str) -> None:
    """Say whether any old version of RELEASE, or of the newest release of FUNCTION, may still run.

    Exits 0 if none does, so that what only they use (tables, queues, columns) may be removed; otherwise 1. The release
    watches its old versions itself; this command reads the result, and checks that no alias has gone back.
    """
    _ = shared.stack
    from tidegate.aws.ledger import items

    name = newest(shared, release)
    found = items.items(name)
    if found.record is None or found.plan is None:
        raise Stop(Outcome.FAILED, f"There is no release {name}. See: tidegate history FUNCTION")
    last = max((each for kind in KINDS for each in found.events(kind)), key=lambda each: each["at"], default=None)
    problem = _unwatched(found, found.plan) or _running(shared, name, last) or _gone_back(found.plan)
    told = last["summary"] if last else ""
    document: dict[str, Any] = {
        "type": "drained",
        "release": name,
        "drained": not problem,
        "summary": problem or told,
        "targets": _targets(last),
    }
    shared.output.show(document, problem or told, err=bool(problem) and not shared.json)
    raise click.exceptions.Exit(Outcome.FAILED.code if problem else 0)


def _unwatched(found: "ReleaseItems", plan: "ReleasePlan") -> str:
    """Say why the old versions of a release are not watched."""
    record = found.record or {}
    if record.get("ended") != "released":
        return f"The release is {record.get('ended') or record.get('status')}: its old versions serve."
    if not plan.shifting:
        return "The release replaced no version."
    if not plan.drain_minutes:
        return 'The release did not watch its old versions: a request with "drain": {"watch": true} does.'
    return ""


def _running(shared: Shared, name: str, last: "Item | None") -> str:
    """Say what the last check found, unless it is that nothing runs any more."""
    from tidegate_cli.release_state import describe

    if last and last["kind"] == "drained":
        return ""
    told = last["summary"] if last else "Draining: the first check is due when calls from before the promotion are over"
    execution = None if last and last["kind"] == "not-drained" else describe(shared.stack.execution(name))
    if execution and not execution.running:
        return f"{told}. The execution is {execution.status}, so nothing watches any more: redrive it."
    return str(told)


def _gone_back(plan: "ReleasePlan") -> str:
    """Say which alias routes calls to its old version again."""
    from tidegate.aws.lambda_ import aliases
    from tidegate.aws.lambda_.aliases import at_once

    now = at_once(lambda each: aliases.read(each.function, each.alias), plan.shifting)
    back = [
        f"{each.name} is {alias.state} again"
        for each, alias in zip(plan.shifting, now, strict=True)
        if alias and alias.state.weight_of(str(each.stable))
    ]
    return f"It was drained, but {'; '.join(back)}" if back else ""


def _targets(last: "Item | None") -> list[dict[str, Any]]:
    from tidegate.domain.events.drained import DrainedTarget

    return [DrainedTarget.model_validate(each).model_dump(mode="json") for each in (last or {}).get("targets", [])]
