"""Ids of requests, as DynamoDB writes them."""

import random
import string

LENGTH = 52


def add_to(headers: dict[str, str]) -> str:
    """Draw an id and write it into the headers of an answer."""
    letters = string.ascii_uppercase + string.digits
    headers["x-amzn-requestid"] = "".join(random.choices(letters, k=LENGTH))  # noqa: S311 - no secret
    return headers["x-amzn-requestid"]
