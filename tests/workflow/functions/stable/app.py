"""The version that serves before a release."""


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    return {"ok": True, "build": "stable"}
