"""Cannot be imported."""

import a_module_that_nobody_installed  # type: ignore[import-not-found] # noqa: F401 - as it says


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    return {"ok": True}
