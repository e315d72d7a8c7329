"""Cannot be imported: a module is missing."""

import a_module_that_is_not_there  # noqa: F401


def handler(event, context):
    return {}
