"""Looking at what is left of a release: its executions, aliases, locks and what the ledger says."""

import json
from typing import TYPE_CHECKING, Any

from tests.faults.aftermath import Aftermath, Carrier, Ending, History, Timeline
from tests.faults.scenario import BROKEN, FAILING, REFUSE
from tests.workflow.releases import Release
from tests.workflow.targets import Target
from tidegate.domain.routing import canary_alias

if TYPE_CHECKING:
    from tests.faults.run import Run


def look(run: "Run") -> Aftermath:
    return Aftermath(
        release=run.release,
        canary=run.canary,
        endings=tuple(_ending(run, release) for release in run.executions),
        timelines={target.full_name: _timeline(run, target) for target in run.targets},
        locks=tuple(str(lock["sk"]) for lock in run.stage.locks(run.release.token)),
        moved_by_someone=dict(run.moved_by_someone),
        served=run.targets[0].requests(run.canary) if run.release.canary == BROKEN else 0,
        history={target.full_name: _history(run, target) for target in run.targets},
        cut_off_at=run.cut_off_at if run.redrive_when is None else None,
        whole_within=run.bars.whole,
        beats=run.stage.beats,
        ledger_gone=run.ledger_gone,
        finishing="Finish" in run.main.states,
        environments=_environments(run),
        carriers={target.full_name: _carrier(run, target) for target in run.targets} if run.release.routed else {},
    )


def _carrier(run: "Run", target: Target) -> Carrier | None:
    """Tell where the alias for routed users is, and who is sent there; None if there is no such alias."""
    client = run.cloud.client("lambda")
    try:
        found = client.get_alias(FunctionName=target.name, Name=canary_alias(target.alias))
    except client.exceptions.ResourceNotFoundException:
        return None
    documents = [] if run.ledger_gone else run.stage.items(f"route#{target.name}")
    sent = [(float(each["percent"]), len(each["always"])) for each in documents]
    return Carrier((found["FunctionVersion"], {}), sent[0] if sent else (0.0, 0))


def _environments(run: "Run") -> frozenset[str] | None:
    """Name the versions of the first target that have provisioned concurrency; None where none had any."""
    if not run.release.provisioned:
        return None
    found = run.cloud.client("lambda").list_provisioned_concurrency_configs(FunctionName=run.targets[0].name)
    return frozenset(each["FunctionArn"].rpartition(":")[2] for each in found["ProvisionedConcurrencyConfigs"])


def _ending(run: "Run", release: Release) -> Ending:
    described = release.description
    items = run.stage.items(f"release#{release.name}")
    return Ending(
        name=release.name,
        targets=tuple(target.full_name for target in release.targets),
        doomed=_doomed(run, release, json.loads(described["input"])["strategy"]),
        status=described["status"],
        state=release.states[-1],
        error=described.get("error", ""),
        cause=described.get("cause", ""),
        ended_at=described["stopDate"].timestamp(),
        record=next((item for item in items if item["sk"] == "record"), None),
        kinds=frozenset(item["kind"] for item in items if "kind" in item),
    )


def _doomed(run: "Run", release: Release, strategy: Any) -> bool:
    """Whether nothing may promote it: whoever looks at the first target's canary sees that it is bad."""
    if run.targets[0] not in release.targets:
        return False
    if run.release.hooks == REFUSE:
        return True
    seen = strategy != "all-at-once" and not run.release.real_traffic and not run.release.routed
    return run.release.canary == BROKEN or (run.release.canary == FAILING and seen)


def _timeline(run: "Run", target: Target) -> Timeline:
    writes = run.stage.timelines.of(target.name)
    return Timeline(tuple((write.at, write.state) for write in writes))


def _history(run: "Run", target: Target) -> History:
    items = {item["sk"]: item for item in run.stage.items(f"alias#{target.full_name}")}
    failed = frozenset(str(item["version"]) for key, item in items.items() if key.startswith("rolled-back#"))
    return History(str(items["live"]["version"]) if "live" in items else None, failed)
