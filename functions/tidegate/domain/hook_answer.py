"""The answer of a function of the user's, which a probe or a hook asks about a release."""

from dataclasses import dataclass

from tidegate.domain.errors import HookFailed
from tidegate.domain.foreign_text import short_line, undotted
from tidegate.domain.probe_answer import ProbeAnswer

LONGEST_REASON = 500
"""Characters of the reason that a function gives."""

FORM = 'return {"ok": true}, or {"ok": false, "reason": "…"}'


@dataclass(frozen=True)
class HookAnswer:
    ok: bool
    reason: str = ""


def read_answer(function: str, answer: ProbeAnswer) -> HookAnswer:
    """Return what the function answered.

    Raises
    ------
    HookFailed
        When it failed, or answered without a boolean `ok`: that says nothing about the release.
    """
    if answer.function_error:
        raise HookFailed(f"{function} failed: {undotted(answer.said)}. It must {FORM}.")
    ok = answer.payload.get("ok") if isinstance(answer.payload, dict) else None
    if not isinstance(ok, bool):
        raise HookFailed(
            f'{function} answered without "ok": it must {FORM}. A hook of CodeDeploy does not, and needs a change '
            "(docs/moving.md)."
        )
    reason = answer.payload.get("reason")
    return HookAnswer(ok, short_line(reason, LONGEST_REASON) if isinstance(reason, str) else "no reason given")
