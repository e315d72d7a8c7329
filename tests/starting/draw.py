"""Events as they are drawn from a seed: what is sent, how often, what goes wrong, and what has to become of it."""

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.reading import ROOT
from tests.starting import trouble
from tests.starting.spoiling import spoil
from tests.starting.trouble import Trouble
from tidegate.domain.media_types import IMAGES

RELEASED, REFUSED, NOTHING = "released", "refused", "nothing"

REPOSITORY = "shop-pushed"
PUSH = json.loads((ROOT / "tests/events/ecr-push.json").read_text())
UPDATE = json.loads((ROOT / "tests/events/cloudtrail-update-code.json").read_text())


@dataclass(frozen=True)
class Sent:
    """One entry of PutEvents, or a whole event of AWS."""

    kind: str
    detail: dict[str, Any]
    source: str = "shop.builds"

    @property
    def by_aws(self) -> bool:
        return self.source.startswith("aws.")


@dataclass(frozen=True)
class Scenario:
    """`sent` goes out in any order; `may` says what each of it may become, `releases` how many there may be of all."""

    number: int
    row: str
    token: str
    sent: tuple[Sent, ...]
    may: frozenset[str]
    releases: int
    trouble: Trouble | None

    def __str__(self) -> str:
        return f"{self.row} ({self.token}), sent {len(self.sent)} times; {self.trouble or 'no trouble'}"


Row = Callable[[random.Random, str, "Names"], tuple[list[Sent], set[str], int]]


@dataclass(frozen=True)
class Names:
    """Functions that requests are for, and the one that is released when somebody updates it."""

    requested: tuple[str, ...]
    updated: str


def draw(seed: int, number: int, names: Names) -> Scenario:
    chance = random.Random(f"{seed}/{number}")
    token = f"e{seed}n{number:04}z"
    row = chance.choices([*ROWS], [weight for weight, _ in ROWS.values()])[0]
    sent, may, releases = ROWS[row][1](chance, token, names)
    return Scenario(number, row, token, tuple(sent), frozenset(may), releases, trouble.drawn(chance))


def digest(token: str, layer: str) -> str:
    """Give the digest of an image that is pushed under the tag `token`."""
    return f"sha256:{hashlib.sha256(manifest(token, layer).encode()).hexdigest()}"


def manifest(token: str, layer: str) -> str:
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    return json.dumps({"schemaVersion": 2, "mediaType": kind, "layers": [], "config": {"digest": f"{token}-{layer}"}})


def _request(chance: random.Random, token: str, names: Names, **more: Any) -> dict[str, Any]:
    function = chance.choice(names.requested)
    return {"function": function, "alias": "live", "dry_run": True, "labels": {"number": token}, **more}


def _asked(detail: dict[str, Any]) -> Sent:
    return Sent("Release Requested", detail)


def _plain(chance: random.Random, token: str, names: Names) -> tuple[list[Sent], set[str], int]:
    return [_asked(_request(chance, token, names))], {RELEASED}, 1


def _keyed(chance: random.Random, token: str, names: Names) -> tuple[list[Sent], set[str], int]:
    detail = _request(chance, token, names, key=f"k-{token}")
    return [_asked(detail)] * chance.choice([1, 2, 3]), {RELEASED}, 1


def _clashing(chance: random.Random, token: str, names: Names) -> tuple[list[Sent], set[str], int]:
    detail = _request(chance, token, names, key=f"k-{token}")
    another = {**detail, "configuration": {"memory_size": 512}}
    return [_asked(detail), _asked(another), _asked(detail)], {RELEASED, REFUSED}, 1


def _spoilt(chance: random.Random, token: str, names: Names) -> tuple[list[Sent], set[str], int]:
    more = {"key": f"k-{token}"} if chance.random() < 0.3 else {}
    detail = _request(chance, token, names, **more)
    for _ in range(chance.choice([1, 1, 3])):
        spoil(detail, chance)
    return [_asked(detail)], {RELEASED, REFUSED}, 1


