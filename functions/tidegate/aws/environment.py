"""What template.yaml tells each function by variables of its environment."""

import os

from tidegate.domain.errors import NotConfigured


def given(variable: str) -> str:
    """Give a variable's value.

    Raises
    ------
    NotConfigured
        When it is not set: the function was deployed some other way than by template.yaml.
    """
    try:
        return os.environ[variable]
    except KeyError:
        raise NotConfigured(f"The environment variable {variable} is not set; deploy template.yaml.") from None
