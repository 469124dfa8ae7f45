"""Notes on what a comparison leaves out: money of other years, and the head count that was published."""

from __future__ import annotations

import numpy as np
import pytest

from sim.compare import compare
from sim.compare.notes import bands_note, covered
from sim.state.record import MONEY_STAGES, PAYERS
from tests.compare.fake_run import make_pair, make_place, make_scenario, month


def test_money_of_years_outside_the_window_is_told() -> None:
    """A million a month from 2025 on: twelve million before the window, sixty in it."""
    b, a = make_pair(30, money=1e6, changed_from=month(2025, 1))
    note = compare(b, a).note("money-elsewhere")
    assert note is not None
    assert note.en == (
        "Outside 2026-2030, in 2025, B pays 12 million yuan more public money than A; nothing above counts it "
        "(--window 2025-2030 does)."
    )
    assert "在2026-2030年以外（2025年），B的财政支出比A多1200万元" in note.zh
    assert compare(b, a, window=(2025, 2030)).note("money-elsewhere") is None


def test_money_inside_the_window_alone_needs_no_note() -> None:
    b, a = make_pair(30, money=1e6)
    assert compare(b, a).note("money-elsewhere") is None


def test_little_money_elsewhere_needs_no_note() -> None:
    b, a = make_pair(30, money=1e6)
    early = np.array(b.amounts)
    first = month(2025, 12) - b.first_month
    early[:, first, 0, PAYERS.index("county"), MONEY_STAGES.index("paid")] = 2e6
    b.amounts = early
    assert compare(b, a).note("money-elsewhere") is None
    early[:, first, 0, PAYERS.index("county"), MONEY_STAGES.index("paid")] = 4e6
    assert compare(b, a).note("money-elsewhere") is not None


def test_less_money_elsewhere_is_said_to_be_less() -> None:
    b, a = make_pair(30, money=1e6, changed_from=month(2025, 1))
    note = compare(a, b).note("money-elsewhere")
    assert note is not None
    assert "12 million yuan less" in note.en
    assert "比A少1200万元" in note.zh


def test_a_published_head_count_that_counts_more_is_told() -> None:
    b, a = make_pair(30)
    assert compare(b, a).note("head-count") is None
    for run in (a, b):
        run.anchor_values["scope_employment"] = np.full((30, 1), 2.93)
    note = compare(b, a).note("head-count")
    assert note is not None
    assert "2.93 times" in note.en
    assert "2.93倍" in note.zh
    for run in (a, b):
        run.anchor_values["scope_employment"] = np.full((30, 1), 1.04)
    assert compare(b, a).note("head-count") is None


@pytest.mark.parametrize("places", [("nowhere",), ("yongnian", "anping")])
def test_no_head_count_is_told_where_none_or_several_were_published(places: tuple[str, ...]) -> None:
    scenarios = [make_scenario(name, places=tuple(make_place(place) for place in places)) for name in ("a", "b")]
    b, a = make_pair(30, scenario_a=scenarios[0], scenario_b=scenarios[1])
    for run in (a, b):
        run.anchor_values["scope_employment"] = np.full((30, len(places)), 2.93)
    assert compare(b, a).note("head-count") is None


# --- where uncertainty is from -------------------------------------------------------------------------------------

PRIORS = {"calibration": "", "file": "calibration/priors.toml", "hash": "priors-abc"}


def from_priors(runs: int = 30):
    b, a = make_pair(runs)
    for run in (b, a):
        run.draws = PRIORS
        run.values["orders_delivered"] = np.full_like(run.values["output_value"], 0.97)
    return b, a


def test_bands_of_draws_of_the_priors_say_so() -> None:
    found = compare(*from_priors())
    assert (found.setting.drawn_from, found.setting.calibrated) == ("priors", False)
    assert found.note("bands").en.startswith("Bands: chance and what is not known of the parameters (their priors);")
    assert found.note("bands").zh.startswith("区间包括随机因素和参数的不确定性（先验区间）；")
    assert found.note("starved") is None


@pytest.mark.parametrize(
    ("source", "worlds", "en", "zh"),
    [
        ("assumed", (), "chance only", "随机因素"),
        ("fit", (), "chance and calibration", "随机因素和参数校准的不确定性"),
        ("assumed", ("low", "high"), "chance and the world (low, high in turn)", "随机因素和外部环境（low、high轮流）"),
        (
            "fit",
            ("low", "high"),
            "chance, calibration and the world (low, high in turn)",
            "随机因素、参数校准的不确定性和外部环境（low、high轮流）",
        ),
    ],
)
def test_what_bands_cover(source, worlds, en, zh) -> None:
    assert covered(source, worlds) == (en, zh)
    note = bands_note(source, worlds)
    assert en in note.en
    assert zh in note.zh


def test_draws_that_cannot_serve_their_customers_are_counted() -> None:
    b, a = from_priors()
    a.values["orders_delivered"][[2, 5], :12] = 0.8
    note = compare(b, a).note("starved")
    assert note.en.startswith("In 2 of 30 pairs makers of A deliver less than 90% of the orders in the first year")
    assert "30对推演中有2对" in note.zh
    for run in (b, a):
        run.draws = {"calibration": "r1", "file": "f", "hash": "h"}
    assert compare(b, a).note("starved") is None
