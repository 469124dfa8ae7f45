"""Places of one industry share buyers; places of one province share its account; places may report other years."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.agents.governments import CountyGovernment, ProvincialGovernment
from sim.model import ClusterModel
from sim.observables import INDEX
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.scenario.resolved import Scenario
from sim.state import draws
from sim.state.columns import MAKER
from sim.state.record import MONEY_STAGES, PAYERS, ReplicateRecord
from tests.model_fixtures import PARAMETERS, SEED, neighbours, run
from tests.policies.playing import policy as new_policy

PAIR = ("fasteners", "fasteners")
SIZES = (0.7, 0.3)


def pair(*, end: str = "2023-12", world: str | None = None, **start: float) -> Scenario:
    """Return two places of one industry, one more than twice the other."""
    what = neighbours(*PAIR, size=SIZES, end=end, **start)
    if world is None:
        return what
    return replace(what, world=realise(load("yongnian-2023", overrides=[f"world={world}"]).scenario, 0).world)


@cache
def together() -> ReplicateRecord:
    """Return the record of the pair in a world that stands still (read only)."""
    return run(pair(world="constant"))


def yearly(record: ReplicateRecord, name: str) -> Any:
    """Return an observable's sum over the first year by place."""
    return record.monthly[:12, :, INDEX[name]].sum(axis=0)


# --- one market -----------------------------------------------------------------------------------------------------


def test_each_place_sells_what_it_reports() -> None:
    starts = [place.start for place in pair().places]
    for name, within in (("output_value", 0.08), ("exports", 0.25)):
        assert mean_of_runs("pair", name) == pytest.approx([getattr(start, name) for start in starts], rel=within), name


def test_shares_of_the_market_are_those_reported() -> None:
    share = mean_of_runs("pair", "national_share") / 12.0
    assert share == pytest.approx([place.start.national_market_share for place in pair().places], rel=0.08)


def test_buyers_are_shared_and_know_firms_of_both() -> None:
    model = ClusterModel(pair(), PARAMETERS, SEED)
    state = model.state
    starts = [place.start for place in model.resolved.places]
    number = sum(round(start.domestic_buyers + start.foreign_buyers) for start in starts)
    assert len(state.markets) == 1
    assert state.buyers.weight.sum() == pytest.approx(number, abs=2)
    assert state.market_of.tolist() == [0, 0]
    assert state.buyer_rows == (slice(0, state.buyers.slot.size),)
    county = state.firms.place[np.maximum(state.buyers.supplier, 0)]
    known = state.buyers.supplier >= 0
    of_first, of_second = ((known & (county == place)).any(axis=1) for place in (0, 1))
    assert (of_first & of_second).sum() > 50, "some buy in both places"


@cache
def fine_runs(which: str) -> list[ReplicateRecord]:
    """Return six runs in rows of ten firms of two places, or of one of their size.

    One run of a place this small hangs on the randomness of its few large firms, and rows of other sizes turn over at
    other rates, which small places would have (``sim.rules.sizes``): neither is what is compared here.
    """
    two = pair(world="constant")
    what = {
        "pair": two,
        "one": replace(neighbours("fasteners"), world=two.world),
    }[which]
    fine = replace(what, firms_per_agent=10)
    return [run(fine, seed=draws.replicate_seed(20250108, number)) for number in range(6)]


def mean_of_runs(which: str, name: str) -> Any:
    """Return an observable's sum over the first year by place, a mean over runs."""
    return np.mean([yearly(record, name) for record in fine_runs(which)], axis=0)


def test_the_whole_of_two_places_is_like_one_place_of_their_size() -> None:
    for name in ("output_value", "domestic_sales", "employment", "businesses"):
        assert mean_of_runs("pair", name).sum() == pytest.approx(mean_of_runs("one", name)[0], rel=0.03), name


