"""Takes batches of messages from a queue."""


def handler(event: dict[str, list[object]], context: object) -> dict[str, object]:
    return {"taken": len(event.get("Records", []))}
