"""People who decide on a running release."""

from typing import Any

from tests.workflow.releases import Release, eventually
from tests.workflow.world import World

LONG = {"steps": [{"weight": 10, "bake": "30m"}, {"weight": 50, "bake": "30m"}]}


def decide(world: World, release: Release | str, decision: str, **fields: Any) -> Any:
    name = release if isinstance(release, str) else release.name
    usual = {"by": "ana", "reason": "orders are missing", "via": "command"}
    return world.call("Decide", {"release": name, "decision": decision, **usual, **fields})


def accepted(world: World, release: Release, decision: str, **fields: Any) -> str:
    told = decide(world, release, decision, **fields)
    assert told["accepted"], told
    return str(told["summary"])


def held_for(release: Release, words: str, state: str = "Compare versions") -> str:
    """Wait until a look has said so; give its summary."""

    def look() -> list[str]:
        return [result["summary"] for result in release.results(state) if words in result["summary"]]

    found: list[str] = eventually(look, f"{words} in {release.name}")
    return found[0]


def baking(world: World, strategy: Any = LONG, **request: Any) -> Release:
    return world.release(world.target().evidence(), strategy=strategy, **request).reach("Bake")
