"""Several places in one run: each lives its own life, and a fund is shared among them by rule."""

from __future__ import annotations

import contextlib
import dataclasses

import numpy as np
import pytest

from sim.model import ClusterModel, simulate
from sim.observables import INDEX
from sim.parameters import load_parameters
from sim.policies.fund import sharing
from sim.policies.fund.terms import Across
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.scenario.resolved import Scenario
from sim.state import draws
from sim.state.record import MONEY_STAGES, PAYERS, ReplicateRecord
from tests.policies import trading

TOGETHER = """
schema = 1
id = "together"
name = "Two places"
name_zh = "两地"
kind = "baseline"
places = ["yongnian", "z-second"]
world = "central"
[time]
start = "2023-01"
reported_until = "2023-06"
end = "2024-12"
[run]
replicates = 2
seed = 5
[[policy]]
id = "fund"
type = "fund"
name = "A fund for two places"
name_zh = "两地资金"
where = ["yongnian", "z-second"]
source = "hypothetical"
start = "2023-08"
payer = "province"
annual_budget = "60 million yuan"
pays_for = "equipment"
grant_share = "20%"
cap_per_firm = "5 million yuan"
firm_co_finance_at_least = "20%"
paid = { when = "on_award", lag_months = 1 }
unspent = "return"
  [policy.across]
  places = "all"
  rule = "equal"
  place_match = "50%"
  [policy.eligible]
  [policy.allocation]
  rule = "first_come"
"""


SECOND = """
schema = 1
id = "z-second"
name = "A second county"
name_zh = "第二县"
industry = "bearing-forging"
industry_zh = "轴承"
[start]
base_year = 2023
businesses = 6000
maker_share = 0.6
supplier_share = 0.2
trader_share = 0.2
size_tail_index = 1.2
above_scale_firms = 40
output_value = "8 billion yuan"
national_market_share = 0.25
global_market_share = 0.1
export_destinations = 60
exports = "0.3 billion yuan"
domestic_buyers = 900
foreign_buyers = 400
employment_reported = 20000
wage = "48000 yuan/year"
county_balance = "100 million yuan"
"""
"""A county made up for these tests."""


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """Two places with a shared fund, at a small scale."""
    folder = tmp_path_factory.mktemp("two") / "scenarios"
    folder.mkdir()
    (folder / "places").mkdir()
    (folder / "places" / "z-second.toml").write_text(SECOND, encoding="utf-8")
    file = folder / "together.toml"
    file.write_text(TOGETHER, encoding="utf-8")
    with contextlib.chdir(folder.parent):
        scenario = realise(load(str(file)).scenario, 0)
    return dataclasses.replace(scenario, firms_per_agent=200)


def run(scenario: Scenario) -> ReplicateRecord:
    """Simulate a scenario with its first replicate's randomness."""
    return simulate(scenario, load_parameters(), draws.replicate_seed(scenario.seed, 0))


def test_one_more_place_leaves_the_first_equal_to_the_bit(together: Scenario) -> None:
    """Another county's firms, buyers and markets change nobody's random draws and no sum here."""
    without = dataclasses.replace(together, policies=())
    alone = dataclasses.replace(without, places=without.places[:1])
    both, one = run(without), run(alone)
    assert np.array_equal(both.monthly[:, 0], one.monthly[:, 0])
    assert not np.array_equal(both.monthly[:, 1], both.monthly[:, 0])


def test_a_drive_for_two_places_does_in_each_what_it_would_do_there_alone(together: Scenario) -> None:
    """Targets, subsidies and what firms pay are each place's own, though one institution acts for both."""
    drive = trading.policy(
        "cloud_drive", {"firms": 40, "fee_subsidy": 0.5}, payer={"county": 1.0}, start=together.time.start
    )
    short = dataclasses.replace(together, time=dataclasses.replace(together.time, end=together.time.start + 11))
    both = run(dataclasses.replace(short, policies=(dataclasses.replace(drive, where=("yongnian", "z-second")),)))
    one = run(dataclasses.replace(short, policies=(drive,), places=short.places[:1]))
    assert np.array_equal(both.monthly[:, 0], one.monthly[:, 0])
    members, paid = (both.monthly[-1, :, INDEX[name]] for name in ("cloud_firms", "public_money_paid"))
    assert (members > 0.0).all()
    assert (members <= 40.0).all()
    assert (paid > 0.0).all()


def test_buyers_know_firms_of_their_own_place_only(together: Scenario) -> None:
    """Who buys the goods of one place has no supplier in the other."""
    model = ClusterModel(together, load_parameters(), draws.replicate_seed(5, 0))
    for _ in range(6):
        model.step()
    buyers, firms = model.state.buyers, model.state.firms
    known = buyers.supplier >= 0
    assert known.sum() > 100
    place = np.where(known, firms.place[np.maximum(buyers.supplier, 0)], buyers.market[:, None])
    assert np.array_equal(place, np.broadcast_to(buyers.market[:, None], place.shape))


def test_a_shared_fund_promises_its_budget_once_and_what_the_places_add(together: Scenario) -> None:
    """Five months of 60 million yuan plus a match of half of it, the province two thirds and the counties one third."""
    record = run(together)
    promised = record.money[:12, 0, :, MONEY_STAGES.index("promised")].sum(axis=0)
    province, county = promised[PAYERS.index("province")], promised[PAYERS.index("county")]
    assert province == pytest.approx(60e6 * 5 / 12, rel=1e-9)
    assert county == pytest.approx(0.5 * province, rel=1e-9)
    by_place = record.monthly[:12, :, INDEX["fund_promised"]].sum(axis=0)
    assert by_place[0] == pytest.approx(by_place[1], rel=1e-9)
    assert by_place.sum() == pytest.approx(province + county, rel=1e-9)
    granted = record.monthly[:, :, INDEX["fund_granted"]].sum(axis=0)
    assert (granted > 0.0).all()
    assert granted.sum() <= record.monthly[:, :, INDEX["fund_promised"]].sum()


@pytest.mark.parametrize("rule", ["equal", "output_share", "need", "factor"])
def test_shares_add_up_and_keep_floor_and_ceiling(together: Scenario, rule: str) -> None:
    """However a budget is shared, it is shared once."""
    model = ClusterModel(together, load_parameters(), draws.replicate_seed(5, 0))
    weights = {"firms": 0.5, "upgrade_investment": 0.3, "output_growth": 0.2} if rule == "factor" else {}
    across = Across.plain(places="all", rule=rule, weights=weights, floor_per_place=6e6, ceiling_per_place=0.8)
    shares = sharing.shares(model.state, across, [0, 1], 60e6)
    assert shares.sum() == pytest.approx(1.0, abs=1e-12)
    assert (shares >= 0.1 - 1e-9).all()
    assert (shares <= 0.8 + 1e-9).all()
    if rule == "equal":
        assert shares == pytest.approx([0.5, 0.5])
    if rule == "output_share":
        assert shares[0] == pytest.approx(0.8, abs=1e-9)  # forty billion against eight


def test_bounded_shares_by_hand() -> None:
    """What the ceiling takes from one goes to the others in proportion."""
    shares = sharing.bounded(np.array([0.7, 0.2, 0.1]), 0.0, 0.5)
    assert shares == pytest.approx([0.5, 1 / 3, 1 / 6], abs=1e-9)
