"""A ledger in memory, behind the calls that keep what one tick leaves to the next."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tidegate.aws.ledger import table


class Ledger(dict[tuple[str, str], Any]):
    """Items by their keys; `calls` counts what DynamoDB would have been asked."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def put(self, item: Any, *, condition: str | None = None) -> None:
        self.calls += 1
        self[item["pk"], item["sk"]] = json.loads(json.dumps(item))

    def get_all(self, keys: list[tuple[str, str]]) -> list[Any]:
        self.calls += 1
        return [self[key] for key in keys if key in self]

    def query(self, pk: str, prefix: str) -> list[Any]:
        """Give what begins so; a page of DynamoDB has a megabyte at most."""
        found = [item for key, item in sorted(self.items()) if key[0] == pk and key[1].startswith(prefix)]
        self.calls += 1 + sum(len(json.dumps(item)) for item in found) // 1_000_000
        return found

    def beginning(self, prefix: str) -> list[tuple[str, str]]:
        return [key for key in sorted(self) if key[1].startswith(prefix)]


@contextmanager
def ledger() -> Iterator[Ledger]:
    """Have what reads and writes the ledger use a new one."""
    ours = Ledger()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("put", "get_all", "query"):
            patch.setattr(table, name, getattr(ours, name))
        yield ours
