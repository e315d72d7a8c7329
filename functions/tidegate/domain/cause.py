"""The sentence in a Cause of Step Functions: short, since it has 32,768 characters at most, and a person reads it."""

from collections.abc import Sequence

from tidegate.domain.untrusted import parse_json, short_line

LONGEST = 8000
"""Characters of one sentence."""


def sentence_of(cause: str) -> str:
    """Take the message out of a Cause: for a failed Lambda function that is a JSON text with a stack trace."""
    try:
        content = parse_json(cause)
    except ValueError:
        content = None
    message = content.get("errorMessage") if isinstance(content, dict) else None
    return short_line(message if message and isinstance(message, str) else cause, LONGEST) or "No cause was given."


def some(sentences: Sequence[str], most: int) -> str:
    """Join a few."""
    more = [f"and {len(sentences) - most} more"] if len(sentences) > most else []
    return "; ".join([*sentences[:most], *more])
