"""Errors that a person reads: a class's name is the state machine's `Error`, its message the `Cause`."""

from collections.abc import Sequence

from tidegate.domain.foreign_text import parse_json, short_line
from tidegate.domain.truncation import first_sentences


class TidegateError(Exception):
    """Base of all of them; the message says what happened, to which function and version, and what to do."""


class InvalidRequest(TidegateError):
    """What was asked for cannot be done as it is written; nothing has been touched.

    Each problem reads "path: what was wrong; example: ...".
    """

    shown = 20
    """Problems in the message: what Step Functions shows as Cause has to stay short."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(self._message())

    def _message(self) -> str:
        if len(self.problems) == 1:
            return self.problems[0]
        count = f"{len(self.problems)} problems in the request:"
        return "\n".join([count, first_sentences(self.problems, self.shown, "\n")])


class AwsBusy(TidegateError):
    """AWS throttled or failed a call that may succeed later; the state machine tries the step again."""


class AwsRefused(TidegateError):
    """AWS refused a call for good: a missing permission, say; the message is AWS's own."""


class NotConfigured(TidegateError):
    """A function runs without what template.yaml gives it, or with a boto3 older than its own."""


class LockHeld(TidegateError):
    """Another release holds an alias of this one.

    `by` is that release; `found` says so, without what to do about it.
    """

    def __init__(self, found: str, advice: str = "", *, by: str = "") -> None:
        self.found, self.by = found, by
        super().__init__(f"{found} {advice}".rstrip())


class LockLost(TidegateError):
    """The release was finished, undone or recovered meanwhile; a late or repeated step must change nothing."""


class Frozen(TidegateError):
    """A freeze covers a function of this release, and none of its traffic was shifted yet."""


class Aborted(TidegateError):
    """Somebody decided to abort the release before it had shifted any traffic."""


class ReleaseExists(TidegateError):
    """The ledger has a running release of this name from another execution."""


class ReleaseUnknown(TidegateError):
    """The ledger has no record of a release."""


class ItemUnreadable(TidegateError):
    """An item of the ledger is not as this version of Tidegate writes it."""


class AliasMoved(TidegateError):
    """Someone else moved an alias during the release; their change is not overwritten."""


class UpdateFailed(TidegateError):
    """Lambda could not apply a change of code or configuration (`LastUpdateStatus: Failed`)."""


class UpdateNotSettled(TidegateError):
    """A change of code or configuration was still in progress when its time was up."""


class VersionNotActive(TidegateError):
    """A published version failed to become Active, or was still Pending when its time was up."""


class LatestChanged(TidegateError):
    """$LATEST was changed by someone else between settling and publishing; nothing was published."""


class RolledBackBefore(TidegateError):
    """The request brought code that a verdict rolled back as a version before, and does not say `again`."""


class ReferenceUnresolved(TidegateError):
    """A parameter or secret that an environment variable refers to could not be read."""


class CannotProbe(TidegateError):
    """The probe could not be carried out; this says nothing about the version."""


class VersionWakingUp(TidegateError):
    """Lambda is making ready again a version that was idle; the state machine probes it again for five minutes."""


class ProbeUnanswered(TidegateError):
    """The version did not answer the probe in its time."""


class StepTimedOut(TidegateError):
    """A step took longer than its state allows; the state machine names it so (Step Functions: `States.Timeout`)."""


class StepFailed(TidegateError):
    """Step Functions itself failed at a step; the state machine names it so, and the cause has the original name."""


class RollBackIncomplete(TidegateError):
    """Some aliases could not be restored; recover goes on trying every minute."""


class VersionsDiffer(TidegateError):
    """Stable and canary have different roles or dead-letter queues: Lambda cannot divide an alias between them."""


class EvidenceGone(TidegateError):
    """A past release cannot be judged again: nothing was compared, or CloudWatch has it no more."""


class EventNotUnderstood(TidegateError):
    """An event cannot start a release as it is; coming again would not help."""


class EventOvertaken(TidegateError):
    """An event tells of an image or an object that something newer has replaced since."""


class KeyUsedBefore(TidegateError):
    """The key of an event names a release of something else already."""


LONGEST = 8000
"""Characters of one sentence."""


def sentence_of(cause: str) -> str:
    """Take the message out of a Cause: for a failed Lambda function that is a JSON text with a stack trace."""
    try:
        content = parse_json(cause)
    except ValueError:
        content = None
    message = content.get("errorMessage") if isinstance(content, dict) else None
    return short_line(message if message and isinstance(message, str) else cause, LONGEST) or "No cause was given."


REFUSED, ROLLED_BACK = "refused", "rolled-back"

OF_THE_VERSION = {"InitFailed", "InitTooSlow", "ProbeFailed", "ProbeUnanswered", "VersionFailed"}
"""Errors that blame the version: its code has to be fixed."""

OF_PEOPLE = {"Aborted", "ApprovalExpired", "DeadlinePassed", "HoldExpired", "LockLost", "Superseded"}
"""Errors of releases that somebody ended, or did not let go on."""


def outcome_of(error: str, *, moved: bool) -> str:
    """Give the outcome's word of a release that ended in an error; `moved`: an alias may have had another state.

    What AWS refused for a quota, a permission or a missing object says nothing about the version. So it is for every
    error that is not known here.
    """
    return ROLLED_BACK if moved or error in OF_THE_VERSION | OF_PEOPLE else REFUSED
