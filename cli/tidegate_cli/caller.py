"""Region and credentials from the caller's environment, checked before any call to AWS."""

from collections.abc import Mapping

from tidegate_cli.outcome import Outcome, Stop

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def check_variables(environment: Mapping[str, str]) -> None:
    """Refuse credentials and addresses that cannot be part of a request: the HTTP client would quote them in its error.

    Raises
    ------
    Stop
        With the variable's name, never with its value.
    """
    for name in (*KEYS, *sorted(name for name in environment if name.startswith("AWS_ENDPOINT_URL"))):
        value = environment.get(name, "")
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise Stop(
                Outcome.FAILED,
                f"The variable {name} contains a line break, a space or another character that is not allowed in a "
                "request. Set it again without that character.",
            )
