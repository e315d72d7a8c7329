"""The sentence in a Cause of Step Functions."""

import json


def sentence_of(cause: str) -> str:
    """Take the message out of a Cause: for a failed Lambda function that is a JSON text with a stack trace."""
    try:
        content = json.loads(cause)
    except ValueError:
        content = None
    if isinstance(content, dict) and content.get("errorMessage"):
        return str(content["errorMessage"])
    return cause or "No cause was given."
