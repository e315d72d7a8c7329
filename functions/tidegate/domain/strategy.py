"""Strategies: the steps of a release, and their well-known names."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from tidegate.domain.schedule import minutes_of

LOWEST_WEIGHT, HIGHEST_WEIGHT = 0.1, 90.0
"""In percent. At 100 % there is nothing left to compare with: the promotion goes to 100 %."""
WHOLE = 100
"""Percent: the promotion's weight."""
MOST_STEPS = 100

FORMS = (
    "guarded",
    "canary-10-5m (percent, minutes)",
    "linear-10-1m (percent, minutes)",
    "all-at-once",
    "a CodeDeploy name such as CodeDeployDefault.LambdaCanary10Percent5Minutes",
    'or {"steps": [{"weight": 5, "bake": "3m"}, {"weight": 50, "bake": "5m"}]}',
)


def check_weight(percent: float) -> None:
    """Raise ValueError unless two versions can be compared at this weight."""
    if not LOWEST_WEIGHT <= percent <= HIGHEST_WEIGHT:
        raise ValueError(
            f"{percent:g} % is not a weight at which versions can "
            f"be compared: use {LOWEST_WEIGHT:g} to {HIGHEST_WEIGHT:g}; the promotion goes to 100"
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A weight (percent on the canary) and how many visible minutes to stay, at least.

    It moves the targets of one `wave`, or of all waves (None). A wave before the last is promoted by a step to 100 %.
    """

    weight: float
    bake_minutes: int
    wave: int | None = None

    @property
    def promotes(self) -> bool:
        """Return whether it promotes a wave."""
        return self.wave is not None and self.weight == WHOLE

    def longest(self, max_bake_minutes: int) -> int:
        """Return the minutes of the step while the evidence is inconclusive; after a promotion nothing is awaited."""
        return self.bake_minutes if self.promotes else max(self.bake_minutes, max_bake_minutes)

    def __post_init__(self) -> None:
        if not self.promotes:
            check_weight(self.weight)
        if self.bake_minutes < 1:
            raise ValueError(f"a bake must be at least one minute, not {self.bake_minutes}")


@dataclass(frozen=True, slots=True)
class Strategy:
    """Steps with rising weights, then the promotion.

    `on_inconclusive` (hold, promote, rollback) and `bakes_on` (whether to stay longer than the
    bake for more information) are defaults for the request.
    """

    name: str
    steps: tuple[Step, ...]
    on_inconclusive: str
    bakes_on: bool

    def __post_init__(self) -> None:
        for wave in {step.wave for step in self.steps}:
            weights = [step.weight for step in self.steps if step.wave == wave and not step.promotes]
            if any(later <= earlier for earlier, later in pairwise(weights)):
                raise ValueError(f"weights must rise from step to step, but these do not: {weights}")
            if len(weights) > MOST_STEPS:
                raise ValueError(f"{len(weights)} steps are more than the limit of {MOST_STEPS}")

    def of_wave(self, wave: int | None) -> "Strategy":
        """Return the steps at which the targets of a wave are compared."""
        own = tuple(step for step in self.steps if step.wave in {None, wave} and not step.promotes)
        return self if len(own) == len(self.steps) else replace(self, steps=own)

    def in_waves(self, settling: Mapping[int, int]) -> "Strategy":
        """Return the steps of waves one after the other: each passes every step; all but the last are promoted by one.

        `settling` are the waves, in order, and the minutes to stay after the promotion of each. A strategy without
        steps has none: its promotion goes wave by wave.
        """
        if len(settling) < 2 or not self.steps:
            return self
        *_, last = settling
        steps = list[Step]()
        for wave, minutes in settling.items():
            steps += [replace(step, wave=wave) for step in self.steps]
            steps += [Step(WHOLE, minutes, wave)] if wave != last else []
        return replace(self, steps=tuple(steps))


def stepwise(steps: Iterable[Step]) -> Strategy:
    """Return the strategy of a request that lists its steps: it bakes longer, then holds."""
    return Strategy("steps", tuple(steps), on_inconclusive="hold", bakes_on=True)


def strategy_named(name: str) -> Strategy:
    """Find a strategy by its name.

    Raises
    ------
    ValueError
        No strategy has this name; the message lists the nearest one and the valid forms.
    """
    build = _BY_NAME.get(name)
    if build:
        return build(name)
    form = _FORM.fullmatch(name)
    if form:
        return _BY_FORM[form["kind"]](name, float(form["weight"]), minutes_of(form["bake"]))
    raise ValueError(f'there is no strategy "{name[:80]}"{_nearest(name)}; there are: {", ".join(FORMS)}')


def _guarded(name: str) -> Strategy:
    steps = (Step(5, 3), Step(10, 5), Step(25, 5), Step(50, 5))
    return Strategy(name, steps, on_inconclusive="hold", bakes_on=True)


def _unguarded(name: str, steps: Iterable[Step]) -> Strategy:
    """Promote without evidence, as CodeDeploy does for these names."""
    return Strategy(name, tuple(steps), on_inconclusive="promote", bakes_on=False)


def _all_at_once(name: str) -> Strategy:
    return _unguarded(name, ())


def _canary(name: str, weight: float, bake: int) -> Strategy:
    return _unguarded(name, [Step(weight, bake)])


def _linear(name: str, weight: float, bake: int) -> Strategy:
    if weight < 1:
        raise ValueError(f'"{name}" has more than {MOST_STEPS} steps: use 1 percent or more')
    count = max(1, int(round(HIGHEST_WEIGHT / weight, 6)))
    return _unguarded(name, [Step(round(weight * number, 4), bake) for number in range(1, count + 1)])


_FORM = re.compile(r"(?P<kind>canary|linear)-(?P<weight>\d{1,3}(?:\.\d{1,4})?)-(?P<bake>[0-9hms]+)", re.ASCII)
_BY_FORM = {"canary": _canary, "linear": _linear}

_CODEDEPLOY = {
    "AllAtOnce": "all-at-once",
    **{f"Canary10Percent{bake}Minutes": f"canary-10-{bake}m" for bake in (5, 10, 15, 30)},
    "Linear10PercentEvery1Minute": "linear-10-1m",
    **{f"Linear10PercentEvery{bake}Minutes": f"linear-10-{bake}m" for bake in (2, 3, 10)},
}
"""The names of CodeDeploy and AWS SAM, without prefix; CodeDeploy's own are CodeDeployDefault.Lambda..."""


def _renamed(plain: str) -> Callable[[str], Strategy]:
    def build(name: str) -> Strategy:
        known = strategy_named(plain)
        return Strategy(name, known.steps, known.on_inconclusive, known.bakes_on)

    return build


_BY_NAME: dict[str, Callable[[str], Strategy]] = {
    "guarded": _guarded,
    "all-at-once": _all_at_once,
    **{
        prefix + name: _renamed(plain)
        for name, plain in _CODEDEPLOY.items()
        for prefix in ("", "Lambda", "CodeDeployDefault.", "CodeDeployDefault.Lambda")
    },
}

NAMES = (*_BY_NAME, "canary-10-5m", "linear-10-1m")
"""Every fixed name, and one of each form."""


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    found = get_close_matches(name, NAMES, n=1)
    return f', did you mean "{found[0]}"?' if found else ""
