"""Tell a release that changed nothing, for a reason that is not its version, from one that was undone."""

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
