"""Orders of users through both chains, and which versions each of them met."""

import json
import random
import time
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import boto3
from botocore.config import Config

from bench.chain.shop import API, STABLE, USERS, WEIGHTS, Shop, names
from localcloud.lambda_ import Invocation
from localcloud.lambda_ import routing as draws
from tidegate_route import Router

AT_ONCE = 8
PATIENCE = 120.0
"""Real seconds after the last order in which its events must have arrived."""


@dataclass
class Counts:
    """Of one chain: the versions that each order met, by function. An order is named USER/NUMBER."""

    met: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def users(self) -> list[str]:
        """All users, in the order of their numbers."""
        found = {order.partition("/")[0] for order in self.met}
        return sorted(found, key=lambda user: int(user.partition("-")[2]))

    def reached(self) -> set[str]:
        """Return the users who met a new version at least once."""
        return {order.partition("/")[0] for order, versions in self.met.items() if "2" in versions.values()}

    def mixed(self) -> int:
        """Return the number of orders in which old and new versions met."""
        return sum(len(set(versions.values())) > 1 for versions in self.met.values())


def run(shop: Shop, users: int, orders: int) -> Mapping[str, Counts]:
    """Let each user order so often, in a random order, through both chains."""
    draws.seed(1)
    placed = [f"user-{user}/{order}" for user in range(users) for order in range(orders)]
    random.Random(1).shuffle(placed)  # noqa: S311 - traffic, not secrets
    client = boto3.client("lambda", config=Config(max_pool_connections=2 * AT_ONCE, read_timeout=60))
    router = Router.from_table(shop.table, timeout=5)
    router.instrument(client, f"{USERS}-{API}")

    def order(number: str) -> None:
        user = number.partition("/")[0]
        payload = json.dumps({"user": user, "order": number}).encode()
        client.invoke(FunctionName=f"{WEIGHTS}-{API}", Qualifier=STABLE, Payload=payload)
        with router.serving(user):
            for name in names(USERS):  # once for the whole chain: caches of others may be older
                router.qualifier(name)
            client.invoke(FunctionName=f"{USERS}-{API}", Payload=payload)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(order, placed))
    return _arrived(shop, len(placed))


def _arrived(shop: Shop, orders: int) -> Mapping[str, Counts]:
    """Wait until every order reached every function of its chain."""
    gives_up = time.monotonic() + PATIENCE
    while True:
        found = counted(list(shop.cloud.invocations))
        if all(len(found[way].met) == orders and _whole(way, found[way]) for way in (WEIGHTS, USERS)):
            return found
        if time.monotonic() > gives_up:
            reached = {way: len(each.met) for way, each in found.items()}
            raise TimeoutError(f"not every order reached three functions: {reached} of {orders}")
        time.sleep(0.5)


def _whole(way: str, counts: Counts) -> bool:
    return all(versions.keys() == set(names(way)) for versions in counts.met.values())


def counted(invocations: list[Invocation]) -> Mapping[str, Counts]:
    found: dict[str, Counts] = defaultdict(Counts)
    for each in invocations:
        way = each.function_name.partition("-")[0]
        if way not in {WEIGHTS, USERS} or each.throttled:
            continue
        if each.error_type:
            raise RuntimeError(f"{each.function_name} failed: {each.error_type}")
        event = json.loads(each.payload)
        order = event.get("detail", event)["order"]
        found[way].met[order][each.function_name] = each.executed_version
    return found
