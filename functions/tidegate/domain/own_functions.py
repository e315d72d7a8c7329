"""Recognising Tidegate's own functions, none of which may be released."""

from collections.abc import Mapping

TAG = "tidegate:stack"
"""The tag that template.yaml gives each of them; its value is the stack's name."""

LONGEST_STACK_NAME = 29
"""Characters of a stack's name with which CloudFormation shortens no name of a function.

It names them STACK-LOGICALID-SUFFIX with a suffix of 12 characters, within the 64 that Lambda allows (CloudFormation
guide, "Name type"); the longest logical id has 21, and a test counts them.
"""


def is_own(function: str, prefix: str, tags: Mapping[str, str]) -> bool:
    """Return whether it is a function of a Tidegate: of this stack by its name, of any stack by its tag."""
    return function.startswith(prefix) or TAG in tags


def too_long(prefix: str) -> str | None:
    """Say that a stack's functions cannot be recognised by its name and a hyphen; None if they can."""
    stack = prefix.removesuffix("-")
    if len(stack) <= LONGEST_STACK_NAME:
        return None
    return (
        f"The stack's name {stack} has {len(stack)} characters. With more than {LONGEST_STACK_NAME}, "
        "CloudFormation shortens function names, and Tidegate could not recognise its own functions. Deploy it as a "
        "stack with a shorter name."
    )