def test_what_one_gains_the_other_loses_in_part() -> None:
    """Makers of one place become a fifth better: their sales come in part from next door, in part from elsewhere."""
    plain, better = (ClusterModel(pair(end="2024-12"), PARAMETERS, SEED) for _ in range(2))
    better.state.firms.brand[better.state.makers_of(0)] = 0.2
    for model in (plain, better):
        for _ in range(18):
            model.step()
    sold = [model.notebook.monthly[6:18, :, INDEX["domestic_sales"]].sum(axis=0) for model in (plain, better)]
    gained = sold[1] - sold[0]
    assert gained[0] > 0.0
    assert gained[1] < 0.0
    assert gained.sum() > 0.0


def test_other_industries_have_other_buyers() -> None:
    model = ClusterModel(neighbours("fasteners", "flanges", "fasteners"), PARAMETERS, SEED)
    state = model.state
    assert state.market_of.tolist() == [0, 1, 0]
    assert state.buyer_rows[0] != state.buyer_rows[1]
    known = state.buyers.supplier >= 0
    market = state.market_of[state.firms.place[np.maximum(state.buyers.supplier, 0)]]
    assert np.array_equal(market[known], np.broadcast_to(state.buyers.market[:, None], known.shape)[known])
    assert np.unique(state.buyers.slot).size == state.buyers.slot.size


def test_rows_of_a_place_are_its_rows() -> None:
    model = ClusterModel(neighbours("fasteners", "flanges", "fasteners"), PARAMETERS, SEED)
    for _ in range(3):
        model.step()
    state = model.state
    for rows_of, everywhere in ((state.rows_of, state.live), (state.makers_of, state.makers)):
        for place in range(3):
            assert np.array_equal(rows_of(place), everywhere[state.firms.place[everywhere] == place])


# --- provinces ------------------------------------------------------------------------------------------------------


def provinces() -> Scenario:
    """Return three places, two of them in one province, with a fund that the province pays."""
    what = neighbours("fasteners", "flanges", "cookware", end="2024-03")
    places = [replace(place, province=code) for place, code in zip(what.places, ("13", "14", "13"), strict=True)]
    fund = replace(
        new_policy("fund", payer={"county": 0.25, "province": 0.75}), where=tuple(place.id for place in places)
    )
    return replace(what, places=tuple(places), policies=(fund,))


@pytest.fixture(scope="module")
def model() -> ClusterModel:
    made = ClusterModel(provinces(), PARAMETERS, SEED)
    made.opened_with = dict(made.state.ledger.balances)
    for _ in range(12):
        made.step()
    return made


def test_places_of_a_province_share_one_account(model: ClusterModel) -> None:
    first, second, third = (model.governments["province", place] for place in range(3))
    assert first is third is not second
    assert (first.places, second.places) == ((0, 2), (1,))
    assert (first.account, second.account) == ("province:13", "province:14")
    kinds = [type(government) for government in set(model.governments.values())]
    assert kinds.count(ProvincialGovernment) == 2
    assert kinds.count(CountyGovernment) == 3


def test_a_province_has_money_in_proportion_to_the_output_of_its_places(model: ClusterModel) -> None:
    share = model.state.parameters.government.province_balance_share
    outputs = [sum(place.start.output_value for place in places) for places in _by_province(model)]
    opened = [model.opened_with[account] for account in ("province:13", "province:14")]
    assert opened == pytest.approx([share * output for output in outputs], rel=0.1)
    assert model.governments["province", 0].usual_output == pytest.approx(outputs[0], rel=0.1)


def _by_province(model: ClusterModel) -> list[list[Any]]:
    places = model.resolved.places
    return [[places[0], places[2]], [places[1]]]


def test_what_provinces_receive_and_pay_reconciles_with_their_balances(model: ClusterModel) -> None:
    government = model.state.parameters.government
    paid = model.notebook.public_money[:12, 0, :, MONEY_STAGES.index("paid")].sum(axis=0)
    received = left = 0.0
    for province in {model.governments["province", place] for place in range(3)}:
        received += government.province_receipts_share * province.usual_output
        left += province.balance - model.opened_with[province.account]
    assert paid[PAYERS.index("province")] > 1e6
    assert received - left == pytest.approx(paid[PAYERS.index("province")], rel=1e-9)
    assert paid[PAYERS.index("province")] == pytest.approx(3.0 * paid[PAYERS.index("county")], rel=1e-9)
    by_place = model.notebook.monthly[:12, :, INDEX["public_money_paid"]].sum(axis=0)
    assert by_place.sum() == pytest.approx(paid.sum(), rel=1e-9)
    assert (by_place > 0.0).all()


