"""How printed figures bind: densities that add up to one, soft sides, and what would be printed."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.calibrate import measurement as module
from sim.calibrate.measurement import SHIFT, Measurement, load_widths, measurement
from sim.errors import UserError
from sim.evidence import Fact, load_facts
from tests.calibrate import plain_likelihood

FACTS = {fact.id: fact for fact in load_facts()}
GRID = np.linspace(-40.0, 40.0, 400_001)


def of(identifier: str, bound: str | None = None, **keywords: int) -> Measurement:
    fact = FACTS[identifier]
    return measurement(fact, bound or fact.bound, **keywords)


@pytest.mark.parametrize("bound", ["exact", "at_least", "at_most"])
@pytest.mark.parametrize("variance", [0.0001, 0.04, 1.0])
def test_the_density_of_the_print_adds_up_to_one(bound: str, variance: float) -> None:
    item = replace(of("yn-businesses"), bound=bound)
    # Moving the mean past a fixed print is moving the print past a fixed mean.
    density = np.exp(plain_likelihood.of_print(item, GRID, variance))
    assert np.trapezoid(density, GRID) == pytest.approx(1.0, abs=1e-6)


def test_over_thirty_thousand_speaks_against_less_and_against_three_million() -> None:
    item = of("yn-businesses", start_year=2024)
    counts = [20_000, 29_000, 32_000, 60_000, 3_000_000]
    scores = plain_likelihood.of_print(item, np.log(counts), 0.001)
    assert scores.argmax() == 2
    assert scores[2] - scores[0] > 5.0
    assert scores[2] - scores[4] > 5.0
    assert scores[2] - scores[3] < 3.0


def test_bounds_mirror_each_other() -> None:
    low = of("yn-output-2023", start_year=2023)
    high = replace(low, bound="at_most")
    away = np.linspace(-2.0, 2.0, 41)
    ahead = plain_likelihood.of_print(low, low.observed + away, 0.01)
    assert ahead == pytest.approx(plain_likelihood.of_print(high, low.observed - away, 0.01))


def test_a_total_counted_anew_binds_less_than_that_of_the_starting_year() -> None:
    assert of("yn-output-2023", start_year=2023).coverage == 0.0
    assert of("yn-output-2023", start_year=2022).coverage == pytest.approx(load_widths().year_totals)
    assert of("yn-share-national-2023", start_year=2022).coverage == 0.0


def test_headlines_of_campaigns_bind_widely_and_growth_in_its_own_unit() -> None:
    assert of("sx10-new-businesses").coverage == pytest.approx(1.0)
    growth = of("yn-exports-growth-2024-8m")
    assert not growth.in_logs
    assert growth.observed == pytest.approx(0.11)
    assert growth.width == pytest.approx(0.04)


def test_growth_of_a_clusters_total_binds_less_than_that_of_customs_declarations() -> None:
    exports, total = of("yn-exports-growth-2024-8m"), of("sx10-output-growth")
    assert exports.coverage == 0.0
    assert total.coverage == pytest.approx(load_widths().growth_not_stated)
    # Which places and years are printed is a choice for both.
    assert (total.common, exports.common) == (SHIFT, SHIFT)
    assert exports.common_deviation == pytest.approx(0.6 * total.common_deviation)
    assert total.noise == pytest.approx(0.04**2 + 0.033**2 + 0.08**2)
    assert total.own.noise == pytest.approx(0.04**2 + 0.033**2)


def test_growth_of_jobs_has_an_error_of_its_own_and_no_shift() -> None:
    jobs = replace(FACTS["bz-revenue-growth-2019"], variable="employment_yoy")
    found = measurement(jobs, jobs.bound)
    assert (found.coverage, found.common) == (pytest.approx(0.05), "")


def test_growth_on_a_stated_basis_has_less_of_the_shift() -> None:
    whole = of("bz-revenue-growth-2019").common_deviation
    for basis in ("same firms", "above designated size", "all enterprises"):
        item = replace(FACTS["bz-revenue-growth-2019"], basis=basis)
        found = measurement(item, item.bound)
        assert found.common_deviation == pytest.approx(0.6 * whole)
        assert found.coverage == pytest.approx(0.03)


def test_what_others_printed_moves_and_narrows_a_print() -> None:
    plain = of("bz-revenue-growth-2019")
    known = plain.informed(1.2, 0.5)
    count = np.array([0.05, 0.05])
    assert known.counted(count, np.array([0.0, 1.0])) == pytest.approx(
        [0.05 + 1.2 * 0.08, 0.05 + 1.2 * 0.08 + math.sqrt(plain.own.noise + 0.04**2)]
    )
    assert plain.counted(count, np.zeros(2)) == pytest.approx(count)


def test_a_bound_of_the_filter_is_softer_than_one_of_the_writer() -> None:
    trade = of("ap-trade-2023-7m", "at_most")
    assert trade.far == pytest.approx(load_widths().one_sided_part)
    assert of("yn-output-2023").far == pytest.approx(load_widths().one_sided_far)


def test_counts_of_an_office_scatter_about_those_of_the_model() -> None:
    random = np.random.default_rng(3)
    values = np.full(200_000, 50e9)
    exact = of("ap-revenue-2022", start_year=2022).counted(values, random.standard_normal(values.size))
    assert np.log(exact / 50e9).std() == pytest.approx(0.03, rel=0.02)


def test_nothing_has_no_logarithm() -> None:
    assert np.isnan(of("yn-output-2023").forward([0.0, 1.0])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("exact  = { value = 0.03", "exact  = { value = -1", "width.exact: needs a value above 0"),
        ('source = "assumed: printed', 'sourcee = "assumed: printed', "width.exact: no source"),
        ("about  =", "abuot  =", "width.abuot: unknown"),
        ("[headline]", "[headlines]", "[headlines] is unknown"),
    ],
)
def test_faults_of_the_file_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, words: str
) -> None:
    text = (Path(module.__file__).parents[2] / "calibration" / "likelihood.toml").read_text(encoding="utf-8")
    assert old in text
    folder = tmp_path / "calibration"
    folder.mkdir()
    (folder / "likelihood.toml").write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(module.workspace, "folders", lambda kind: (folder,))
    with pytest.raises(UserError, match=words.replace("[", r"\[").replace("]", r"\]")):
        load_widths()


def test_the_plain_value_of_a_fact_is_its_transformed_back() -> None:
    for fact in FACTS.values():
        if fact.kind != "goal" and fact.value_plain > 0.0:
            item = measurement(fact, fact.bound)
            assert float(item.backward(item.observed)) == pytest.approx(fact.value_plain, rel=1e-12)
    assert isinstance(FACTS["yn-output-2023"], Fact)
    assert math.isfinite(of("yn-output-2023").noise)
