"""Truncated lists: the first few of many, and how many more there are."""

from collections.abc import Sequence, Sized

NAMED = 3
"""Most names in a sentence."""


def and_more(found: Sized, most: int) -> str:
    """Return "and 2 more" if `found` has two more than `most`, "" if it has no more."""
    return f"and {len(found) - most} more" if len(found) > most else ""


def first_names(names: Sequence[str], most: int = NAMED) -> str:
    """Return "a, b, c and 2 more"."""
    return " ".join([", ".join(names[:most]), and_more(names, most)]).rstrip()


def first_sentences(sentences: Sequence[str], most: int, separator: str = "; ") -> str:
    """Return "a failed; b failed; and 2 more"."""
    more = and_more(sentences, most)
    return separator.join([*sentences[:most], *([more] if more else [])])
