"""Shanxi's fund as shipped: every yuan added up through the ledger, the money table and the awards to firms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from sim.model import ClusterModel
from sim.observables import INDEX
from sim.parameters import load_parameters
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.state import draws
from sim.state.record import MONEY_STAGES, PAYERS
from tests.policies.playing import Played

BUDGET = 500e6
PROVINCE = "province:14"
CENT = 0.01

pytestmark = pytest.mark.slow


@dataclass
class Followed:
    """A finished run of Shanxi with its fund, and which towns were designated at the end of each month."""

    played: Played
    designated: np.ndarray
    number: int

    @property
    def first(self) -> int:
        """Number of the run's first month."""
        return int(self.played.record.first_month)

    @property
    def terms(self) -> Any:
        """Terms of the fund."""
        return self.played.model.resolved.policies[self.number].versions[0][1]

    def money(self, stage: str, payer: str = "province") -> np.ndarray:
        """Return the fund's money at a stage by month, of one payer."""
        return self.played.record.money[:, self.number, PAYERS.index(payer), MONEY_STAGES.index(stage)]

    def by_town(self, name: str) -> np.ndarray:
        """Return an observable by month and town."""
        return self.played.record.monthly[:, :, INDEX[name]]

    def yearly(self, months: np.ndarray) -> dict[int, float]:
        """Return sums of calendar years."""
        years = (self.first + np.arange(months.size)) // 12
        return {int(year): float(months[years == year].sum()) for year in np.unique(years)}

    def awards(self) -> Any:
        """Return the grants it has awarded."""
        awards = self.played.record.awards
        return awards[awards["policy"] == self.number]


@pytest.fixture(scope="module", params=["shanxi-fund500m", "shanxi-fund500m:factor"])
def shanxi(request: pytest.FixtureRequest) -> Followed:
    """Return 92 towns with the fund until all it has promised is paid, watched transfer by transfer."""
    given = ("run.firms_per_agent=50", "time.end=2029-12")
    scenario = realise(load(request.param, overrides=given).scenario, 0)
    seed = draws.replicate_seed(scenario.seed, 0)
    played = Played(ClusterModel(scenario, load_parameters(scenario.parameters), seed))
    played.watch()
    designated = []
    for _ in range(scenario.time.months):
        played.step()
        designated.append(played.model.state.places.designated.copy() > 0)
    number = [policy.id for policy in scenario.policies].index("town-fund")
    return Followed(played, np.array(designated), number)


def test_never_more_than_the_budget_is_opened_awarded_or_paid_in_a_year(shanxi: Followed) -> None:
    promised, granted, paid = (shanxi.yearly(shanxi.money(stage)) for stage in ("promised", "granted", "paid"))
    assert promised[2023] == pytest.approx(BUDGET * 5 / 12)
    assert [promised[year] for year in range(2024, 2029)] == pytest.approx([BUDGET] * 5)
    assert promised[2022] == promised[2029] == 0.0
    for year in range(2022, 2030):
        assert granted[year] <= promised[year] + CENT
    # Awards are paid when projects are accepted: none that was not made, and of a year's awards no more than a budget.
    lag = shanxi.terms.paid.lag_months + round(shanxi.played.model.state.parameters.government.acceptance_months)
    due = np.concatenate([np.zeros(lag), shanxi.money("granted")[:-lag]])
    assert np.all(shanxi.money("paid") <= due + CENT)
    of_awards = np.concatenate([shanxi.money("paid")[lag:], np.zeros(lag)])
    assert max(shanxi.yearly(of_awards).values()) <= BUDGET + CENT
    assert sum(paid.values()) > 0.4 * sum(promised.values())


def test_the_ledger_agrees_with_the_money_table(shanxi: Followed) -> None:
    """What left the province's account in the fund's name is what the fund says it paid; counties paid nothing."""
    played, months = shanxi.played, shanxi.designated.shape[0]
    others = played.record.money[:, :, PAYERS.index("province"), MONEY_STAGES.index("paid")].sum(axis=1)
    left = np.array([played.spent.get((shanxi.first + month, PROVINCE), 0.0) for month in range(months)])
    assert others == pytest.approx(shanxi.money("paid"), abs=CENT)
    assert left == pytest.approx(shanxi.money("paid"), abs=CENT)
    assert played.by_purpose["grants"] == pytest.approx(shanxi.money("paid").sum(), abs=1.0)
    assert shanxi.money("paid", "county").sum() == 0.0
    # The province takes in about the fund's budget a year: little cannot be awarded at a call for want of money.
    assert shanxi.money("unmet").sum() < 0.1 * shanxi.money("promised").sum()
    assert played.lowest[PROVINCE] >= 0.0


