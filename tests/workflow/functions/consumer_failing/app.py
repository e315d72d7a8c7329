"""Fails at every batch of messages, and at nothing else."""


def handler(event: dict[str, list[object]], context: object) -> dict[str, object]:
    if event.get("Records"):
        raise RuntimeError("a batch cannot be read")
    return {"taken": 0}
