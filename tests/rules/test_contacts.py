"""Meetings at fairs: who comes, which stands are seen, what is intended, and what becomes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from sim.rules import contacts as rules
from sim.rules.demand import cluster_share, link_weight
from sim.state.columns import ORIGIN_FAIR
from tests.model_fixtures import PARAMETERS, key, some_buyers, some_firms

FAIR, DEMAND = PARAMETERS.fair, PARAMETERS.demand
RATIO = (DEMAND.elasticity_outside - 1.0) / (DEMAND.elasticity_suppliers - 1.0)


def met(
    buyers: Any, firms: Any, *, visits: int = 8, presence: Any = None, attractions: Any = None, fair: Any = FAIR,
    visitors: Any = None, number: int = 0, spending: float = 1000.0, destinations: Any = None, keen: float = 1.0,
    acceptance: float = PARAMETERS.links.trial_acceptance,
) -> tuple[Any, Any]:  # fmt: skip
    """Let visitors meet all firms; return the four sums and the contacts of each stand."""
    rows, count = firms.slot.size, buyers.slot.size
    result, contacts = np.zeros(4), np.zeros(rows)
    visitors = np.arange(count) if visitors is None else visitors
    rules.meet(
        visitors, np.full(visitors.size, keen), np.arange(rows),
        np.ones(rows) if presence is None else np.asarray(presence, float), buyers, firms,
        np.tile(np.ones(rows) if attractions is None else np.asarray(attractions, float), (4, 1)),
        np.full(count, spending),
        buyers.outside_weight, visits, ORIGIN_FAIR, fair, DEMAND, acceptance, key(number, "meeting"), key(0, "match"),
        np.zeros((1, int(buyers.country.max()) + 1), np.int32) if destinations is None else destinations, result,
        contacts,
    )  # fmt: skip
    return result, contacts


# --- who comes ------------------------------------------------------------------------------------------------------


def test_a_usual_buyer_comes_with_the_usual_chance() -> None:
    assert rules.attendance_chance(0.55, 0.0, 0.5, 0.5, 1.0) == pytest.approx(0.55)


@given(st.floats(0.05, 0.95), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.1, 1.5))
def test_paid_travel_and_past_success_bring_more_buyers(base: float, paid: float, success: float, push: float) -> None:
    chance = rules.attendance_chance(base, paid, success, push, 1.0)
    assert 0.0 < chance < 1.0
    assert rules.attendance_chance(base, paid + 0.1, success, push, 1.0) > chance
    assert rules.attendance_chance(base, paid, success + 0.1, push, 1.0) > chance
    odds = rules.attendance_chance(base, paid + 1.0, success, push, 1.0)
    assert np.log(odds / (1 - odds)) - np.log(chance / (1 - chance)) == pytest.approx(push, rel=1e-6)


def test_invitations_reach_their_share_and_their_countries() -> None:
    buyers = some_buyers(
        4000, 1, foreign=np.repeat([0, 1], 2000), country=np.repeat([0, 1, 2, 3], [2000, 500, 500, 1000])
    )
    comes, ranks = np.zeros(4000), np.array([-1, 0, 1, 2])
    invited, paid = np.array([0.5, 1.0]), np.array([0.0, 0.5])
    alike = FAIR._replace(interest_decline=0.0)
    rules.invite(buyers, invited, paid, 2, ranks, alike, key(1), comes)
    assert set(comes) == {0.0, FAIR.buying_share}
    comes = np.where(comes > 0.0, 1.0, 0.0)
    assert comes[:2000].mean() == pytest.approx(0.5 * FAIR.attendance, abs=0.04)
    abroad = rules.attendance_chance(FAIR.attendance, 0.5, 0.5, FAIR.attendance_cost_response, 1.0)
    assert comes[2000:3000].mean() == pytest.approx(abroad, abs=0.06)
    assert not comes[3000:].any()
    more = np.zeros(4000)
    rules.invite(buyers, np.array([0.7, 1.0]), paid, 3, ranks, alike, key(1), more)
    assert (more[comes > 0.0] > 0.0).all(), "who came to the smaller fair comes to the larger one"
    rules.invite(buyers, np.zeros(2), paid, 3, ranks, alike, key(1), more)
    assert not more.any()


def test_each_buyer_more_on_the_list_is_less_interested() -> None:
    assert rules.interest(0.0, 2.0) == 1.0
    assert rules.interest(1.0, 2.0) == pytest.approx(np.exp(-2.0))
    buyers, keen = some_buyers(20_000, 1), np.zeros(20_000)
    sums = []
    for share in (0.15, 0.3, 1.0):
        rules.invite(buyers, np.array([share, 0.0]), np.zeros(2), 0, np.array([-1]), FAIR, key(1), keen)
        sums.append((float((keen > 0.0).sum()), float(keen.sum())))
    come, orders = zip(*sums, strict=True)
    # Orders rise with the buyers invited to about the published power, and by less the more there are already.
    assert 0.6 < np.log(orders[1] / orders[0]) / np.log(2.0) < 1.0
    assert np.log(orders[2] / orders[1]) / np.log(1.0 / 0.3) < np.log(orders[1] / orders[0]) / np.log(2.0)
    assert orders[2] / come[2] < orders[0] / come[0]


def test_a_visitor_that_is_not_in_the_market_states_nothing() -> None:
    all_of_them, half, none = (met(some_buyers(4000, 1), some_firms(20), keen=keen)[0] for keen in (1.0, 0.5, 0.0))
    assert all_of_them[0] == half[0] == none[0] > 0.0
    assert half[1] == pytest.approx(0.5 * all_of_them[1], rel=0.06)
    assert none[1] == none[3] == 0.0


def test_who_only_looks_is_not_disappointed() -> None:
    looking, buying = some_buyers(50, 1), some_buyers(50, 1)
    met(looking, some_firms(20), keen=0.0)
    met(buying, some_firms(20), fair=FAIR._replace(contract_share=0.0))
    assert (looking.success == 0.5).all()
    assert (buying.success < 0.5).all()
    assert (looking.attended == buying.attended).all()


def test_an_intention_shorter_than_a_trial_is_of_the_trial_alone() -> None:
    for months in (DEMAND.trial_months - 1.0, DEMAND.trial_months):
        stated = [rules.stated_months(0.7, suits, 0.4, 2.0, RATIO, months, DEMAND) for suits in (True, False)]
        share = rules.share_of_link(DEMAND.trial_weight * 0.7, 0.4, 2.0, RATIO)
        assert stated == pytest.approx([months * share] * 2)


def test_errors_of_judgement_do_not_swell_what_is_stated() -> None:
    """Whoever picks the best of several noisy signals would state too much if it took the signal for the goods."""
    stated = [
        met(some_buyers(3000, 1), some_firms(20), visits=1, fair=FAIR._replace(signal_noise=noise))[0][1]
        for noise in (0.0, 0.5)
    ]
    assert stated[1] == pytest.approx(stated[0])


# --- what they see --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stands", "seen"), [(20, 8), (8, 8), (3, 3), (1, 1)])
def test_contacts_are_visits_times_visitors_while_there_are_stands(stands: int, seen: int) -> None:
    buyers = some_buyers(30, weight=np.arange(1.0, 31.0))
    result, contacts = met(buyers, some_firms(stands))
    assert result[0] == seen * buyers.weight.sum()
    assert contacts.sum() == result[0]
    assert contacts.max() <= buyers.weight.sum(), "a stand is seen once by each visitor"
    assert (buyers.attended == 1).all()


def test_only_visitors_meet_anybody() -> None:
    buyers = some_buyers(5)
    result, _ = met(buyers, some_firms(20), visitors=np.array([1, 3]))
    assert result[0] == 16.0
    assert buyers.attended.tolist() == [0, 1, 0, 1, 0]
    assert (buyers.supplier[[0, 2, 4]] == -1).all()


def test_larger_stands_are_seen_in_proportion() -> None:
    presence = np.array([1.0, 2.0, 4.0, 8.0])
    _, contacts = met(some_buyers(6000), some_firms(4), visits=1, presence=presence)
    expected = 6000.0 * presence / presence.sum()
    assert chi2.sf(((contacts - expected) ** 2 / expected).sum(), 3) > 1e-3


def test_attention_is_scarce() -> None:
    _, few = met(some_buyers(300), some_firms(16))
    _, many = met(some_buyers(300), some_firms(32))
    assert many.mean() == pytest.approx(0.5 * few.mean())


# --- what they order ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suits", [True, False])
def test_an_intention_by_hand(suits: bool) -> None:
    buyers = some_buyers(1, 2, weight=3.0, outside_weight=2.0, supplier=[[1, -1]], link_age=24, link_match=1.5)
    firms = some_firms(2)
    exact = FAIR._replace(signal_noise=0.0, contract_share=1.0)
    result, _ = met(buyers, firms, fair=exact, attractions=[0.7, 0.4], acceptance=0.0 if suits else 99.0)
    offer, known = 0.7 * buyers.link_match[0, 1], 0.4 * 1.5
    on_trial, proven = (
        cluster_share(known + worth, 2.0, RATIO) * worth / (known + worth)
        for worth in (DEMAND.trial_weight * offer, offer)
    )
    later = FAIR.intention_months - DEMAND.trial_months
    intended = 1000.0 * 3.0 * (DEMAND.trial_months * on_trial + (later * proven if suits else 0.0))
    assert later > 0.0
    assert result == pytest.approx([2 * 3.0, intended, intended, 3.0])
    assert buyers.supplier.tolist() == [[1, 0]]
    assert buyers.link_origin.tolist() == [[0, ORIGIN_FAIR]]
    assert buyers.link_age.tolist() == [[24, 0]]
    assert link_weight(0.7, buyers.link_match[0, 1], 0, DEMAND) == pytest.approx(DEMAND.trial_weight * offer)
    assert buyers.success[0] == pytest.approx(0.5 + FAIR.success_memory * 0.5)


def test_known_suppliers_win_nothing_new() -> None:
    buyers = some_buyers(20, 3, supplier=[[0, -1, -1]] * 20, link_age=24, link_match=1.0)
    result, contacts = met(buyers, some_firms(1))
    assert contacts[0] == 20.0
    assert result[1:].tolist() == [0.0, 0.0, 0.0]
    assert (buyers.supplier == [0, -1, -1]).all()
    assert buyers.success == pytest.approx(0.5 * (1.0 - FAIR.success_memory))


def test_the_best_offer_seen_wins_when_the_signal_is_exact() -> None:
    exact = FAIR._replace(signal_noise=0.0, contract_share=1.0)
    buyers = some_buyers(200, 2)
    met(buyers, some_firms(8), fair=exact, attractions=[1e-6] * 5 + [1e6] + [1e-6] * 2)
    assert (buyers.supplier[:, 0] == 5).all()
    noisy = some_buyers(200, 2)
    met(noisy, some_firms(8), fair=exact._replace(signal_noise=5.0), attractions=[1e-6] * 5 + [1e6] + [1e-6] * 2)
    assert (noisy.supplier[:, 0] != 5).any()


def test_a_share_of_intentions_is_signed_and_never_more() -> None:
    result, _ = met(some_buyers(4000), some_firms(20))
    contacts, intended, contracted, contracts = result
    assert contracts / 4000.0 == pytest.approx(FAIR.contract_share, abs=0.03)
    assert 0.0 < contracted < intended
    nobody, _ = met(some_buyers(50), some_firms(20), fair=FAIR._replace(contract_share=0.0))
    assert nobody[1] > 0.0
    assert nobody[2:].tolist() == [0.0, 0.0]
    assert contacts == 8 * 4000.0


def test_full_buyers_replace_their_weakest_supplier_in_some_cases() -> None:
    def replaced(share: float) -> Any:
        buyers = some_buyers(2000, 2, supplier=[[0, 1]] * 2000, link_age=24, link_match=1.0)
        fair = FAIR._replace(contract_share=1.0, additional_slots=share)
        met(buyers, some_firms(3), fair=fair, attractions=[0.5, 0.2, 1.0])
        return buyers.supplier

    assert (replaced(0.0) == [0, 1]).all()
    assert (replaced(1.0) == [0, 2]).all()
    assert (replaced(0.5)[:, 1] == 2).mean() == pytest.approx(0.5, abs=0.05)


def test_one_more_stand_changes_only_visits_it_wins() -> None:
    one, other = some_buyers(400), some_buyers(400)
    exact = FAIR._replace(contract_share=1.0, signal_noise=0.0)
    met(one, some_firms(30), fair=exact, visits=1)
    met(other, some_firms(31), fair=exact, visits=1)
    changed = one.supplier[:, 0] != other.supplier[:, 0]
    assert 0.0 < changed.mean() < 0.1
    assert (other.supplier[changed, 0] == 30).all()


def test_links_made_at_a_fair_are_counted_by_firm_and_country() -> None:
    eager = FAIR._replace(contract_share=1.0, additional_slots=1.0)
    buyers = some_buyers(
        4, 2, foreign=[0, 1, 1, 1], country=[0, 2, 3, 3], weight=[4.0, 1.0, 2.0, 1.0], link_age=24, link_match=1.0,
        supplier=[[0, -1], [0, -1], [0, 1], [2, -1]],
    )  # fmt: skip
    firms = some_firms(3, place=[0, 1, 1], foreign_links=[3, 2, 1])
    destinations = np.array([[0, 0, 1, 1], [0, 0, 0, 2]], np.int32)
    met(buyers, firms, fair=eager, attractions=[0.5, 0.2, 1.0], destinations=destinations)
    assert buyers.links.tolist() == [2, 2, 2, 2]
    ties = buyers.foreign[:, None] * np.ones((1, 2), int)
    weight = buyers.weight[:, None] * ties
    assert firms.foreign_links.tolist() == np.bincount(buyers.supplier.ravel(), weight.ravel(), 3).tolist()
    recount = np.zeros_like(destinations)
    np.add.at(recount, (firms.place[buyers.supplier], buyers.country[:, None] * np.ones((1, 2), int)), ties)
    assert destinations.tolist() == recount.tolist()
    # Whose slots were full gave up the weakest of its suppliers.
    assert sorted(buyers.supplier[2].tolist()) == [0, 2]
    assert buyers.link_age[2].tolist() == [24, 0]
