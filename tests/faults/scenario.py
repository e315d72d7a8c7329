"""What happens in one faulted release: drawn from its seed and number alone, before anything runs."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

STABLE = "1"
STRATEGIES: tuple[Any, ...] = (
    "all-at-once",
    "canary-10-1m",
    {"steps": [{"weight": 10, "bake": "1m"}]},
    {"steps": [{"weight": 20, "bake": "1m"}, {"weight": 50, "bake": "1m"}]},
)
HEALTHY, FAILING, BROKEN = "healthy", "failing", "broken"
"""The canary works; fails three requests of ten; does not start."""
APPROVE, FAIL, REFUSE = "approve", "fail", "refuse"
"""The functions that a release asks approve; fail, without consequences; disapprove before the end."""
HOOKS = (None, None, None, APPROVE, APPROVE, FAIL, REFUSE)
TARGETS = (1, 1, 1, 1, 2, 2, 3, 4, 5)
MANY, ONE_IN = 20, 50
"""One release in so many has many targets, in two waves."""
AFTER_A_WAVE = (0.0, 240.0, 330.0, 420.0)
"""Emulated seconds by which the first of two waves may be promoted, and the second may shift."""


MOMENTS = ("before_traffic", "before_step", "after_step", "after_promotion", "on_rollback")
PROVISIONED = 0.15
"""The share of releases whose old version has provisioned concurrency."""
ROUTED = 0.2
"""The share of releases that route users, where the strategy has steps."""


def token_of(number: int) -> str:
    """Return a part of every name of a release and of no other's: faults find their calls by it."""
    return f"x{number:05}x"


@dataclass(frozen=True)
class Drawn:
    """A release of the suite: all else about it is drawn from its seed and number."""

    seed: int
    number: int

    @property
    def token(self) -> str:
        return token_of(self.number)

    @property
    def name(self) -> str:
        return f"release-{self.token}"


@dataclass(frozen=True)
class Outline(Drawn):
    """A release before anything goes wrong with it."""

    strategy: Any
    canary: str
    targets: int
    configuration: bool
    on_inconclusive: str
    real_traffic: bool
    on_worse: str
    hooks: str | None
    provisioned: bool
    """Whether the first target's version has provisioned concurrency, which goes along."""
    routed: bool = False
    """Whether it routes users; no caller of theirs logs anything."""
    waves: str = ""
    """How its two waves follow each other; empty for one wave."""

    def wave(self, index: int) -> int:
        """Give the wave of a target: the first one, whose canary may be bad, is of the last wave."""
        return 2 - index % 2 if self.waves else 1

    @property
    def shifts(self) -> bool:
        """Whether it is to come as far as to divide requests between two versions."""
        return self.canary != BROKEN and bool(self.strategy != "all-at-once")

    def after_a_wave(self, source: str) -> float:
        """Choose how much later something happens that is to happen while the aliases are split: in either wave.

        From a `source` of its own: a seed gives the same faults as before there were waves.
        """
        if self.waves != "sequential" or not self.shifts:
            return 0.0
        return Random(f"{source} {self.seed} {self.number}").choice(AFTER_A_WAVE)

    @property
    def looks_back(self) -> bool:
        """Whether it is to look back once every request goes to the new version."""
        return self.canary == HEALTHY and self.on_worse != "ignore"

    @property
    def asks(self) -> str:
        """Name the function that it asks."""
        return f"check-{self.token}"

    def routing_of(self, strategy: Any) -> dict[str, Any]:
        """Give the routing of a release by this strategy, as a request has it."""
        return {"routing": "users"} if self.routed and strategy != "all-at-once" else {}

    def hooks_of(self, strategy: Any) -> dict[str, Any]:
        """Give the hooks of a release by this strategy, as a request has them."""
        if self.hooks is None:
            return {}
        if self.hooks == REFUSE:  # where somebody could be left with a divided alias
            return {"before_traffic" if strategy == "all-at-once" else "after_step": self.asks}
        one = {
            "function": self.asks,
            "timeout_seconds": 20,
            "on_failure": "continue" if self.hooks == FAIL else "rollback",
        }
        return dict.fromkeys(MOMENTS, one)


def outline(seed: int, number: int) -> tuple[Outline, Random]:
    """Give a release, and the source of everything else that is drawn for it."""
    random = Random(f"faults {seed} {number}")
    real_traffic = number % 10 == 9
    many = number % ONE_IN == ONE_IN // 2 + 1
    drawn = Outline(
        seed=seed,
        number=number,
        strategy=random.choice(STRATEGIES),
        canary=random.choice((HEALTHY, HEALTHY, HEALTHY, FAILING, FAILING, BROKEN)),
        targets=_targets(random.choice(TARGETS), many=many, real_traffic=real_traffic),
        configuration=random.random() < 0.25,
        on_inconclusive=random.choice(("promote", "rollback")),
        real_traffic=real_traffic,
        on_worse=random.choice(("ignore", "ignore", "ignore", "alert", "rollback")),
        # From a source of their own: a seed gives the same faults as before there were any.
        hooks=Random(f"hooks {seed} {number}").choice(HOOKS),
        provisioned=Random(f"provisioned {seed} {number}").random() < PROVISIONED,
        routed=Random(f"routed {seed} {number}").random() < ROUTED,
    )
    return replace(drawn, waves=_waves(drawn, number)), random


def _targets(drawn: int, *, many: bool, real_traffic: bool) -> int:
    return MANY if many else 1 if real_traffic else drawn


def _waves(drawn: Outline, number: int) -> str:
    """Give two of three releases of several targets two waves, and each of many."""
    if drawn.targets == MANY:
        return ("sequential", "lockstep")[number // ONE_IN % 2]
    return ("", "sequential", "lockstep")[number % 3] if drawn.targets > 1 else ""
