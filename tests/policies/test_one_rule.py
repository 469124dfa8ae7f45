"""What firms work out is worked out once: institutions ask the rules by which firms decide and settle."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.policies import membership, programmes
from sim.rules import investment, settlement
from sim.rules.chance import laplace, month_key, uniform
from sim.rules.elementary import exp
from sim.state.columns import MAKER
from tests.model_fixtures import flows_alone
from tests.policies.hand_made import state_of
from tests.policies.playing import begun

ROWS = np.arange(200)
PACKAGE = Path(sim.__file__).parent
ONE_PLACE = {
    r"12\.0 - 2\.0 \*": {"month/calendar.py"},
    r"\brent_share\b": {"rules/settlement.py"},
    r"\bupgrade_cost_share\b|\bsmallest_upgrade\b": {"rules/investment.py"},
    r"sqrt\(2\.0\)": set(),
    r"- firms\.loan\b": set(),
    r"<= (free|left|number):": {"policies/choosing.py"},
}
"""Formulas, and the files that may hold them; parameter groups and their labels only name them."""


@pytest.mark.parametrize("formula", ONE_PLACE)
def test_a_formula_stands_in_one_place(formula: str) -> None:
    files = [path for folder in ("rules", "month", "start", "policies") for path in (PACKAGE / folder).rglob("*.py")]
    found = {str(path.relative_to(PACKAGE)) for path in files if re.search(formula, path.read_text(encoding="utf-8"))}
    assert found <= ONE_PLACE[formula]


def firms_of_all_kinds() -> dict[str, np.ndarray]:
    """Return columns of firms that differ in what the rules read."""
    draws = np.random.default_rng(3)
    return {
        "tier": draws.integers(0, 3, ROWS.size), "aware": draws.integers(0, 2, ROWS.size),
        "technology_gap": draws.uniform(0.0, 3.0, ROWS.size), "revenue_year": draws.uniform(1e5, 1e8, ROWS.size),
        "capital": draws.uniform(1e4, 1e7, ROWS.size), "cash": draws.uniform(0.0, 1e7, ROWS.size),
        "unit_cost": draws.uniform(0.5, 1.5, ROWS.size), "expected_orders": draws.uniform(1e3, 1e6, ROWS.size),
        "loan": draws.uniform(0.0, 1e6, ROWS.size),
    }  # fmt: skip


def test_gains_are_misjudged_as_upgrades_are() -> None:
    state = state_of(ROWS.size)
    key = month_key(state.seed, "training.perception", state.year, 7)
    spread = state.parameters.technology.perception_dispersion
    wanted = [exp(spread * laplace(uniform(key, int(slot)))) for slot in state.firms.slot[ROWS]]
    assert programmes.misjudgement(state, ROWS, "training.perception", 7).tolist() == wanted


def test_own_money_is_that_of_machines() -> None:
    state = state_of(ROWS.size, **firms_of_all_kinds())
    firms, finance = state.firms, state.parameters.investment

    outlay = firms.unit_cost * firms.expected_orders
    wanted = [investment.own_money(firms.cash[row], outlay[row], finance) for row in ROWS]
    assert programmes.own_money(state, ROWS).tolist() == wanted


def test_news_of_a_technique_is_worth_the_gain_from_the_upgrade() -> None:
    state = state_of(ROWS.size, **firms_of_all_kinds())
    firms, p, costs = state.firms, state.parameters, state.costs
    news = investment.worth_of_news(ROWS, firms, costs, p.production, p.technology, p.demand, 1.1)
    for row in ROWS:
        gain = investment.upgrade_gain(
            firms.revenue_year[row], firms.technology_gap[row], costs.labour_share[0, MAKER],
            investment.margin(costs.markup[0, MAKER]), p.demand.elasticity_outside, p.technology,
            p.production.labour_elasticity,
        )  # fmt: skip
        price = investment.upgrade_price(firms.capital[row], 1.1, p.technology)
        behind = (
            firms.tier[row] == MAKER and firms.aware[row] == 0 and firms.technology_gap[row] >= investment.LEAST_GAP
        )
        assert news[row] == (max(gain - p.technology.required_return * price, 0.0) if behind else 0.0)
    assert 0.0 < np.count_nonzero(news) < ROWS.size


def test_rent_and_credit_are_those_of_settlement() -> None:
    state = state_of(ROWS.size, **firms_of_all_kinds())
    firms, p = state.firms, state.parameters
    plots, paid = np.linspace(0.1, 1.0, ROWS.size), membership.overhead_year(state, ROWS) / 12.0
    rents = settlement.outside_rents(
        ROWS, plots, firms, state.places, state.costs, p.production.overhead_labour_share, state.world.progress,
        state.world.producer, p.park,
    )  # fmt: skip
    wanted = [settlement.outside_rent(paid[row], firms.capital[row], plots[row], p.park) for row in ROWS]
    assert rents == pytest.approx(wanted)
    assert np.all(rents <= p.park.rent_share * paid * (1.0 + 1e-12))
    rooms, rates = (
        investment.credit_rooms(ROWS, firms, 1.1, p.investment),
        investment.loan_rates(ROWS, firms, p.investment),
    )
    for row in ROWS:
        access = investment.bank_access(firms.capital[row], 0, p.investment)
        lent = investment.lending_share(access, p.investment)
        assert rooms[row] == investment.credit_room(firms.capital[row], 1.1, firms.loan[row], lent)
        assert rates[row] == investment.loan_rate(access, p.investment)


def test_overhead_is_what_settlement_takes() -> None:
    state = begun([], months=2).step(1).model.state
    rows = state.live[state.firms.park[state.live] < 0]
    paid = -flows_alone(state, rows)[:, settlement.OVERHEAD]
    assert paid.min() > 0.0
    assert membership.overhead_year(state, rows).tolist() == (12.0 * paid).tolist()
