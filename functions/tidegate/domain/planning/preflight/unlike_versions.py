"""roles-differ, dlq-differ: the old and the new version differ in a setting that both versions of a split alias share.

Lambda guide, "Implement Lambda canary deployments using a weighted alias". Settle checks the published versions again.
"""

from collections.abc import Iterator
from typing import Any

from tidegate.domain.planning.preflight.survey import Conclusion, Survey

ROLE, QUEUE = "Role", "DeadLetterConfig"


def roles_differ(survey: Survey) -> Iterator[Conclusion]:
    """Find versions with different execution roles, if the strategy has steps and no users are routed."""
    wanted = survey.wanted.configuration
    yield from _differing(survey, ROLE, "execution roles", wanted.role if wanted else None)


def dlq_differ(survey: Survey) -> Iterator[Conclusion]:
    """Find versions with different dead-letter queues, if the strategy has steps and no users are routed."""
    wanted = survey.wanted.configuration
    queue = wanted.dead_letter_config if wanted else None
    changed = {"TargetArn": queue.target_arn} if queue and queue.target_arn else {} if queue else None
    yield from _differing(survey, QUEUE, "dead-letter queues", changed)


def _differing(survey: Survey, setting: str, what: str, changed: Any) -> Iterator[Conclusion]:
    """Compare stable with what is released; `changed` is the request's value, None if it has none."""
    stable, released, alias = survey.state.stable, survey.state.released, survey.state.alias
    if not survey.stepwise or stable is None or released is None or alias is None:
        return
    old = stable.settings.get(setting) or None
    new = (released.settings.get(setting) if changed is None else changed) or None
    if old != new:
        yield Conclusion(
            f"version {alias.version} and the version to release have different {what} ({_name(old)}, {_name(new)})",
            "Lambda refuses weights between such versions, so the release would fail after it published",
            'Release it to users, each of whose aliases has one version: "routing": "users" (docs/routing.md); or at '
            f'once: "strategy": "all-at-once"; or give the new version the {what.removesuffix("s")} of version '
            f"{alias.version}, and change it in a separate release",
        )


def _name(value: Any) -> str:
    text = value.get("TargetArn") if isinstance(value, dict) else value
    return str(text or "none").rpartition(":")[2]