def _wrong(chance: random.Random, token: str, names: Names) -> tuple[list[Sent], set[str], int]:
    detail = _request(chance, token, names)
    wrong: list[dict[str, Any]] = [{"function": "other-team"}, {"memory": 3}, {"key": "a b"}, {"alias": "$LATEST"}]
    return [_asked({**detail, **chance.choice(wrong)})], {REFUSED}, 0


def _other_kind(chance: random.Random, token: str, names: Names) -> tuple[list[Sent], set[str], int]:
    kind, detail = chance.choice(
        [
            ("Release Requsted", _request(chance, token, names)),
            (PUSH["detail-type"], _push(token, digest(token, "new"))),
        ]
    )
    return [Sent(kind, detail)], {REFUSED}, 0


def _push(token: str, pushed: str) -> dict[str, Any]:
    return {**PUSH["detail"], "repository-name": REPOSITORY, "image-tag": token, "image-digest": pushed}


def _of_aws(told: Any, detail: dict[str, Any], chance: random.Random) -> list[Sent]:
    """AWS sends an event more than once now and then: it is the same one."""
    return [Sent(told["detail-type"], detail, told["source"])] * chance.choice([1, 1, 2])


def _pushed(chance: random.Random, token: str, _names: Names) -> tuple[list[Sent], set[str], int]:
    return _of_aws(PUSH, _push(token, digest(token, "new")), chance), {RELEASED}, 1


def _pushed_late(chance: random.Random, token: str, _names: Names) -> tuple[list[Sent], set[str], int]:
    return _of_aws(PUSH, _push(token, digest(token, "old")), chance), {REFUSED}, 0


def _pushed_wrong(chance: random.Random, token: str, _names: Names) -> tuple[list[Sent], set[str], int]:
    index = {"manifest-media-type": "application/vnd.oci.image.index.v1+json"}
    wrong = chance.choice([{"image-digest": token}, {"repository-name": "Sh op"}, {"image-tag": ".-"}, index])
    return _of_aws(PUSH, _push(token, digest(token, "new")) | wrong, chance), {REFUSED}, 0


def _for_nobody(chance: random.Random, token: str, names: Names) -> tuple[list[Sent], set[str], int]:
    signature = {"image-tag": f"sha256-{'4f' * 32}.sig"}
    attested = {"artifact-media-type": "application/vnd.in-toto+json", "manifest-media-type": next(iter(IMAGES))}
    others = [{"image-tag": ""}, {"repository-name": "shop-unknown"}, signature, attested]
    push = _push(token, digest(token, "new")) | chance.choice(others)
    failed = _update(token, names.updated) | {"errorCode": "AccessDenied"}
    untagged = _update(token, names.requested[0])
    told = chance.choice([(PUSH, push), (UPDATE, failed), (UPDATE, untagged)])
    return _of_aws(*told, chance), {NOTHING}, 0


def _update(token: str, function: str) -> dict[str, Any]:
    who = {"type": "IAMUser", "arn": f"arn:aws:iam::123456789012:user/{token}"}
    return {**UPDATE["detail"], "userIdentity": who, "requestParameters": {"functionName": function}}


def _updated(chance: random.Random, token: str, names: Names) -> tuple[list[Sent], set[str], int]:
    return _of_aws(UPDATE, _update(token, names.updated), chance), {RELEASED}, 1


def _updated_wrong(chance: random.Random, token: str, _names: Names) -> tuple[list[Sent], set[str], int]:
    return _of_aws(UPDATE, _update(token, "a b"), chance), {REFUSED}, 0


ROWS: dict[str, tuple[float, Row]] = {
    "request": (20, _plain),
    "request with a key, sent again": (15, _keyed),
    "one key, two requests": (5, _clashing),
    "request, spoilt at random": (22, _spoilt),
    "request that cannot be": (6, _wrong),
    "no request, on its bus": (4, _other_kind),
    "image pushed": (9, _pushed),
    "image pushed, told too late": (4, _pushed_late),
    "image pushed, malformed": (2, _pushed_wrong),
    "function updated": (7, _updated),
    "function updated, malformed": (2, _updated_wrong),
    "for nobody": (4, _for_nobody),
}
"""How often of a hundred, and what is drawn."""
