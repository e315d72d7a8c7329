"""Distinguish a release that changed nothing, for a reason other than its version, from a rolled-back release."""

REFUSED, ROLLED_BACK = "refused", "rolled-back"

OF_THE_VERSION = {"InitFailed", "InitTooSlow", "ProbeFailed", "ProbeUnanswered", "VersionFailed"}
"""Errors of the version: its code must be fixed."""

OF_PEOPLE = {"Aborted", "ApprovalExpired", "DeadlinePassed", "HoldExpired", "LockLost", "Superseded"}
"""Errors of releases that somebody ended or did not approve."""


def outcome_of(error: str, *, moved: bool) -> str:
    """Return the outcome's word of a release that ended in an error; `moved`: an alias may have had another state.

    An error because of a quota, a permission or a missing object says nothing about the version. The same applies to
    every error that is not listed here.
    """
    return ROLLED_BACK if moved or error in OF_THE_VERSION | OF_PEOPLE else REFUSED
