"""The remaining work after a promotion; Finish does it, or Roll back and Recover if Finish could not."""

from tidegate.aws import canary_aliases
from tidegate.aws.announcements import tell_event
from tidegate.aws.ending.handover import hand_over
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import history, locks, records
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger
from tidegate.domain.errors import LockLost
from tidegate.domain.plan import TargetPlan
from tidegate.domain.rollout.proof import said


def conclude(release: Release, now: int) -> str:
    """Record the outcome and release the locks; return the outcome as a sentence. Safe to repeat.

    The live version is not recorded after the release is closed: it may then belong to a later release.
    """
    parts = [*(_outcome(target) for target in release.plan.targets), said(release.proof, release.unproven)]
    if release.ended is None:
        parts += hand_over(release)
        canary_aliases.follow(release.plan)
    summary = "; ".join(filter(None, parts))
    if release.ended is None:
        for target in release.plan.targets:
            if target.contract:
                history.record_contract(target, release.name, now)
            if not target.live:
                history.record_live(target.name, str(target.canary), release.name, now, previous=target.stable)
        tell_event(release.name, now, "finished", release.plan.expires, {"summary": summary, "proof": release.proof})
        records.close(release.name, "released", summary, now)
    for alias in release.plan.aliases:
        locks.free(alias.name, release.name)
    return summary


def promote(release: Release, now: int) -> str:
    """Commit a release whose aliases are all on their canaries, and conclude it; return the outcome as a sentence.

    Raises
    ------
    LockLost
        When Recover rolled it back before.
    """
    if not records.commit_promotion(release.name, now):
        raise LockLost(f"Release {release.name} was rolled back by Recover before it could finish.")
    return conclude_or_leave(release, now)


def conclude_or_leave(release: Release, now: int) -> str:
    """Conclude as far as AWS allows now; Recover does the rest. The release is promoted in both cases."""
    try:
        return conclude(release, now)
    except FAILED_CALL as error:
        logger.warning("left to recover: %s", error)
        return "Every alias is on its new version; Recover records that and releases the locks"


def _outcome(target: TargetPlan) -> str:
    if not target.live:
        return f"{target.name} is on version {target.canary}"
    # Someone else may have moved the alias there (a template with AutoPublishAlias, say).
    judged = history.live_version(target.name) == target.canary
    return f"{target.name}: version {target.canary} is already live" + ("" if judged else ", not judged")
