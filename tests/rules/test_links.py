"""Ties between buyers and firms: how long they last, who is found, and in which proportion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from sim.rules import links as rules
from sim.state.columns import HONOUR_LEAD, HONOUR_LITTLE_GIANT, HONOUR_SRDI
from tests.model_fixtures import PARAMETERS, all_rows, key, some_buyers, some_firms, some_places

LINKS, DEMAND = PARAMETERS.links, PARAMETERS.demand
PER_CAPITAL = np.full((2, 3), 0.3)
MANY = 6000


def chi_square(counts: Any, shares: Any) -> float:
    """Return the probability of counts as far from the shares as these."""
    expected = counts.sum() * np.asarray(shares) / np.sum(shares)
    return float(chi2.sf(((counts - expected) ** 2 / expected).sum(), counts.size - 1))


# --- rules ----------------------------------------------------------------------------------------------------------


@given(st.floats(0.01, 0.99))
def test_twelve_months_at_the_monthly_hazard_leave_the_yearly_survivors(survival: float) -> None:
    monthly = rules.break_chance(rules.monthly_hazard(survival), 1.0, 1.0)
    assert (1.0 - monthly) ** 12 == pytest.approx(survival, rel=1e-9)


def test_bad_service_breaks_links_sooner() -> None:
    good, poor, worst = (rules.break_chance(0.02, service, 1.0) for service in (1.0, 0.5, 0.0))
    assert good < poor < worst
    assert -np.log(1.0 - worst) == pytest.approx(2.0 * -np.log(1.0 - good))
    assert rules.break_chance(0.02, 0.0, 0.0) == good


def test_visibility_has_its_elasticities() -> None:
    def seen(**changes: float) -> float:
        usual = {"firms_in_row": 1.0, "capacity": 1e5, "quality": 1.0, "price": 1.0, "market_price": 1.0}
        return float(rules.visibility(**{**usual, **changes}, links=LINKS))

    base = seen()
    assert seen(firms_in_row=7.0) == pytest.approx(7.0 * base)
    assert np.log(seen(capacity=2e5) / base) == pytest.approx(LINKS.visibility_elasticity * np.log(2.0))
    assert np.log(seen(quality=1.1) / base) == pytest.approx(LINKS.quality_visibility * np.log(1.1))
    assert seen(price=1.1) == pytest.approx(base * 1.1**-LINKS.quality_visibility)
    assert seen(price=2.0, market_price=2.0) == pytest.approx(base)


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_a_firm_that_is_too_small_for_the_need_is_passed_over(capacity: float, need: float) -> None:
    fit = rules.can_serve(capacity, need)
    assert 0.0 < fit <= 1.0
    assert fit >= rules.can_serve(capacity, 2.0 * need)
    assert rules.can_serve(1.0, 1.0) == 0.5
    assert rules.can_serve(5.0 * capacity, 5.0 * need) == pytest.approx(fit)


def test_the_fit_of_a_pair_is_a_price_difference() -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    spread = np.array([np.log(rules.match_value(value, 0.08, 8.0)) for value in u]) / 7.0
    assert spread.std() == pytest.approx(0.08, rel=0.01)
    assert rules.match_value(0.5, 0.08, 8.0) == 1.0
    assert rules.match_value(0.9, 0.0, 8.0) == 1.0


# --- breaking -------------------------------------------------------------------------------------------------------


def broken(buyers: Any, firms: Any, links: Any = LINKS, trial_months: int = 6, number: int = 0) -> tuple[Any, Any]:
    counts, searching = np.zeros((1, 2, 2)), np.zeros(buyers.slot.size, np.int64)
    rules.break_links(buyers, firms, links, trial_months, key(number), counts, searching)
    return counts[0], searching


@pytest.mark.parametrize(("foreign", "survival"), [(0, LINKS.domestic_survival), (1, LINKS.foreign_survival)])
def test_links_survive_a_year_as_often_as_published(foreign: int, survival: float) -> None:
    buyers = some_buyers(MANY, 1, foreign=foreign, supplier=0, link_age=24)
    for month in range(12):
        broken(buyers, some_firms(1), number=month)
    alive = (buyers.supplier[:, 0] == 0).mean()
    assert alive == pytest.approx(survival, abs=4.0 * (survival * (1.0 - survival) / MANY) ** 0.5)
    assert (buyers.link_age[buyers.supplier >= 0] == 36).all()


def test_links_to_closed_firms_end_and_their_slots_search() -> None:
    buyers = some_buyers(2, 3, supplier=[[0, 1, -1], [1, -1, 0]], link_age=24, weight=[1.0, 5.0])
    firms = some_firms(2, alive=[1, 0])
    forever = LINKS._replace(domestic_survival=1.0, foreign_survival=1.0)
    counts, searching = broken(buyers, firms, forever)
    assert buyers.supplier.tolist() == [[0, -1, -1], [-1, -1, 0]]
    assert searching.tolist() == [0b010, 0b001]
    assert counts.tolist() == [[12.0, 0.0], [6.0, 0.0]]


def test_a_trial_ends_when_the_buyer_is_not_satisfied() -> None:
    forever = LINKS._replace(domestic_survival=1.0, foreign_survival=1.0)
    buyers = some_buyers(4, 1, supplier=0, link_age=[[5], [5], [5], [4]], link_origin=[[1], [1], [0], [1]])
    buyers.link_match[:, 0] = [2.0 * LINKS.trial_acceptance, 0.5 * LINKS.trial_acceptance, 0.01, 0.01]
    broken(buyers, some_firms(1), forever, trial_months=6)
    assert buyers.supplier[:, 0].tolist() == [0, -1, 0, 0]
    assert rules.satisfied(1.0, 1.0, 1.0)
    assert not rules.satisfied(1.0, 0.9, 1.0)


# --- searching ------------------------------------------------------------------------------------------------------


def seen(visible: Any, firms: Any) -> Any:
    """Return what buyers see of firms in business that are as visible as this."""
    return np.column_stack([np.asarray(visible) * firms.alive, 0.3 * firms.capital])


def found(
    visible: Any, at_birth: Any, *, considered: int = 1, candidates: Any = (), entrants: float = 0.0,
    need: float = 1e-9, firms: Any = None, buyers: int = MANY, alike: float = 1.0,
) -> Any:  # fmt: skip
    """Return the row each of many buyers finds; each stands for as many as are ``alike``."""
    firms = some_firms(len(visible), visible=at_birth) if firms is None else firms
    initial = np.flatnonzero(firms.visible > 0.0).astype(np.int32)
    table = some_buyers(buyers, 1, budget=need, weight=alike)
    rules.search_suppliers(
        table, firms, seen(visible, firms), np.cumsum(firms.visible[initial]), initial,
        np.asarray(candidates, np.int32), len(candidates), entrants, np.array([1.0, 1.0]), 4,
        np.zeros(buyers, np.int64), LINKS._replace(considered=float(considered)), DEMAND, key(3), key(4),
    )  # fmt: skip
    return table.supplier[:, 0]


BIRTH = np.array([1.0, 2.0, 4.0, 8.0, 0.5])


@pytest.mark.parametrize("considered", [1, 4, 12])
def test_firms_are_found_in_proportion_to_visibility(considered: int) -> None:
    counts = np.bincount(found(BIRTH, BIRTH, considered=considered), minlength=5)
    assert counts.sum() == MANY
    assert chi_square(counts, BIRTH) > 1e-3


def test_present_visibility_counts_when_enough_firms_are_considered() -> None:
    present = np.array([8.0, 2.0, 4.0, 1.0, 0.5])
    counts = np.bincount(found(present, BIRTH, considered=250), minlength=5)
    assert counts / MANY == pytest.approx(present / present.sum(), abs=0.02)
    unchanged = np.bincount(found(BIRTH, BIRTH, considered=250), minlength=5)
    assert counts[0] > 4 * unchanged[0]


def test_a_policy_for_one_firm_leaves_the_choice_among_the_others_alone() -> None:
    before = found(BIRTH, BIRTH, considered=4)
    after = found(np.array([1.0, 2.0, 4.0, 8.0, 1.5]), BIRTH, considered=4)
    changed = before != after
    assert 0.0 < changed.mean() < 0.2
    assert (after[changed] == 4).all()


def test_closed_firms_are_not_found() -> None:
    firms = some_firms(5, visible=BIRTH, alive=[1, 1, 0, 0, 1])
    rows = found(BIRTH, BIRTH, firms=firms)
    assert set(np.unique(rows)) == {-1, 0, 1, 4}
    assert (rows == -1).mean() == pytest.approx(12.0 / 15.5, abs=0.03)


def test_firms_without_room_for_the_need_are_rarely_found() -> None:
    firms = some_firms(2, visible=1.0, capital=[1e6, 1e3])
    rows = found([1.0, 1.0], [1.0, 1.0], firms=firms, considered=12, need=2e5)
    assert (rows == 1).mean() < 0.02


def test_firms_have_as_many_buyers_whatever_a_row_of_buyers_stands_for() -> None:
    # Rows of one, five and twenty firms, the firms of each as visible as the others; the single one is short of room.
    firms = some_firms(3, weight=[1.0, 5.0, 20.0], visible=[1.0, 5.0, 20.0], capital=[1e3, 1e6, 1e6])
    need = 2.0 * 0.3 * 1e3
    rows = found(firms.visible, firms.visible, firms=firms, considered=300, need=need, alike=5.0)
    served = [rules.can_serve(0.3 * capital, 0.5 * need) for capital in (1e3, 1e6, 1e6)]
    assert served[0] == pytest.approx(0.5)
    assert chi_square(np.bincount(rows, minlength=3), firms.weight * served) > 1e-3
    assert np.array_equal(rows, found(firms.visible, firms.visible, firms=firms, considered=300, need=need))


def test_entrants_are_found_by_their_share_of_looks() -> None:
    firms = some_firms(6, visible=[*BIRTH, 0.0])
    candidates = np.array([-1, 5, -1, -1])
    visible = np.array([*BIRTH, 5.0])
    rows = found(visible, None, firms=firms, candidates=candidates, entrants=0.2, considered=1)
    assert (rows == 5).mean() == pytest.approx(0.05, abs=0.012)
    assert (rows == -1).mean() == pytest.approx(0.15, abs=0.02)
    # With many looks an entrant is found as often as a firm of the start that is as visible.
    for entrants in (0.2, 0.6):
        rows = found(visible, None, firms=firms, candidates=candidates, entrants=entrants, considered=300)
        assert (rows == 5).mean() == pytest.approx(5.0 / visible.sum(), abs=0.025)


def test_a_known_firm_is_not_tied_twice() -> None:
    buyers = some_buyers(50, 2, supplier=[[0, -1]] * 50)
    firms = some_firms(1, visible=1.0)
    rules.search_suppliers(
        buyers, firms, seen([1.0], firms), np.ones(1), np.zeros(1, np.int32), np.empty(0, np.int32), 0, 0.0,
        np.ones(2), 4, np.zeros(50, np.int64), LINKS, DEMAND, key(3), key(4),
    )  # fmt: skip
    assert (buyers.supplier == [0, -1]).all()
    assert rules.knows(buyers, 7, 0)
    assert not rules.knows(buyers, 7, 1)


def test_empty_slots_fill_at_their_rate_at_home_and_abroad() -> None:
    def share(rate: float, foreign: int, searching: int = 0, slots: int = 1) -> float:
        buyers, firms = some_buyers(MANY, slots, foreign=foreign, budget=1e-9), some_firms(1, visible=1.0)
        rules.search_suppliers(
            buyers, firms, seen([1.0], firms), np.ones(1), np.zeros(1, np.int32), np.empty(0, np.int32), 0, 0.0,
            np.full(2, rate), slots, np.full(MANY, searching, np.int64), LINKS, DEMAND, key(5), key(4),
        )  # fmt: skip
        return float((buyers.supplier >= 0).sum(axis=1).mean())

    assert share(0.1, 0) == pytest.approx(0.1, abs=0.016)
    assert share(0.1, 1) == pytest.approx(0.1, abs=0.016)
    assert share(0.0, 0) == share(0.0, 1) == 0.0
    # A foreign buyer that lost its supplier stays in the same county as often as switchers do.
    assert share(0.0, 1, searching=1) == pytest.approx(LINKS.same_county, abs=0.025)
    # It discovers the cluster once a month, not once a slot.
    assert share(0.1, 1, slots=4) == pytest.approx(0.1, abs=0.016)


def test_the_fit_of_a_pair_depends_on_the_two_alone() -> None:
    buyers, firms = some_buyers(2, 2), some_firms(2)
    rules.link(buyers, 0, 0, 1, 1, key(4), firms.slot[1], DEMAND)
    rules.link(buyers, 0, 1, 0, 0, key(4), firms.slot[0], DEMAND)
    rules.link(buyers, 1, 1, 1, 2, key(4), firms.slot[1], DEMAND)
    first = buyers.link_match[0, 0]
    rules.link(buyers, 0, 1, 1, 0, key(4), firms.slot[1], DEMAND)
    assert buyers.link_match[0, 1] == first
    assert buyers.link_match[1, 1] != first
    assert buyers.supplier.tolist() == [[1, 1], [-1, 1]]
    assert buyers.link_origin.tolist() == [[1, 0], [0, 2]]
    assert not buyers.link_age.any()


# --- counting -------------------------------------------------------------------------------------------------------


def test_foreign_links_are_counted_by_firm_and_their_countries_by_place() -> None:
    buyers = some_buyers(
        3, 2, foreign=[0, 1, 1], country=[0, 2, 3], weight=[4.0, 1.0, 1.0], supplier=[[0, 1], [0, -1], [0, 1]]
    )
    firms = some_firms(3, foreign_links=9, place=[0, 1, 0])
    countries = np.zeros((2, 5), np.int32)
    rules.count_links(buyers, firms, all_rows(firms), countries)
    assert firms.foreign_links.tolist() == [2, 1, 0]
    assert countries.tolist() == [[0, 0, 1, 1, 0], [0, 0, 0, 1, 0]]


def test_visibilities_of_a_table() -> None:
    firms = some_firms(2, weight=[1.0, 3.0], capital=[1e6, 2e6], price=[1.0, 0.9])
    out = np.zeros((2, rules.SEEN))
    rules.visibilities(all_rows(firms), firms, some_places(1, market_cost=0.875), PER_CAPITAL, LINKS, out)
    assert out[1] == pytest.approx([rules.visibility(3.0, 6e5, 1.0, 0.9, 0.875, LINKS), 6e5])
    assert out[1, 0] > out[0, 0]


def test_places_of_renown_and_firms_with_honours_are_seen_more() -> None:
    honours = [0, HONOUR_LITTLE_GIANT, HONOUR_LITTLE_GIANT | HONOUR_LEAD, HONOUR_LEAD | HONOUR_SRDI, 0]
    firms = some_firms(5, honours=honours, place=[0, 0, 0, 0, 1])
    out = np.zeros((5, rules.SEEN))
    rules.visibilities(all_rows(firms), firms, some_places(2, renown=[1.0, 1.5]), PER_CAPITAL, LINKS, out)
    more = 1.0 + LINKS.honour_visibility
    assert out[:, 0] / out[0, 0] == pytest.approx([1.0, more, more, 1.0, 1.5])
    # The capacity of a place's firms is that of its own industry.
    twice = PER_CAPITAL * np.array([[1.0], [2.0]])
    rules.visibilities(all_rows(firms), firms, some_places(2), twice, LINKS, out)
    assert out[4, 0] / out[0, 0] == pytest.approx(2.0**LINKS.visibility_elasticity)
