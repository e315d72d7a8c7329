"""How a call of the command ended: one word, one exit code. Scripts may rely on both."""

from enum import Enum


class Outcome(Enum):
    """The word in the output, and the exit code (2 is Click's, for usage)."""

    DONE = ("done", 0)
    RELEASED = ("released", 0)
    NOT_COMPARED = ("released-not-compared", 0)
    """Released, but the function was idle: nothing was compared."""
    NOT_PROVEN = ("promoted-not-proven", 0)
    """Released although the evidence was inconclusive."""
    ALREADY_LIVE = ("already-live", 0)
    STARTED = ("started", 0)
    FAILED = ("failed", 1)
    """Tidegate or AWS failed before anything was changed."""
    ROLLED_BACK = ("rolled-back", 3)
    SUPERSEDED = ("superseded", 3)
    """Another release rolled it back and locked its aliases."""
    NEEDS_HUMAN = ("needs-human", 4)
    """A roll back failed, or an alias is not in the expected state."""
    UNKNOWN = ("unknown", 5)
    """Watching ended; the release continues."""
    REFUSED = ("refused", 6)
    """The release is blocked; nothing was changed."""
    HELD = ("held", 7)
    INTERRUPTED = ("interrupted", 130)

    def __init__(self, word: str, code: int) -> None:
        self.word = word
        self.code = code

    @property
    def promoted(self) -> bool:
        """Return whether every alias is on its new version."""
        return self is Outcome.RELEASED or self.unproven

    @property
    def unproven(self) -> bool:
        """Return whether the evidence does not support the promotion."""
        return self in {Outcome.NOT_COMPARED, Outcome.NOT_PROVEN}


class Stop(Exception):
    """End the command here, with an outcome and a sentence that says what to do."""

    def __init__(self, outcome: Outcome, sentence: str) -> None:
        super().__init__(sentence)
        self.outcome = outcome
