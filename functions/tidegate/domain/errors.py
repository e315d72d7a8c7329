"""Errors that a person reads: a class's name is the state machine's `Error`, its message the `Cause`."""

from collections.abc import Sequence

from tidegate.domain.foreign_text import parse_json, short_line
from tidegate.domain.truncation import first_sentences


class TidegateError(Exception):
    """Base of all our errors; the message says what is wrong, with which function and version, and what to do."""


class InvalidRequest(TidegateError):
    """The request is invalid; nothing has changed.

    Each problem reads "path: mistake; example: ...".
    """

    shown = 20
    """Most problems in the message: the Cause in Step Functions must stay short."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self._message())

    def _message(self) -> str:
        if len(self.problems) == 1:
            return self.problems[0]
        count = f"{len(self.problems)} problems in the request:"
        return "\n".join([count, first_sentences(self.problems, self.shown, "\n")])


class AwsBusy(TidegateError):
    """AWS throttled or failed a call that may succeed later; the state machine retries the step."""


class AwsRefused(TidegateError):
    """AWS refused a call, for example for lack of a permission; a retry would not help. The message is AWS's."""


class NotConfigured(TidegateError):
    """A function runs without a setting from template.yaml, or with an outdated boto3."""


class LockHeld(TidegateError):
    """Another release has locked an alias of this release.

    `by` is that release, `link` leads to it; `found` is the message without advice and link.
    """

    def __init__(self, found: str, advice: str = "", *, by: str = "", link: str = "") -> None:
        self.found, self.by, self.link = found, by, link
        super().__init__(" ".join(filter(None, (found, advice, link and f"Its execution: {link}"))))


class LockLost(TidegateError):
    """The release was finished, rolled back or recovered meanwhile; a late or repeated step must change nothing."""


class FunctionIdle(TidegateError):
    """Almost no calls of the new version are expected, and the request says `"on_idle": "refuse"`."""


class Frozen(TidegateError):
    """A freeze covers a function of this release, and the release has not shifted any traffic."""


class Aborted(TidegateError):
    """Somebody decided to abort the release before it shifted traffic, or more traffic."""


class ReleaseExists(TidegateError):
    """The ledger has a running release with this name, from another execution."""


class ReleaseUnknown(TidegateError):
    """The ledger has no record of a release."""


class ItemUnreadable(TidegateError):
    """An item of the ledger does not have the format of this version of Tidegate."""


class AliasMoved(TidegateError):
    """Someone else moved an alias during the release; their change is not overwritten."""


class UpdateFailed(TidegateError):
    """Lambda could not apply a change of code or configuration (`LastUpdateStatus: Failed`)."""


class UpdateNotSettled(TidegateError):
    """A change of code or configuration did not settle in time."""


class VersionNotActive(TidegateError):
    """A published version did not become Active in time, or failed."""


class LatestChanged(TidegateError):
    """$LATEST was changed by someone else between settling and publishing; nothing was published."""


class RolledBackBefore(TidegateError):
    """The request contains code that a verdict rolled back before, and does not set `again`."""


class ReferenceUnresolved(TidegateError):
    """A parameter or secret that an environment variable refers to could not be read."""


class CannotProbe(TidegateError):
    """The probe could not be carried out; this says nothing about the version."""


class NotProvisioned(TidegateError):
    """Lambda does not give the new version the provisioned environments that the old version has."""


class InitFailed(TidegateError):
    """The version does not start."""


class InitTimedOut(TidegateError):
    """The init of the version does not end in the time that Lambda gives it."""


class InitTooSlow(TidegateError):
    """The version takes longer to start than the request allows."""


class CannotExecute(TidegateError):
    """Lambda cannot run the handler or the entry point: it does not exist, or is built for another architecture."""


class ExtensionFailed(TidegateError):
    """An extension of the version does not start, or ended."""


class ProbeFailed(TidegateError):
    """The version failed on the probe's payload, or did not answer as expected."""


class HookFailed(TidegateError):
    """A function of the user's that a probe or a hook asks failed, could not be invoked, or gave no valid answer."""


class HookRefused(TidegateError):
    """A hook disapproves of the release."""


class HookUnanswered(TidegateError):
    """A function of the user's that a probe or a hook asks may still be running; it is not invoked again.

    It did not answer in time, or the connection was lost.
    """


class HookWakingUp(TidegateError):
    """A function of the user's that a probe or a hook asks was idle; the state machine retries for five minutes."""


class StillProvisioning(TidegateError):
    """Lambda starts provisioned environments of the new version; the state machine checks for 20 minutes."""


class VersionWakingUp(TidegateError):
    """The version was idle, and Lambda makes it ready again; the state machine retries the probe for five minutes."""


class ProbeUnanswered(TidegateError):
    """The version did not answer the probe in time, or the connection was lost; it is not invoked again."""


class StepTimedOut(TidegateError):
    """A step took longer than its state allows; the state machine names it so (Step Functions: `States.Timeout`)."""


class StepFailed(TidegateError):
    """Step Functions itself failed at a step; the state machine names it so, and the cause has the original name."""


class RollBackIncomplete(TidegateError):
    """Some aliases could not be restored; Recover retries every minute."""


class VersionsDiffer(TidegateError):
    """Stable and canary have different roles or dead-letter queues: Lambda cannot split an alias between them."""


class EvidenceGone(TidegateError):
    """A past release cannot be replayed: nothing was compared, or CloudWatch no longer has the data."""


class EventNotUnderstood(TidegateError):
    """An event is invalid and cannot start a release; a retry would not help."""


class EventOvertaken(TidegateError):
    """A newer image or object has replaced the one in the event."""


class KeyUsedBefore(TidegateError):
    """Another release already uses the key of this event."""


LONGEST = 8000
"""Characters of one sentence."""


def sentence_of(cause: str) -> str:
    """Extract the message from a Cause: for a failed Lambda function, it is JSON with a stack trace."""
    try:
        content = parse_json(cause)
    except ValueError:
        content = None
    message = content.get("errorMessage") if isinstance(content, dict) else None
    return short_line(message if message and isinstance(message, str) else cause, LONGEST) or "No cause was given."


REFUSED, ROLLED_BACK = "refused", "rolled-back"

OF_A_PROBE: tuple[type[TidegateError], ...] = (
    CannotExecute,
    ExtensionFailed,
    InitFailed,
    InitTimedOut,
    InitTooSlow,
    ProbeFailed,
    ProbeUnanswered,
)
"""What a probe finds wrong with a version."""

OF_THE_VERSION = {"VersionFailed", *(kind.__name__ for kind in OF_A_PROBE)}
"""Errors of the version: its code must be fixed."""

OF_PEOPLE = {"Aborted", "ApprovalExpired", "DeadlinePassed", "HoldExpired", "HookRefused", "LockLost", "Superseded"}
"""Errors of releases that somebody ended or did not approve."""


def outcome_of(error: str, *, moved: bool) -> str:
    """Return the outcome's word of a release that ended in an error; `moved`: an alias may have had another state.

    An error because of a quota, a permission or a missing object says nothing about the version. The same applies to
    every error that is not listed here.
    """
    return ROLLED_BACK if moved or error in OF_THE_VERSION | OF_PEOPLE else REFUSED
