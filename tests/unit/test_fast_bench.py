"""The benchmark of the looks averages as the product does, and its situations are what they are said to be."""

import numpy as np
import pytest

from bench.fast import slots
from bench.fast.evidence import averages, metrics_at
from bench.fast.seconds import ended
from bench.fast.slots import looked_at, weights_by_slot
from tidegate.domain.judge import judge_metrics

SHARE = 0.1


@pytest.mark.parametrize("draw", [slots.worse(0.05), slots.slow, slots.shifted_within])
def test_the_average_of_many_releases_is_the_product_s(draw: slots.Draw) -> None:
    planned = weights_by_slot("linear-10-1m")[:24]
    counts = draw(np.random.default_rng(1), 4, 5, planned)
    looked = looked_at(planned)
    found = np.maximum.accumulate(averages(counts, looked, SHARE), axis=1)
    for row in range(4):
        for look in (1, 5, 6, 7, 13, 24):
            metrics = metrics_at(counts, row, look, looked, SHARE)
            whole = sum(metric.weight for metric in metrics)
            expected = judge_metrics(metrics, alpha=0.05).log_e_value
            assert max(0.0, found[row, look - 1] - np.log(whole)) == pytest.approx(expected, abs=1e-9)


def test_looks_follow_each_shift_and_the_first_for_longer() -> None:
    planned = weights_by_slot("guarded")
    seen = looked_at(planned)
    assert seen[:18] == list(range(18)), "all of the first step, which is shorter than ten minutes"
    assert [slot for slot in seen if 18 <= slot < 48] == list(range(18, 48)), "ten minutes from the first shift"
    assert [slot for slot in seen if 78 <= slot < 108] == list(range(78, 90)), "two minutes after the last"


def test_a_canary_whose_calls_all_fail_is_found_by_the_first_look() -> None:
    found = ended(100, 1.0, releases=3)
    assert [each and each.seconds for each in found] == [22, 22, 22]


def test_a_brown_out_beside_the_shift_begins_with_it() -> None:
    counts = slots.brown_out(20, with_the_shift=True)(
        np.random.default_rng(2), 50, 100, weights_by_slot("canary-10-5m")
    )
    rates = counts.x0.sum(axis=0) / counts.n0.sum(axis=0)
    assert [round(rate, 1) for rate in rates[:4]] == [0.3, 0.3, 0.0, 0.0]
