"""Fails every request, but no probe."""


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    if event:
        raise KeyError("price")
    return {"ok": True}
