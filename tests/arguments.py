"""What commands of the repository are told."""

from argparse import ArgumentTypeError


def at_least_one(text: str) -> int:
    """Return a count: an `argparse` type, which names what is none."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)
