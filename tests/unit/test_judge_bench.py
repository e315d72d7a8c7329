"""The benchmark judges as the product does, and its rivals do what they are said to do."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm

from bench.figure import Figure
from bench.judge import document, plot, table
from bench.judge.cells import Cell, cells
from bench.judge.counts import Counts
from bench.judge.fast import dispersions, log_e_values
from bench.judge.outcome import Outcome, outcome
from bench.judge.ranks import _statistic, is_high
from bench.judge.rules import OURS, RULES, Tidegate
from bench.judge.schedules import CANARY, GUARDED, LINEAR, weights
from bench.judge.situations import brown_out, draw, retried, shifted_within, worse
from bench.judge.slow import as_seen
from tests.judging import judged, of_errors
from tests.reading import ROOT
from tidegate.domain.judge import Calls, dispersion

RANDOM = np.random.default_rng(1)


@pytest.fixture(autouse=True)
def same_draws() -> None:
    """Give each test the same draws, whichever tests ran before it in its process."""
    RANDOM.bit_generator.state = np.random.default_rng(1).bit_generator.state


def some_counts(releases: int = 40, minutes: int = 7) -> Counts:
    """Busy and idle minutes, some without calls, some whose weight changed, with dispersions from 1 to 5."""
    n1, n0 = RANDOM.poisson(RANDOM.choice([0, 2, 60], (2, releases, minutes)))
    x1, x0 = RANDOM.binomial(n1, RANDOM.uniform(0, 0.4, (releases, 1))), RANDOM.binomial(n0, 0.05)
    floors = np.where(np.arange(minutes) % 3 == 0, 0.5, np.nan)
    return Counts(n1, x1, n0, x0, floors, RANDOM.uniform(1, 5, releases))


def test_the_copy_gives_the_product_s_e_values() -> None:
    counts = some_counts()
    canary, stable = (counts.canary_total, counts.canary_bad), (counts.stable_total, counts.stable_bad)
    largest = np.maximum.accumulate(log_e_values(canary, stable, counts.weights, counts.phi), axis=1)
    for row in range(counts.shape[0]):
        for look in range(1, counts.shape[1] + 1):
            seen = judged(counts.until(look).minutes(row), dispersion=float(counts.phi[row]))
            expected = of_errors(seen).log_e_value
            assert max(0.0, largest[row, look - 1]) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_copy_gives_the_product_s_dispersion() -> None:
    totals = RANDOM.poisson(RANDOM.choice([0, 3, 400], (60, 60)))
    bad = np.minimum(totals, RANDOM.integers(1, 8, (60, 1)) * RANDOM.binomial(totals, 0.02))
    for found, calls, failed in zip(dispersions(totals, bad, 1.5), totals.tolist(), bad.tolist(), strict=True):
        hour = {60 * k: Calls(*each) for k, each in enumerate(zip(calls, failed, strict=True))}
        assert found == pytest.approx(dispersion(hour, floor=1.5), rel=1e-9)


def test_asking_the_judge_only_where_it_may_fail_changes_nothing() -> None:
    counts = some_counts()
    first = OURS.first(counts)
    assert 0 < (first > 0).sum() < len(first)
    assert first.tolist() == super(Tidegate, OURS).first(counts).tolist()


def test_the_rank_statistic_is_the_one_of_the_mann_whitney_test() -> None:
    x, y = RANDOM.integers(0, 6, (20, 8)) / 10, RANDOM.integers(0, 6, (20, 8)) / 10
    expected = mannwhitneyu(x, y, axis=1, method="asymptotic", use_continuity=True).pvalue
    assert 2 * norm.sf(np.abs(_statistic(x, y, np.zeros(20)))) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("canary", "stable", "high"),
    [
        ([0.5, 0.5, 0.5], [0.01, 0.02, 0.01], True),  # no overlap
        ([0.03, 0.02, 0.01], [0.01, 0.02, 0.01], False),
        ([0.5, np.nan, 0.5, 0.4], [0.01, 0.02, 0.01, 0.01], True),
        ([np.nan] * 3, [0.01] * 3, False),
        ([0.0] * 3, [0.0] * 3, False),
        ([0.011] * 10, [0.01] * 10, True),  # however small the difference
        ([0.0] * 10, [0.01] * 10, False),
    ],
)
def test_kayenta_calls_a_series_high_that_lies_above_the_other(
    canary: list[float], stable: list[float], high: bool
) -> None:
    assert is_high(np.array([canary]), np.array([stable])).tolist() == [high]


@pytest.mark.parametrize(
    ("rule", "minutes"),
    [
        ("CodeDeploy, alarm on alias errors >= 1", [2]),
        ("CodeDeploy, alarm on alias rate > 5 %", [4]),
        ("alarm on the version's rate > 5 %", [3]),
        ("Argo/Flagger, success >= 99 %, limit 2", [4]),
        ("pooled test at 5 %, each minute", [3]),
        ("Tidegate, alpha 0.05", [3]),
    ],
)
def test_each_rule_fails_at_its_own_minute(rule: str, minutes: list[int]) -> None:
    """2, 8 and 50 of 100 fail on the canary, after none; on stable 1 to 20 of 900."""
    bad = np.array([[0, 2, 12, 50]])
    calls = np.full((1, 4), 100), np.full((1, 4), 900)
    counts = Counts(calls[0], bad, calls[1], np.array([[0, 5, 5, 20]]), np.full(4, np.nan), np.ones(1))
    (found,) = (each for each in RULES if each.name == rule)
    assert found.first(counts).tolist() == minutes


def test_what_is_failed_until_the_roll_back_includes_the_minute_in_which_it_is_acted_upon() -> None:
    found = outcome(np.array([1, 0, 3, 0]), np.array([[5, 6, 7, 8], [9, 9, 9, 9], [1, 1, 1, 1], [9, 9, 9, 9]]))
    assert found == Outcome(4, 0.5, 3.0, 7.5)
    assert outcome(np.array([0]), np.array([[1]])) == Outcome(1, 0.0, None, None)


@pytest.mark.parametrize("schedule", [CANARY, LINEAR, GUARDED])
def test_situations_are_what_they_are_called(schedule: str) -> None:
    planned = weights(schedule)
    assert planned[-1] == planned[-2]

    def rates(counts: Counts) -> tuple[float, float]:
        return counts.canary_bad.sum() / counts.canary_total.sum(), counts.stable_bad.sum() / counts.stable_total.sum()

    assert rates(worse(0.1)(RANDOM, 50, 100, planned)) == pytest.approx((0.105, 0.005), rel=0.1)
    canary, stable = rates(brown_out(RANDOM, 20_000, 10, planned))
    assert canary == pytest.approx(stable, rel=0.2)
    mixed = shifted_within(RANDOM, 20, 100, planned)
    first = mixed.canary_total[:, 0].mean() / (mixed.canary_total + mixed.stable_total)[:, 0].mean()
    assert first == pytest.approx(planned[0] / 2, rel=0.1)
    assert mixed.weights[0] == planned[0]
    again = retried(RANDOM, 50, 100, planned)
    assert (again.phi >= 2).all()
    assert again.stable_bad[:, 4].mean() == pytest.approx(3 * again.stable_bad[:, 0].mean(), rel=0.5)


def test_a_slow_canary_shows_its_errors_first_and_is_not_failed_for_it() -> None:
    counts = draw(RANDOM, 20, 100, [0.1] * 6, stable=0.01, before=0.01)
    seen = as_seen(counts)
    assert (seen.canary_total[:, -3:] == counts.canary_bad[:, -3:]).all()
    assert OURS.fails(seen).all()
    held = Counts(*(seen.canary_total, seen.canary_bad, seen.stable_total, seen.stable_bad), np.full(6, 0.1), seen.phi)
    assert not OURS.fails(held).any()


def made_up() -> table.Results:
    """Give results in which each rule rolls back as many percent as its name is long."""
    return [(cell, {r.name: Outcome(100, len(r.name) / 100, 3.0, 12.0) for r in RULES}) for cell in cells()]


def test_the_tables_have_a_line_a_rule_with_what_was_found() -> None:
    for text in (
        table.false_alarms(made_up(), CANARY),
        table.misses(made_up(), LINEAR),
        table.short(made_up(), CANARY),
    ):
        head, _, *lines = text.splitlines()
        assert len(lines) == len(RULES)
        assert {line.count("|") for line in lines} == {head.count("|")}
    assert "| Kayenta (Mann-Whitney), each minute | 35 % |" in table.short(made_up(), CANARY)


def test_the_picture_has_two_lines_a_rule_and_is_well_formed() -> None:
    picture = ElementTree.fromstring(plot.draw(made_up()))
    assert len([each for each in picture.iter() if each.tag.endswith("polyline")]) == 2 * len(RULES)


def test_tables_go_between_their_comments_and_nowhere_else() -> None:
    text = "a\n<!-- bench: one -->\nold\n<!-- end -->\nb\n<!-- bench: two -->\nkept\n<!-- end -->\n"
    filled = document.filled(text, "one", "new")
    assert filled == text.replace("old\n", "\nnew\n\n")
    assert document.filled(filled, "one", "new") == filled
    with pytest.raises(ValueError, match="0 places"):
        document.filled(text, "three", "new")


def test_the_short_table_tells_of_the_same_run_as_the_others() -> None:
    page = document.PAGE.read_text()

    def line(place: str) -> list[str]:
        part = page.split(f"<!-- bench: {place} -->")[1].split("<!-- end -->", maxsplit=1)[0]
        (found,) = re.findall(r"^\| \*\*Tidegate, alpha 0\.05\*\* \|(.*)\|$", part, re.MULTILINE)
        return [cell.strip() for cell in found.split("|")]

    short, wrong, missed = line("judge"), line(f"false {CANARY}"), line(f"misses {CANARY}")
    assert short == [wrong[1], wrong[2], wrong[3], wrong[-1], missed[1], missed[-1]]
    assert (ROOT / "docs/judge.svg").exists()


def test_a_missed_bar_is_written_down_as_missed() -> None:
    figures = [Figure("a", 2.0, "%", 1.0, "n"), Figure("b", 2.0, "%", 1.0, "n", at_least=True)]
    assert document._figures(figures).splitlines()[2:] == [
        "| a | 2 % | at most 1 | **missed** | n |",
        "| b | 2 % | at least 1 | reached | n |",
    ]


def test_every_cell_is_drawn_once() -> None:
    planned = list(cells())
    assert len(set(planned)) == len(planned)
    assert Cell("fix", GUARDED, 1000, "fix", 1000) in planned
