"""provisioned-concurrency, snapstart: the calls of the old and of the new version do not start in the same way.

Lambda guide, "Configuring provisioned concurrency for a function" and "Improving startup performance with Lambda
SnapStart".
"""

from collections.abc import Iterator

from tidegate.domain.planning.preflight.inspected import SNAPSHOTS
from tidegate.domain.planning.preflight.survey import Conclusion, Survey


def provisioned_concurrency(survey: Survey) -> Iterator[Conclusion]:
    """Find provisioned environments that only the old version has, and that do not go with the release.

    On the alias they are always refused.
    """
    wanted, alias = survey.wanted, survey.state.alias
    count = survey.state.only_stable_has(wanted.version)
    if alias is None or not count or survey.state.carried(wanted.version, wanted.configuration):
        return
    yield Conclusion(
        f"version {alias.version} has {count} provisioned environments, the version to release has none",
        "Calls of the new version start cold, which counts as latency, and after the release the environments of "
        f"version {alias.version} cost money without use",
        "Set the parameter CarryProvisioned of Tidegate's stack; or before any traffic (a release can wait there: "
        '"approvals": ["before_traffic"]): aws lambda '
        f"put-provisioned-concurrency-config --function-name {wanted.function} --qualifier NEW "
        f"--provisioned-concurrent-executions {count}; afterwards delete that of version {alias.version}",
    )


def snapstart(survey: Survey) -> Iterator[Conclusion]:
    """Find a change of SnapStart between the versions."""
    stable, released, alias = survey.state.stable, survey.state.released, survey.state.alias
    if stable is None or released is None or alias is None:
        return
    old = stable.settings.get("SnapStart") == SNAPSHOTS
    new = survey.state.snap_starts(survey.wanted.configuration)
    if old != new:
        has, lacks = (f"version {alias.version}", "the version to release")[:: 1 if old else -1]
        yield Conclusion(
            f"{has} has SnapStart, {lacks} does not",
            "Their calls start in different ways, so the latencies of the first minutes differ for that reason",
            'Change SnapStart in a separate release whose metric latency does not gate: "mode": "report"',
        )
