"""Names of functions, as callers of the command and project files write them."""

from tidegate.domain.function_name import FunctionName, parse


def named(text: str) -> FunctionName:
    """Read a function whose qualifier, if it has one, is an alias.

    Raises
    ------
    ValueError
        With a sentence.
    """
    if "," in text:
        raise ValueError(f"{text!r} has a comma; separate functions by spaces: {text.replace(',', ' ')!r}")
    try:
        found = parse(text)
    except ValueError as error:
        raise ValueError(f"{text!r} {error}") from None
    if found.qualifier and not found.alias:
        what = f"version {found.version}" if found.version else found.qualifier
        raise ValueError(f"{text!r} names {what}, but a release moves an alias; example: {found.name}:live")
    return found