def test_money_goes_to_designated_towns_and_from_them_to_their_firms(shanxi: Followed) -> None:
    for stage in ("promised", "granted", "paid"):
        assert shanxi.by_town(f"fund_{stage}").sum(axis=1) == pytest.approx(shanxi.money(stage), abs=CENT)
    promised = shanxi.by_town("fund_promised")
    for month in np.flatnonzero(promised.sum(axis=1)):
        assert np.all(shanxi.designated[month][promised[month] > 0.0])
    members = [int((promised[month] > 0.0).sum()) for month in np.flatnonzero(promised.sum(axis=1))]
    batches = next(item for item in shanxi.played.model.resolved.policies if item.id == "later-batches")
    batch = int(batches.versions[0][1].count)
    assert 5 <= batch <= 9
    assert members == [10, *(10 + batch * number for number in (1, 2, 3, 3, 3))]
    bought = shanxi.awards()
    assert np.all(shanxi.designated[bought["month"] - shanxi.first, bought["place"]])
    awarded = np.zeros_like(promised)
    np.add.at(awarded, (bought["month"] - shanxi.first, bought["place"]), bought["grant"])
    assert awarded == pytest.approx(shanxi.by_town("fund_granted"), abs=CENT)


def test_every_award_keeps_to_the_terms(shanxi: Followed) -> None:
    bought, terms, firms = shanxi.awards(), shanxi.terms, shanxi.played.firms_ever()
    weight = dict(zip(firms["slot"].tolist(), firms["weight"].tolist(), strict=True))
    assert len(weight) == firms.size
    each = np.array([weight[slot] for slot in bought["slot"].tolist()])
    assert np.all(bought["grant"] <= terms.grant_share * bought["spending"] * (1.0 + 1e-9))
    assert np.all(bought["spending"] / each >= terms.eligible.project_at_least)
    year, received = bought["month"] // 12, dict[tuple[int, int], float]()
    for key, grant in zip(
        zip(bought["slot"].tolist(), year.tolist(), strict=True), bought["grant"] / each, strict=True
    ):
        received[key] = received.get(key, 0.0) + float(grant)
    assert max(received.values()) <= terms.cap_per_firm * (1.0 + 1e-9)


def test_what_was_awarded_arrives_in_the_firms_accounts_but_for_those_that_closed(shanxi: Followed) -> None:
    state, firms = shanxi.played.model.state, shanxi.played.firms_ever()
    lag = shanxi.terms.paid.lag_months + round(state.parameters.government.acceptance_months)
    row = {slot: number for number, slot in enumerate(firms["slot"].tolist())}
    arrived = np.zeros(firms.size)
    for slot, month, grant in shanxi.awards()[["slot", "month", "grant"]].tolist():
        gone = 0 < firms["exit_month"][row[slot]] < month + lag
        if not gone and month + lag <= state.month:
            arrived[row[slot]] += grant
    assert arrived == pytest.approx(firms["grants"] * firms["weight"], abs=CENT)
    assert arrived.sum() == pytest.approx(shanxi.money("paid").sum(), abs=1.0)


def test_unspent_money_goes_back_at_the_end_of_each_year(shanxi: Followed) -> None:
    assert shanxi.terms.unspent == "return"
    promised, granted, returned = (shanxi.money(stage) for stage in ("promised", "granted", "returned"))
    left = shanxi.by_town("fund_unspent").sum(axis=1)
    # Before January opens the next budget, all that is left of the old one has gone back; the last when it ends.
    for month in np.flatnonzero(returned > CENT):
        assert (shanxi.first + month) % 12 == 0 or shanxi.first + month == shanxi.played.model.resolved.policies[
            shanxi.number
        ].end + 1
        assert returned[month] == pytest.approx(left[month - 1], abs=CENT)
    assert promised.sum() == pytest.approx(granted.sum() + returned.sum(), abs=1.0)
    assert left[-1] == 0.0
