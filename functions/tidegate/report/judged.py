"""What Compare wrote to the ledger at each tick, as ticks and as counts by the minute."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tidegate.report.model import Counts, Metric, Pair, TargetTick, Tick

ERRORS = "errors"
Item = Mapping[str, Any]


def ticks(judged: Sequence[Item]) -> tuple[Tick, ...]:
    """Read every `judged` event; what an older Compare did not write is left out."""
    return tuple(
        Tick(
            at=item["at"],
            weight=float(item.get("weight", 0)),
            verdict=item.get("verdict", "no_data"),
            summary=item.get("summary", ""),
            targets=tuple(
                TargetTick(each["target"], each["verdict"], float(each.get("log_e_value", 0)))
                for each in item.get("verdicts", [])
            ),
        )
        for item in judged
    )


def metrics_of(target: str, judged: Sequence[Item]) -> tuple[Metric, ...]:
    """Give everything that was judged of a target, each minute as it was read last: late data corrects it."""
    minutes = _minutes(target, judged)
    last = last_verdict(target, judged)
    if not minutes and last is None:
        return ()
    last = last or {}
    return (
        Metric(
            ERRORS,
            "failed",
            minutes,
            _whole(last, minutes),
            log_e_value=last.get("log_e_value"),
            verdict=last.get("verdict"),
            explanation=last.get("explanation", ""),
        ),
    )


def _whole(verdict: Item, minutes: Mapping[int, Pair]) -> Pair:
    """Give the totals as the judge had them; the ledger need not have every minute."""
    if "canary" not in verdict:
        return sum(minutes.values(), Pair())
    return Pair(*(Counts(*verdict[version]) for version in ("stable", "canary")))


def last_verdict(target: str, judged: Sequence[Item]) -> Item | None:
    found = [each for item in judged for each in item.get("verdicts", []) if each["target"] == target]
    return found[-1] if found else None


def problem_of(target: str, judged: Sequence[Item]) -> str | None:
    """Say why the newest tick could not read the target's metrics, if it could not."""
    if not judged:
        return None
    problem: str | None = judged[-1].get("evidence", {}).get(target, {}).get("problem")
    return problem


def _minutes(target: str, judged: Sequence[Item]) -> dict[int, Pair]:
    found: dict[int, Pair] = defaultdict(Pair)
    for minute in _written(target, judged):
        found[minute["start"]] = Pair(
            stable=Counts(minute["stable_bad"], minute["stable_total"]),
            canary=Counts(minute["canary_bad"], minute["canary_total"]),
        )
    return dict(sorted(found.items()))


def _written(target: str, judged: Sequence[Item]) -> Iterator[Item]:
    for item in judged:
        yield from item.get("evidence", {}).get(target, {}).get("minutes", [])
