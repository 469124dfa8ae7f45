"""What institutions may lend for a month: each lever alone, its direction and its size, and none of them to others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.model import ClusterModel
from sim.observables import INDEX
from sim.rules.settlement import MATERIALS, OVERHEAD
from sim.state.columns import MAKER
from sim.state.state import State
from tests.model_fixtures import LEVERS, SCALE, SEED, flows_alone, neighbours, quick_parameters

MONTHS = 12
Lend = Callable[[State], None]


@dataclass
class Lender:
    """An institution that writes levers whenever institutions act."""

    state: State
    lend: Lend
    policy = None

    def plans(self) -> tuple[()]:
        return ()

    def step(self) -> None:
        self.lend(self.state)

    def forget(self, rows: object) -> None:
        pass


def lending(lend: Lend | None, *industries: str, months: int = MONTHS, scale: int = SCALE) -> ClusterModel:
    """Return a model that has run some months with the levers written by ``lend``."""
    what = replace(neighbours(*(industries or ("fasteners",)), end="2024-12"), firms_per_agent=scale)
    model = ClusterModel(what, quick_parameters(), SEED)
    if lend is not None:
        model.institutions.append(Lender(model.state, lend))
    for _ in range(months):
        model.step()
    return model


@cache
def plain(*industries: str, months: int = MONTHS, scale: int = SCALE) -> ClusterModel:
    """Return the same without levers (read only)."""
    return lending(None, *industries, months=months, scale=scale)


def observed(model: ClusterModel, name: str, place: int = 0) -> Any:
    """Return an observable by month."""
    return model.notebook.monthly[: model.notebook.months_done, place, INDEX[name]]


def of_place(name: str, value: float, place: int = 0) -> Lend:
    """Return a hand that writes one lever of a place."""

    def lend(state: State) -> None:
        getattr(state.places, name)[place] = value

    return lend


def of_makers(name: str, value: float) -> Lend:
    """Return a hand that writes one lever of every maker."""

    def lend(state: State) -> None:
        getattr(state.firms, name)[state.makers] = value

    return lend


def test_levers_are_taken_back_every_month() -> None:
    state = lending(None, months=1).state
    state.firms.purchase_saving[:] = state.firms.overhead_saving[:] = state.firms.credit_line[:] = 0.3
    for name in (*LEVERS, "upgrade_success"):
        getattr(state.places, name)[:] = 0.123
    state.reset_levers()
    used = slice(0, state.count)
    assert not state.firms.purchase_saving[used].any()
    assert not state.firms.overhead_saving[used].any()
    assert not state.firms.credit_line[used].any()
    assert all((getattr(state.places, name) == 1.0).all() for name in LEVERS)
    assert (state.places.upgrade_success == state.parameters.technology.success_rate).all()


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_at_nothing_changes_no_bit(name: str) -> None:
    model = lending(of_place(name, 1.0), months=3)
    assert np.array_equal(model.notebook.monthly[:3], plain().notebook.monthly[:3])


def test_a_saving_on_purchases_lowers_unit_cost_by_its_share_of_materials() -> None:
    model, without = lending(of_makers("purchase_saving", 0.05), months=1), plain(months=1)
    rows = np.intersect1d(model.state.makers, without.state.makers)
    saved = without.state.firms.unit_cost[rows] - model.state.firms.unit_cost[rows]
    share = (1.0 - model.state.firms.local_share[rows]) * model.state.costs.materials_share[0, MAKER]
    assert saved == pytest.approx(0.05 * share * model.state.places.bought_materials[0])
    assert observed(model, "price_index")[0] < observed(without, "price_index")[0]
    assert observed(model, "profit")[0] > observed(without, "profit")[0]
    # All makers of the place save alike, so most of it is passed on and sells more.
    year = lending(of_makers("purchase_saving", 0.05))
    assert observed(year, "output_real")[-3:].sum() > observed(plain(), "output_real")[-3:].sum()


def test_a_saving_on_overhead_is_profit_and_no_price() -> None:
    model, without = lending(of_makers("overhead_saving", 0.3), months=1), plain(months=1)
    rows = np.intersect1d(model.state.makers, without.state.makers)
    flows, usual = (flows_alone(run.state, rows) for run in (model, without))
    assert flows[:, OVERHEAD] == pytest.approx(0.7 * usual[:, OVERHEAD])
    assert np.array_equal(flows[:, MATERIALS], usual[:, MATERIALS])
    saved, paid = model.state.place_flows, without.state.place_flows
    assert np.array_equal(saved[:, MATERIALS], paid[:, MATERIALS])
    assert 0.7 < saved[0, OVERHEAD] / paid[0, OVERHEAD] < 0.8, "makers have most of it"
    assert np.array_equal(model.state.firms.price[rows], without.state.firms.price[rows])
    assert observed(model, "profit")[0] > observed(without, "profit")[0]


def test_a_credit_line_lets_firms_buy_more() -> None:
    # Over two years: in the first the purchases of a few large firms weigh as much as what all firms borrow.
    model, without = lending(of_makers("credit_line", 0.5), months=24), plain(months=24)
    assert observed(model, "investment").sum() > 1.02 * observed(without, "investment").sum()
    loans = [float(run.state.firms.loan[run.state.makers].sum()) for run in (model, without)]
    assert loans[0] > 1.02 * loans[1]


def test_skills_raise_productivity() -> None:
    model, without = lending(of_place("skill", 1.1), months=1), plain(months=1)
    assert model.state.places.localisation[0] == pytest.approx(1.1 * without.state.places.localisation[0])
    rows = np.intersect1d(model.state.makers, without.state.makers)
    needed = model.state.firms.wanted_workers[rows] / without.state.firms.wanted_workers[rows]
    assert needed == pytest.approx(np.full(rows.size, 1.0 / 1.1))
    year = lending(of_place("skill", 1.1))
    assert observed(year, "labour_productivity")[-1] > 1.05 * observed(plain(), "labour_productivity")[-1]


def test_a_premium_for_skills_raises_the_wage() -> None:
    wage, without = (observed(model, "wage") for model in (lending(of_place("skill_premium", 1.1)), plain()))
    assert (wage[1:] > without[1:]).all()
    assert 1.0 < wage[-1] / without[-1] < 1.1


def test_better_help_makes_more_upgrades_succeed() -> None:
    gap, without = (
        observed(model, "technology_gap")[-1] for model in (lending(of_place("upgrade_success", 1.0)), plain())
    )
    never = observed(lending(of_place("upgrade_success", 0.0)), "technology_gap")[-1]
    assert gap < without < never


def test_news_of_techniques_makes_more_upgrades() -> None:
    model = lending(of_place("awareness", 5.0))
    assert observed(model, "upgrades").sum() > observed(plain(), "upgrades").sum()


def test_a_place_that_pulls_has_more_entrants_and_the_usual_ones_among_them() -> None:
    # A row of fifty firms enters less than once a month: rows of five, so that the month does not hang on one draw.
    model, without = lending(of_place("pull", 3.0), months=2, scale=5), plain(months=2, scale=5)
    # The pull of one month's institutions is felt when the next month's candidates decide.
    assert observed(model, "entries")[0] == observed(without, "entries")[0]
    assert observed(model, "entries")[1] > observed(without, "entries")[1]
    here, there = (set(run.state.firms.slot[run.state.entered].tolist()) for run in (model, without))
    assert there < here


def test_renown_shifts_links_in_a_shared_market() -> None:
    pair = ("fasteners", "fasteners")
    model, without = lending(of_place("renown", 3.0), *pair), plain(*pair)
    links = [[observed(run, "domestic_links", place)[-1] for place in (0, 1)] for run in (model, without)]
    assert links[0][0] > 1.02 * links[1][0]
    assert links[0][1] < 0.98 * links[1][1]
    assert sum(links[0]) == pytest.approx(sum(links[1]), rel=0.02)
    assert observed(model, "foreign_links")[-1] > observed(without, "foreign_links")[-1]


def test_a_lever_of_one_place_is_none_of_another() -> None:
    pair = ("fasteners", "flanges")
    without = plain(*pair, months=12)
    for name in LEVERS:
        model = lending(of_place(name, 1.5), *pair, months=12)
        assert not np.array_equal(model.notebook.monthly[:12, 0], without.notebook.monthly[:12, 0]), name
        assert np.array_equal(model.notebook.monthly[:12, 1], without.notebook.monthly[:12, 1]), name
