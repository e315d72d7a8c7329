"""The document of a function: which share of the users its canary gets. Tidegate's table has one for each alias."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, Callable, NamedTuple

from tidegate_route.position import POSITIONS, position

CANARY, STABLE = "canary", "stable"
"""The channels. A decision names a channel, never a version: the aliases alone say which version that is."""

SCHEMA = 1

COUNTED = 12 * 3600
"""Seconds in which calls still belong to a release that closed the document: perhaps other waves of it go on."""


class Document(NamedTuple):
    """Who meets the canary. `stable` and `canary` are aliases; `always` and `never` hold pseudonyms.

    Functions whose documents have the same salt have the same users on their canaries. Calls are of the `release` until
    it `ends`, in seconds since 1970.
    """

    salt: str
    percent: float
    stable: str
    canary: str
    always: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    release: str = ""
    ends: float = inf

    @classmethod
    def parse(cls, item: Mapping[str, Any]) -> Document:
        """Read a document; ValueError or TypeError if this version of the library cannot."""
        if item.get("schema") != SCHEMA:
            raise ValueError(f"schema is {item.get('schema')!r}; this library reads {SCHEMA}")
        for name in ("salt", "stable", "canary"):
            if not (isinstance(item.get(name), str) and item[name]):
                raise ValueError(f"{name} is a text, not {item.get(name)!r}")
        percent, always, never = item.get("percent"), item.get("always", ()), item.get("never", ())
        if isinstance(percent, (bool, str)) or percent is None or not 0 <= percent <= 100:
            raise ValueError(f"percent is a number from 0 to 100, not {percent!r}")
        if isinstance(always, str) or isinstance(never, str):
            raise TypeError("always and never are lists of pseudonyms")
        updated = item.get("updated")
        closed = updated if isinstance(updated, (int, float)) else 0
        ends = closed + COUNTED if item.get("closed") else inf
        texts = item["salt"], float(percent), item["stable"], item["canary"]
        return cls(*texts, frozenset(always), frozenset(never), str(item.get("release", "")), ends)

    def place(self, key: str | None) -> tuple[str, str, bool]:
        """Return the channel of a pseudonym, why, and whether the percentage decided it."""
        if key is None:
            return STABLE, "no user", False
        if key in self.always:
            return CANARY, "in always", False
        if key in self.never:
            return STABLE, "in never", False
        own, below = position(self.salt, key), int(self.percent * POSITIONS / 100 + 0.5)
        channel, verb = (CANARY, "is") if own < below else (STABLE, "is not")
        return channel, f"position {own / 100:.2f} {verb} below {self.percent:g} %", True


def table_reader(table: str, stable: str, timeout: float) -> Callable[[str], Mapping[str, Any] | None]:
    """Return a function that reads documents from Tidegate's table: one attempt, `timeout` seconds."""
    import boto3  # Lambda's runtime has it; whoever reads elsewhere needs none
    from botocore.config import Config

    bounds = Config(connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1})
    client = boto3.client("dynamodb", config=bounds)

    def read(function: str) -> Mapping[str, Any] | None:
        key = {"pk": {"S": f"route#{function}"}, "sk": {"S": stable}}
        item = client.get_item(TableName=table, Key=key).get("Item")
        return item and {name: plain(value) for name, value in item.items()}

    return read


def plain(value: Mapping[str, Any]) -> Any:
    """Return an attribute of DynamoDB as plain data."""
    ((kind, inner),) = value.items()
    if kind == "N":
        return float(inner)
    return [plain(each) for each in inner] if kind == "L" else inner