# --- other base years and other totals ------------------------------------------------------------------------------


def test_a_place_may_report_an_earlier_year() -> None:
    """Figures of 2019 in the central world: the first year is what they have become by then."""
    what = neighbours("fasteners")
    early = replace(
        what, places=(replace(what.places[0], start=what.places[0].start.with_values({"base_year": 2019})),)
    )
    model = ClusterModel(early, PARAMETERS, SEED)
    (level,) = model.levels
    start = early.places[0].start
    assert level.output > 1.1 * start.output_value
    for _ in range(12):
        model.step()
    year = model.notebook.monthly[:12, 0]
    assert year[:, INDEX["output_value"]].sum() == pytest.approx(level.output, rel=0.1)
    assert year[:, INDEX["wage"]].mean() == pytest.approx(level.wage, rel=0.05)
    plain = run(what)
    # The same figures four years older stand for a place that has grown with its markets since.
    assert year[:, INDEX["output_value"]].sum() > 1.1 * yearly(plain, "output_value")[0]


def test_a_place_may_report_operating_revenue() -> None:
    what = pair(world="constant").places[0]
    both = replace(
        pair(world="constant"),
        places=(replace(what, start=what.start.with_values({"output_value": None, "operating_revenue": 9e9})),),
    )
    record = run(both)
    assert yearly(record, "operating_revenue")[0] == pytest.approx(9e9, rel=0.08)
    assert yearly(record, "output_value")[0] < 0.8 * 9e9


@pytest.mark.parametrize("zero", [{"exports": 0.0}, {"foreign_buyers": 0.0}, {"exports": 0.0, "foreign_buyers": 0.0}])
def test_a_place_may_export_nothing(zero: dict[str, float]) -> None:
    what = neighbours("fasteners", end="2023-03")
    start = what.places[0].start.with_values(zero)
    record = run(replace(what, places=(replace(what.places[0], start=start),)))
    exported = record.monthly[:, 0, INDEX["exports"]].sum()
    assert exported == pytest.approx(0.0, abs=1.0)
    assert record.monthly[:, 0, INDEX["output_value"]].min() > 0.0


def test_lead_firms_keep_their_share_and_stay() -> None:
    model = ClusterModel(neighbours("fasteners", lead_firms=2.0, lead_share=0.4, end="2024-12"), PARAMETERS, SEED)
    firms = model.state.firms
    leads = np.flatnonzero(firms.honours[: model.state.count] & 2)
    assert leads.size == 2
    assert (firms.weight[leads] == 1.0).all()
    assert (firms.tier[leads] == MAKER).all()
    for _ in range(24):
        model.step()
    firms, makers = model.state.firms, model.state.makers
    assert firms.alive[leads].all()
    share = firms.revenue_year[leads].sum() / (firms.revenue_year[makers] * firms.weight[makers]).sum()
    assert 0.2 < share < 0.6


def test_buyers_by_the_piece_come_in_their_shares() -> None:
    model = ClusterModel(pair(piece_share=0.3, piece_share_abroad=0.6), PARAMETERS, SEED)
    buyers = model.state.buyers
    at_home, abroad = (buyers.by_piece[buyers.foreign == side].mean() for side in (0, 1))
    assert at_home == pytest.approx(0.3, abs=0.06)
    assert abroad == pytest.approx(0.6, abs=0.1)
    model.step()
    month = {name: model.notebook.monthly[0, :, column].sum() for name, column in INDEX.items()}
    assert 0.1 < month["piece_sales"] / (month["domestic_sales"] + month["exports"]) < 0.5
    assert 0.0 < month["piece_exports"] < min(month["piece_sales"], month["exports"])
