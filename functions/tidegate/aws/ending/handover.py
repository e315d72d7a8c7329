"""After a promotion: the old version's provisioned environments, of which the new version has as many, are removed."""

from collections.abc import Collection

from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.lambda_ import aliases, provisioning
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.ledger import locks
from tidegate.aws.ledger.records import Release
from tidegate.domain.plan import TargetPlan


def hand_over(release: Release) -> list[str]:
    """Remove the old versions' environments where this release requested those of the new; return sentences.

    Every alias is on its new version by now. Safe to repeat while the locks are held.
    """
    carried = [target for target in release.plan.targets if target.provisioned]
    held = locks.read([target.name for target in carried]) if carried else []
    noted = {lock.target: lock.provisioned for lock in held if lock.release == release.name}
    ours = [target for target in carried if target.canary and noted.get(target.name) == target.canary]
    return at_once(_removed, ours, calls=2)


def _removed(target: TargetPlan) -> str:
    stable = str(target.stable)
    stay = remove_unused(target.function, stable)
    return stay or (
        f"the {target.provisioned} provisioned environments of version {stable} of {target.function} are removed; as "
        f"many belong to version {target.canary} now"
    )


def remove_unused(function: str, version: str, *, but: Collection[str] = ()) -> str:
    """Remove a version's environments, unless an alias `but` these uses it.

    Return a sentence about environments that stay for that, or because AWS refuses for good; otherwise an empty text.
    """
    subject = f"the provisioned environments of version {version} of {function}"
    try:
        others = [name for name in aliases.using(function, version) if name not in but]
        if others:
            return f"{subject} stay, because {', '.join(others)} uses that version"
        provisioning.remove(function, version)
    except FAILED_CALL as error:
        return f"{subject} {provisioning.why_left(function, version, error)}"
    return ""
