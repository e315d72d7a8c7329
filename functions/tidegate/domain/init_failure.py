"""The name of the reason why a version does not start, from an answer to an invocation or from its State."""

from typing import NamedTuple

EXTENSION = "extension."
"""Prefix of the error types of extensions (aws-lambda-runtime-interface-emulator, fatalerror.go)."""

ENTRY_POINT = (
    "runtime.invalidentrypoint",
    "runtime.invalidworkingdir",
    "runtime.handlernotfound",
    "runtime.malformedhandlername",
)
"""Error types of the platform, and of its runtimes, for a program or a handler that is not there."""

OTHER_ARCHITECTURE = ("exec format error", "invalid elf header", "wrong elf class", "cannot execute binary file")
"""What the kernel (execve, ENOEXEC), the C library's loader and the shell say of a binary that this processor cannot
run."""

OF_STATES = {
    "FunctionError.ExtensionInitError": "ExtensionFailed",
    "FunctionError.InitTimeout": "InitTimedOut",
    "FunctionError.InvalidEntryPoint": "CannotExecute",
    "FunctionError.InvalidWorkingDirectory": "CannotExecute",
    "FunctionError.PermissionDenied": "CannotExecute",
    "FunctionError.TooManyExtensions": "ExtensionFailed",
}
"""Reason codes of a version in State Failed (botocore's model of Lambda, StateReasonCode)."""

OF_THE_VERSION = ("FunctionError", "InvalidImage", "InvalidRuntime", "InvalidZipFile")
"""Prefixes of the reason codes of versions that failed because of their content; the others blame a quota, a network,
a role or a key."""


class InitFailure(NamedTuple):
    """`error` is the name; `advice` may be empty."""

    error: str
    advice: str = ""


ADVICE = {
    "CannotExecute": "Check its handler or entry point, and whether its binaries are built for its architecture.",
    "ExtensionFailed": "Check the extensions in its layers or image, and whether they are built for its architecture.",
    "InitTimedOut": "Check what it waits for while it starts, such as a network connection.",
}


def of_error(error_type: str, message: str, *, timed_out: bool) -> InitFailure:
    """Name the failure from the error of an invocation; spelling varies between sources, so without case."""
    kind, said = error_type.lower(), message.lower()
    if kind.startswith(EXTENSION):
        return _named("ExtensionFailed")
    if timed_out:
        return _named("InitTimedOut")
    if kind in ENTRY_POINT or any(phrase in said for phrase in OTHER_ARCHITECTURE):
        return _named("CannotExecute")
    return _named("InitFailed")


def of_state(reason: str) -> InitFailure | None:
    """Name the failure from the reason of State Failed, "CODE: text"; None if the version is not to blame."""
    if not reason.startswith(OF_THE_VERSION):
        return None
    return _named(OF_STATES.get(reason.partition(":")[0], "InitFailed"))


def _named(error: str) -> InitFailure:
    return InitFailure(error, ADVICE.get(error, ""))
