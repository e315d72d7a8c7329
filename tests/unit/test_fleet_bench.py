"""The benchmark of releases of many functions judges all of them as the product does."""

import numpy as np
import pytest

from bench.fleet_judge import SITUATIONS, Situation, drawn, fleet_values
from tests.builders import by_start
from tidegate.domain.judge import Metric, Minute, judge_fleet
from tidegate.domain.metric import ERRORS

RELEASES, TARGETS = 2, 3


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_the_evidence_of_all_targets_is_the_product_s(situation: Situation) -> None:
    counts = drawn(np.random.default_rng(1), situation, RELEASES, TARGETS)
    found = np.maximum.accumulate(fleet_values(counts, TARGETS), axis=1)
    (n1, x1), (n0, x0) = counts.canary, counts.stable
    for release in range(RELEASES):
        rows = range(release * TARGETS, (release + 1) * TARGETS)
        for end in (1, 5, n1.shape[1]):
            metrics = [
                Metric(
                    ERRORS,
                    by_start(*(Minute(*map(int, (n1[r, m], x1[r, m], n0[r, m], x0[r, m]))) for m in range(end))),
                )
                for r in rows
            ]
            expected = judge_fleet(metrics, alpha=0.01).log_e_value
            assert max(0.0, found[release, end - 1]) == pytest.approx(expected, abs=1e-9)
