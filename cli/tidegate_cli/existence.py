"""What is missing where an alias cannot be read: the function, or the alias."""

from tidegate.aws.lambda_ import functions
from tidegate_cli.outcome import Outcome, Stop


def missing(target: str) -> Stop:
    """Return the end of a command for FUNCTION:ALIAS, which does not exist."""
    function, _, alias = target.rpartition(":")
    if functions.read(function) is None:
        return Stop(Outcome.FAILED, f"There is no function {function!r} in this account and Region.")
    return Stop(
        Outcome.FAILED,
        f"{function} has no alias {alias!r}; the first release can create it: tidegate release "
        f"{function} --alias {alias} --create-alias",
    )
