"""The sentence in a Cause of Step Functions: short, since it has 32,768 characters at most, and a person reads it."""

import json
from collections.abc import Sequence

LONGEST = 8000
"""Characters of one sentence."""


def sentence_of(cause: str) -> str:
    """Take the message out of a Cause: for a failed Lambda function that is a JSON text with a stack trace."""
    try:
        content = json.loads(cause)
    except ValueError:
        content = None
    if isinstance(content, dict) and content.get("errorMessage"):
        return shortened(str(content["errorMessage"]), LONGEST)
    return shortened(cause, LONGEST) or "No cause was given."


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def some(sentences: Sequence[str], most: int) -> str:
    """Join a few."""
    more = [f"and {len(sentences) - most} more"] if len(sentences) > most else []
    return "; ".join([*sentences[:most], *more])
