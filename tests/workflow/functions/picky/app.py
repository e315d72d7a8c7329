"""Refuses events that it does not know."""


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    if "ping" not in event:
        raise ValueError("no ping in the event")
    return {"pong": event["ping"], "build": "picky"}
