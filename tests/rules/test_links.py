"""Ties between buyers and firms: how long they last, who is found, and in which proportion."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, chi2

from sim.rules import chance
from sim.rules import links as rules
from sim.state.columns import HONOUR_LEAD, HONOUR_LITTLE_GIANT, HONOUR_SRDI, SUPPLIER, TRADER
from tests.model_fixtures import PARAMETERS, key, segments_for, some_buyers, some_firms, some_places

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
        size, rest = (tuple({**usual, **changes}.values())[part] for part in (slice(2), slice(2, None)))
        return float(rules.size_visibility(*size, LINKS) * rules.reputation(*rest, LINKS))

    base = seen()
    assert seen(firms_in_row=7.0) == pytest.approx(7.0 * base)
    assert np.log(seen(capacity=2e5) / base) == pytest.approx(LINKS.visibility_elasticity * np.log(2.0))
    assert np.log(seen(quality=1.1) / base) == pytest.approx(LINKS.quality_visibility * np.log(1.1))
    assert seen(price=1.1) == pytest.approx(base * 1.1**-LINKS.quality_visibility)
    assert seen(price=2.0, market_price=2.0) == pytest.approx(base)


def test_the_fit_of_a_pair_is_a_price_difference() -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    spread = np.array([np.log(rules.match_value(value, 0.08, 8.0)) for value in u]) / 7.0
    assert spread.std() == pytest.approx(0.08, rel=0.01)
    assert rules.match_value(0.5, 0.08, 8.0) == 1.0
    assert rules.match_value(0.9, 0.0, 8.0) == 1.0


# --- breaking -------------------------------------------------------------------------------------------------------


def broken(
    buyers: Any, firms: Any, links: Any = LINKS, trial_months: int = 6, number: int = 0, destinations: Any = None
) -> tuple[Any, Any]:
    """Break links; return links at risk and lost by place and side of the market, and how many each buyer lost."""
    places = int(firms.place.max()) + 1
    counts, lost = np.zeros((places, 2, 2)), np.full(buyers.slot.size, 9, np.int64)
    if destinations is None:
        destinations = np.zeros((places, int(buyers.country.max()) + 1), np.int32)
    rules.break_links(buyers, firms, links, trial_months, key(number), counts, destinations, lost)
    return counts, lost


FOREVER = LINKS._replace(domestic_survival=1.0, foreign_survival=1.0)


@pytest.mark.parametrize(("foreign", "survival"), [(0, LINKS.domestic_survival), (1, LINKS.foreign_survival)])
def test_links_survive_a_year_as_often_as_published(foreign: int, survival: float) -> None:
    buyers = some_buyers(MANY, 1, foreign=foreign, supplier=0, link_age=24)
    for month in range(12):
        broken(buyers, some_firms(1), number=month)
    alive = (buyers.supplier[:, 0] == 0).mean()
    assert alive == pytest.approx(survival, abs=4.0 * (survival * (1.0 - survival) / MANY) ** 0.5)
    assert (buyers.link_age[buyers.supplier >= 0] == 36).all()


def test_links_to_closed_firms_end_and_their_slots_search() -> None:
    buyers = some_buyers(2, 3, supplier=[[0, 1, -1], [1, 0, -1]], link_age=24, weight=[1.0, 5.0])
    counts, lost = broken(buyers, some_firms(2, alive=[1, 0]), FOREVER)
    assert buyers.supplier.tolist() == [[0, -1, -1], [0, -1, -1]]
    assert buyers.links.tolist() == lost.tolist() == [1, 1]
    assert counts[0].tolist() == [[12.0, 0.0], [6.0, 0.0]]


def test_links_that_stay_move_up_with_all_that_is_known_of_them() -> None:
    buyers = some_buyers(
        2, 4, supplier=[[2, 0, 3, 1], [0, 2, -1, -1]], link_age=[[1, 2, 3, 4], [5, 6, 0, 0]],
        link_origin=[[1, 2, 3, 0], [4, 5, 0, 0]], link_match=[[0.5, 0.6, 0.7, 0.8], [0.9, 1.1, 0, 0]],
    )  # fmt: skip
    _, lost = broken(buyers, some_firms(4, alive=[0, 1, 1, 1]), FOREVER, trial_months=99)
    assert lost.tolist() == [1, 1]
    assert buyers.links.tolist() == [3, 1]
    assert buyers.supplier.tolist() == [[2, 3, 1, -1], [2, -1, -1, -1]]
    assert buyers.link_age[0, :3].tolist() == [2, 4, 5]
    assert buyers.link_origin[0, :3].tolist() == [1, 3, 0]
    assert buyers.link_match[0, :3] == pytest.approx([0.5, 0.7, 0.8])
    assert (buyers.link_age[1, 0], buyers.link_origin[1, 0]) == (7, 5)
    assert buyers.link_match[1, 0] == pytest.approx(1.1)


def test_a_tie_breaks_whatever_others_the_buyer_has_and_in_whatever_order() -> None:
    def left(order: Any) -> Any:
        buyers = some_buyers(500, 8, link_age=24, supplier=np.tile(np.asarray(order), (500, 1)))
        broken(buyers, some_firms(8), LINKS._replace(domestic_survival=0.001))
        return [{int(row) for row in own if row >= 0} for own in buyers.supplier]

    whole = left(range(8))
    assert left(range(7, -1, -1)) == whole
    assert left([3, 5, 1, -1, -1, -1, -1, -1]) == [own & {1, 3, 5} for own in whole]
    assert len({frozenset(own) for own in whole}) > 100


def test_a_trial_ends_when_the_buyer_is_not_satisfied() -> None:
    buyers = some_buyers(4, 1, supplier=0, link_age=[[5], [5], [5], [4]], link_origin=[[1], [1], [0], [1]])
    buyers.link_match[:, 0] = [2.0 * LINKS.trial_acceptance, 0.5 * LINKS.trial_acceptance, 0.01, 0.01]
    broken(buyers, some_firms(1), FOREVER, trial_months=6)
    assert buyers.supplier[:, 0].tolist() == [0, -1, 0, 0]
    assert rules.satisfied(1.0, 1.0, 1.0)
    assert not rules.satisfied(1.0, 0.9, 1.0)


# --- searching ------------------------------------------------------------------------------------------------------


def seen(visible: Any, firms: Any) -> Any:
    """Return what buyers see of firms that are as visible as this, those of the start against how they were at birth.

    As ``visibilities`` would write it from what the firms are.
    """
    birth = np.where(firms.visible > 0.0, firms.visible, 1.0)
    return (np.asarray(visible) / birth).astype(np.float32)


def scale_of_entrants(candidates: int, entrants: float, total: float) -> float:
    """Return the chance of a look at a firm of the start, for a unit of visibility, over that at a candidate slot."""
    return candidates * (1.0 - entrants) / (entrants * total) if entrants > 0.0 else 0.0


def alias(weights: Any) -> tuple[Any, Any]:
    """Return the alias table of some weights."""
    own, other = np.empty(len(weights)), np.empty(len(weights), np.int32)
    rules.alias_table(np.asarray(weights, float), own, other)
    return own, other


def searched(
    buyers: Any, firms: Any, what: Any, *, considered: int = 1, candidates: Any = (), entrants: float = 0.0,
    rates: Any = (1.0, 1.0), foreign_slots: int = 4, lost: Any = 0, number: int = 3, destinations: Any = None,
) -> Any:  # fmt: skip
    """Let buyers search among the firms that were visible at birth and the rows of ``candidates``, of which some live.

    ``what`` is what they see of each row.
    """
    start = np.flatnonzero(firms.visible > 0.0)
    rows = np.array([*start, *candidates], np.int32)
    rows[(rows >= 0) & (firms.alive[rows] == 0)] = -1
    if destinations is None:
        destinations = np.zeros((int(firms.place.max()) + 1, int(buyers.country.max()) + 1), np.int32)
    rules.search_suppliers(
        buyers, firms, what, rows, *alias(firms.visible[start]), len(candidates), entrants,
        scale_of_entrants(len(candidates), entrants, firms.visible[start].sum()), np.array(rates, float),
        foreign_slots, np.broadcast_to(np.int64(lost), buyers.slot.size).copy(),
        LINKS._replace(considered=float(considered)), DEMAND, key(number), key(4), destinations,
    )  # fmt: skip
    return buyers


def found(
    visible: Any, at_birth: Any, *, considered: int = 1, candidates: Any = (), entrants: float = 0.0,
    firms: Any = None, buyers: int = MANY, alike: float = 1.0,
) -> Any:  # fmt: skip
    """Return the row each of many buyers finds; each stands for as many as are ``alike``."""
    firms = some_firms(len(visible), visible=at_birth) if firms is None else firms
    table = some_buyers(buyers, 1, weight=alike)
    what = seen(visible, firms)
    searched(table, firms, what, considered=considered, candidates=candidates, entrants=entrants)
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
    # A buyer gives up after so many looks at firms that have closed.
    assert (rows == -1).mean() == pytest.approx((12.0 / 15.5) ** rules.MOST_LOOKS, abs=0.005)


def test_firms_have_as_many_buyers_whatever_a_row_of_buyers_stands_for() -> None:
    # Rows of one, five and twenty firms, the firms of each as visible as the others, whatever they can make.
    firms = some_firms(3, weight=[1.0, 5.0, 20.0], visible=[1.0, 5.0, 20.0], capital=[1e3, 1e6, 1e6])
    rows = found(firms.visible, firms.visible, firms=firms, considered=300, alike=5.0)
    assert chi_square(np.bincount(rows, minlength=3), firms.weight) > 1e-3
    assert np.array_equal(rows, found(firms.visible, firms.visible, firms=firms, considered=300))


def test_entrants_are_found_by_their_share_of_looks() -> None:
    firms = some_firms(6, visible=[*BIRTH, 0.0])
    candidates = np.array([-1, 5, -1, -1])
    visible = np.array([*BIRTH, 5.0])
    rows = found(visible, None, firms=firms, candidates=candidates, entrants=0.2, considered=1)
    assert (rows == 5).mean() == pytest.approx(0.05 / 0.85, abs=0.012), "looks at empty slots do not count"
    assert not (rows == -1).any()
    # With many looks an entrant is found as often as a firm of the start that is as visible.
    for entrants in (0.2, 0.6):
        rows = found(visible, None, firms=firms, candidates=candidates, entrants=entrants, considered=300)
        assert (rows == 5).mean() == pytest.approx(5.0 / visible.sum(), abs=0.025)


def test_a_known_firm_is_not_tied_twice() -> None:
    buyers, firms = some_buyers(50, 2, supplier=[[0, -1]] * 50), some_firms(1, visible=1.0)
    searched(buyers, firms, seen([1.0], firms), considered=12)
    assert (buyers.supplier == [0, -1]).all()
    assert (buyers.links == 1).all()
    assert rules.knows(buyers.supplier, 7, 1, 0)
    assert not rules.knows(buyers.supplier, 7, 1, 1)
    assert not rules.knows(buyers.supplier, 7, 0, 0), "what stands behind the links is none"


def test_empty_slots_fill_at_their_rate_at_home_and_abroad() -> None:
    def share(rate: float, foreign: int, lost: int = 0, slots: int = 1) -> float:
        buyers, firms = some_buyers(MANY, slots, foreign=foreign), some_firms(50, visible=1.0)
        what = seen(np.ones(50), firms)
        searched(buyers, firms, what, rates=(rate, rate), foreign_slots=slots, lost=lost, number=5)
        return float(buyers.links.mean())

    assert share(0.1, 0) == pytest.approx(0.1, abs=0.016)
    assert share(0.1, 1) == pytest.approx(0.1, abs=0.016)
    assert share(0.0, 0) == share(0.0, 1) == 0.0
    # Each of several empty slots at home fills by itself; a firm in fifty is known already.
    assert share(0.05, 0, slots=4) == pytest.approx(0.2, abs=0.023)
    # A foreign buyer that lost its supplier stays in the same county as often as switchers do.
    assert share(0.0, 1, lost=1) == pytest.approx(LINKS.same_county, abs=0.025)
    assert share(0.0, 1, lost=2, slots=2) == pytest.approx(2.0 * LINKS.same_county * 0.99, abs=0.04)
    # It discovers the cluster once a month, not once a slot, and not while it replaces all it had.
    assert share(0.1, 1, slots=4) == pytest.approx(0.1, abs=0.016)
    assert share(1.0, 1, lost=1) == pytest.approx(LINKS.same_county, abs=0.025)


def test_the_fit_of_a_pair_depends_on_the_two_alone() -> None:
    one, other = (rules.pair_fit(key(4), 10**6 + buyer, 7, DEMAND) for buyer in (0, 1))
    assert one != other
    assert rules.pair_fit(key(4), 10**6, 7, DEMAND) == one != rules.pair_fit(key(4), 10**6, 8, DEMAND)
    firms = some_firms(3, slot=[5, 7, 8], visible=1.0)
    buyers = searched(some_buyers(40, 3), firms, seen(np.ones(3), firms))
    assert buyers.links.max() == 3
    for b in range(40):
        for j in range(buyers.links[b]):
            fit = rules.pair_fit(key(4), buyers.slot[b], firms.slot[buyers.supplier[b, j]], DEMAND)
            assert buyers.link_match[b, j] == np.float32(fit)
    assert not buyers.link_origin.any()
    assert not buyers.link_age.any()


def test_found_links_stand_behind_those_there_are() -> None:
    firms = some_firms(40, visible=1.0)
    buyers = some_buyers(300, 6, supplier=[[9, 4, -1, -1, -1, -1]] * 300, link_age=24, link_match=1.0)
    searched(buyers, firms, seen(np.ones(40), firms), rates=(0.6, 0.6))
    assert (buyers.supplier[:, :2] == [9, 4]).all()
    filled = buyers.supplier >= 0
    assert (filled == (np.arange(6) < buyers.links[:, None])).all()
    assert set(buyers.links) == {2, 3, 4, 5, 6}
    assert all(
        np.unique(own[own >= 0]).size == number for own, number in zip(buyers.supplier, buyers.links, strict=True)
    )
    assert (buyers.link_age[:, :2] == 24).all()
    assert not buyers.link_age[:, 2:][filled[:, 2:]].any()


# --- the law of search ----------------------------------------------------------------------------------------------


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=60))
def test_an_alias_table_holds_the_weights_it_was_made_of(weights: list[float]) -> None:
    own, other = alias(weights)
    shares = np.array(weights) / np.sum(weights)
    held = (own + np.bincount(other, weights=1.0 - own, minlength=own.size)) / own.size
    assert held == pytest.approx(shares, abs=1e-14 * own.size)
    assert own.min() >= 0.0
    assert own.max() <= 1.0


@given(st.integers(1, 25), st.floats(0.0, 1.0), st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_the_number_of_slots_that_fill_is_a_binomial_quantile(number: int, share: float, u: float) -> None:
    below = binom.cdf(np.arange(number + 1), number, share)
    assume(np.abs(below - u).min() > 1e-12)
    assert rules.binomial(u, number, share, (1.0 - share) ** number) == binom.ppf(u, number, share)
    assert rules.binomial(u, 0, share, 1.0) == 0


def market_of_many_kinds() -> tuple[Any, Any, Any, Any]:
    """Return firms of two places: two entrants, one that closed and one supplier, rows of several firms; what is seen.

    Then each firm's visibility written out in full, and the rows of the candidate slots.
    """
    firms = some_firms(
        10, place=[0, 0, 0, 0, 0, 1, 1, 1, 1, 1], tier=[0, 0, 0, SUPPLIER, TRADER, 0, 0, 0, TRADER, 0],
        capital=1e6 * np.array([1.0, 8.0, 0.2, 1.0, 2.0, 1.0, 5.0, 3.0, 0.5, 2.0]),
        quality=[1.0, 1.0, 1.1, 1.0, 0.9, 1.2, 1.0, 0.8, 1.0, 1.0], weight=[5, 1, 1, 1, 3, 1, 2, 1, 1, 1],
        price=[1.0, 0.9, 1.0, 1.0, 1.1, 1.0, 1.0, 0.8, 1.0, 1.2], alive=[1, 1, 1, 1, 1, 1, 0, 1, 1, 1],
        honours=[0, HONOUR_LITTLE_GIANT, 0, 0, 0, 0, 0, 0, 0, 0], age=[60, 200, 3, 60, 60, 60, 60, 90, 4, 60],
        visible=np.array([5.0, 2.0, 0.0, 0.0, 3.0, 1.0, 2.5, 1.5, 0.0, 0.7]) * 4e3,
    )  # fmt: skip
    places = some_places(2, market_cost=0.9, renown=[1.0, 1.6])
    per_capital, what = np.array([[0.3, 0.3, 1.5], [0.2, 0.2, 1.0]]), np.zeros(10, np.float32)
    rules.visibilities(segments_for(firms), firms, places, per_capital, LINKS, what)
    capacity = firms.capital * per_capital[firms.place, firms.tier]
    visibility = firms.weight * capacity**LINKS.visibility_elasticity
    visibility *= (firms.quality * 0.9 / firms.price) ** LINKS.quality_visibility * places.renown[firms.place]
    visibility *= 1.0 + LINKS.young_effort * np.exp(-firms.age / (12.0 * LINKS.young_years))
    visibility[1] *= 1.0 + LINKS.honour_visibility
    return firms, what, visibility, np.array([-1, 2, -1, -1, 8])


def law(looks: Any, weights: Any, considered: int) -> Any:
    """Return the chance that a search ends at each position, and at nobody: the plain statement, all cases listed.

    Each of the looks falls on a position by the chance in ``looks``, whatever the others; of those looked at one wins,
    in proportion to its weight and to how often it was looked at.
    """
    chances = np.zeros(looks.size + 1)
    for case in product(range(looks.size), repeat=considered):
        probability, rates = np.prod(looks[list(case)]), weights[list(case)]
        if rates.sum() == 0.0:
            chances[-1] += probability
            continue
        for position, rate in zip(case, rates, strict=True):
            chances[position] += probability * rate / rates.sum()
    return chances


@pytest.mark.parametrize("considered", [1, 2, 3])
@pytest.mark.parametrize("entrants", [0.0, 0.3])
def test_who_is_found_follows_the_plain_statement(considered: int, entrants: float) -> None:
    """By size, quality, price, place, honours and age, with firms that have closed and slots where nobody is."""
    firms, what, visibility, candidates = market_of_many_kinds()
    number = 60_000
    buyers = some_buyers(number, 1, weight=2.0)
    searched(buyers, firms, what, considered=considered, candidates=candidates, entrants=entrants)
    start = np.flatnonzero(firms.visible > 0.0)
    birth = firms.visible[start] / firms.visible.sum()
    rows = np.concatenate([start, candidates])
    looks = np.concatenate([(1.0 - entrants) * birth, np.full(5, entrants / 5.0)])
    lives = (rows >= 0) & (firms.alive[rows] == 1)
    # The lottery weighs a look by present visibility over the chance of the look.
    weights = np.divide(visibility[rows], looks, out=np.zeros(rows.size), where=lives & (looks > 0.0))
    # Looks at slots where nobody is do not count.
    wanted = law(np.where(lives, looks, 0.0) / looks[lives].sum(), weights, considered)
    counts = np.array([*((buyers.supplier[:, 0] == row).sum() for row in rows[lives]), (buyers.links == 0).sum()])
    nobody = 1.0 - wanted[:-1][lives].sum()
    chances = np.array([*wanted[:-1][lives], nobody if nobody > 1e-12 else 0.0])
    assert counts.sum() == number
    some = chances > 0.0
    z = (counts - number * chances)[some] / np.sqrt(number * chances * (1.0 - chances))[some]
    assert np.abs(z).max() < 3.0
    assert not counts[~some].any()
    assert (counts[:-1] > 100).sum() == (8 if entrants else 6)


def test_with_many_looks_firms_are_found_by_visibility_whenever_they_came() -> None:
    firms, what, visibility, candidates = market_of_many_kinds()
    number, shares = 20_000, np.where((firms.alive == 1) & (firms.tier != SUPPLIER), visibility, 0.0)
    shares /= shares.sum()
    for entrants in (0.2, 0.6):
        buyers = some_buyers(number, 1, weight=2.0)
        searched(buyers, firms, what, considered=2000, candidates=candidates, entrants=entrants)
        counts = np.bincount(buyers.supplier[:, 0], minlength=10)
        z = (counts - number * shares)[shares > 0.0] / np.sqrt(number * shares * (1.0 - shares))[shares > 0.0]
        assert counts.sum() == number
        assert not counts[shares == 0.0].any()
        # So many looks are as good as all: what they miss is some tenths of a standard error.
        assert np.abs(z).max() < 3.0


def test_the_lottery_is_the_plain_one_search_by_search() -> None:
    firms, what, _, candidates = market_of_many_kinds()
    start = np.flatnonzero(firms.visible > 0.0)
    rows = np.array([*start, *candidates], np.int32)
    rows[(rows >= 0) & (firms.alive[rows] == 0)] = -1
    own, other = alias(firms.visible[start])
    entrants, considered = 0.3, 12
    scale = scale_of_entrants(5, entrants, firms.visible.sum())
    results = set()
    for number in range(400):
        own_key, best, lowest = key(number, "search"), -1, np.inf
        met, look = 0, -1
        while met < considered:
            look += 1
            u, ticket = (chance.uniform(own_key, 2 * look + second) for second in (0, 1))
            if u < entrants:
                position = start.size + int(u / entrants * 5)
            else:
                position, inside = divmod((u - entrants) / (1.0 - entrants) * start.size, 1.0)
                position = int(position) if inside < own[int(position)] else other[int(position)]
            row = rows[position]
            if row < 0:
                continue
            met += 1
            weight = float(what[row]) * (scale if position >= start.size else 1.0)
            if -np.log1p(-ticket) / weight < lowest:
                best, lowest = row, -np.log1p(-ticket) / weight
        args = what, rows, own, other, 5, entrants, scale
        assert rules.search(own_key, considered, *args) == best
        results.add(best)
    assert {0, 1, 2, 4, 5, 7, 8, 9} >= results
    assert len(results) >= 7


# --- counting -------------------------------------------------------------------------------------------------------


def test_foreign_links_are_counted_by_firm_and_their_countries_by_place() -> None:
    """While ties break and are found, those to buyers abroad stay counted."""
    number, rows = 400, 30
    firms = some_firms(rows, place=np.arange(rows) // 15, visible=1.0, weight=3.0)
    some = np.arange(number)
    buyers = some_buyers(
        number, 4, foreign=some % 3 > 0, country=(some % 3 > 0) * (1 + some % 4), weight=1.0 + some % 2
    )
    destinations = np.zeros((2, 5), np.int32)
    for month in range(8):
        if month == 4:
            firms.alive[[3, 20]] = 0
        _, lost = broken(buyers, firms, LINKS._replace(foreign_survival=0.1), number=month, destinations=destinations)
        what = seen(np.ones(rows), firms)
        searched(buyers, firms, what, rates=(0.3, 0.3), lost=lost, number=50 + month, destinations=destinations)
        tied = (buyers.supplier >= 0) & (buyers.foreign[:, None] == 1)
        by_firm = np.bincount(buyers.supplier[tied], np.repeat(buyers.weight, tied.sum(axis=1)), rows)
        assert firms.foreign_links.tolist() == by_firm.tolist()
        recount = np.zeros_like(destinations)
        np.add.at(recount, (firms.place[buyers.supplier[tied]], np.repeat(buyers.country, tied.sum(axis=1))), 1)
        assert destinations.tolist() == recount.tolist()
        assert (buyers.links == (buyers.supplier >= 0).sum(axis=1)).all()
        assert firms.foreign_links.sum() > 0
    assert not firms.foreign_links[[3, 20]].any()


def young(age: Any) -> Any:
    """Return how much more visible a firm of an age, in months, is than its size alone would make it."""
    return 1.0 + LINKS.young_effort * np.exp(-np.asarray(age) / (12.0 * LINKS.young_years))


def test_visibilities_of_a_table() -> None:
    firms = some_firms(4, tier=[0, 0, 0, SUPPLIER], weight=[1.0, 3.0, 3.0, 1.0], visible=[0.0, 0.0, 200.0, 9.0])
    firms.capital[:], firms.price[:] = [1e6, 2e6, 2e6, 1e6], [1.0, 0.9, 0.9, 1.0]
    out = np.zeros(4, np.float32)
    rules.visibilities(segments_for(firms), firms, some_places(1, market_cost=0.875), PER_CAPITAL, LINKS, out)
    now = rules.size_visibility(3.0, 6e5, LINKS) * rules.reputation(1.0, 0.9, 0.875, LINKS) * young(60)
    assert out[1] == pytest.approx(now)
    assert out[1] > out[0]
    assert out[2] == pytest.approx(now / 200.0), "a firm of the start against what it was at birth"
    assert not out[3], "suppliers sell to makers alone"


def test_a_new_firm_is_seen_more_and_less_so_year_by_year() -> None:
    firms = some_firms(4, age=[0, 12, int(12 * LINKS.young_years), 1200])
    out = np.zeros(4, np.float32)
    rules.visibilities(segments_for(firms), firms, some_places(), PER_CAPITAL, LINKS, out)
    assert out / out[3] == pytest.approx(young([0, 12, 12 * LINKS.young_years, 1200]), rel=1e-5)
    assert out[0] / out[3] == pytest.approx(1.0 + LINKS.young_effort, rel=1e-5)
    assert (out[2] / out[3] - 1.0) / LINKS.young_effort == pytest.approx(np.exp(-1.0), rel=1e-5)


def test_what_is_to_be_seen_of_a_place_is_that_of_its_firms_that_sell_to_buyers() -> None:
    values = {"tier": [0, 0, SUPPLIER, TRADER, 0], "place": [0, 0, 0, 0, 1], "visible": [5.0, 0.0, 0.0, 7.0, 0.0]}
    firms = some_firms(5, alive=[1, 1, 1, 1, 0], age=[0, 60, 60, 60, 60], **values)
    places = some_places(2, visible=1e9, renown=[1.5, 1.0])
    rules.visibilities(segments_for(firms), firms, places, PER_CAPITAL, LINKS, np.zeros(5, np.float32))
    one = rules.size_visibility(1.0, 0.3 * 3.7e6, LINKS) * rules.reputation(1.0, 1.0, 1.0, LINKS)
    # Visibility itself, not over that at birth: of the young maker, the older one and the trader.
    assert places.visible == pytest.approx([1.5 * one * young([0, 60, 60]).sum(), 0.0])


def test_places_of_renown_and_firms_with_honours_are_seen_more() -> None:
    honours = [0, HONOUR_LITTLE_GIANT, HONOUR_LITTLE_GIANT | HONOUR_LEAD, HONOUR_LEAD | HONOUR_SRDI, 0]
    firms = some_firms(5, honours=honours, place=[0, 0, 0, 0, 1])
    out = np.zeros(5, np.float32)
    rules.visibilities(segments_for(firms), firms, some_places(2, renown=[1.0, 1.5]), PER_CAPITAL, LINKS, out)
    more = 1.0 + LINKS.honour_visibility
    assert out / out[0] == pytest.approx([1.0, more, more, 1.0, 1.5])
    # The capacity of a place's firms is that of its own industry.
    twice = PER_CAPITAL * np.array([[1.0], [2.0]])
    rules.visibilities(segments_for(firms), firms, some_places(2), twice, LINKS, out)
    assert out[4] / out[0] == pytest.approx(2.0**LINKS.visibility_elasticity)


# --- the cluster against producers elsewhere ------------------------------------------------------------------------

visible = st.floats(0.05, 20.0)
part = st.floats(0.0, 1.0)
response = st.floats(0.0, 1.0)


@given(visible, visible, part, response)
def test_more_to_be_seen_is_found_more_and_usually_as_usual(
    one: float, other: float, share: float, elasticity: float
) -> None:
    low, high = (rules.prominence(each, share, elasticity) for each in sorted((one, other)))
    assert 0.0 < low <= high
    assert rules.prominence(1.0, share, elasticity) == 1.0
    assert rules.prominence(one, share, 0.0) == 1.0
    assert low * rules.prominence(1.0 / min(one, other), share, elasticity) == pytest.approx(1.0)


@given(visible, part, response)
def test_of_a_place_that_has_most_of_the_market_hardly_anybody_hears_for_the_first_time(
    seen_now: float, share: float, elasticity: float
) -> None:
    moved = np.log(rules.prominence(seen_now, share, elasticity))
    assert moved == pytest.approx(elasticity * (1.0 - share) * np.log(seen_now), abs=1e-12)
    assert rules.prominence(seen_now, 1.0, elasticity) == 1.0


@given(visible, st.floats(0.01, 0.3), visible)
def test_ties_to_producers_elsewhere_go_to_one_over_the_odds(odds: float, hazard: float, begin: float) -> None:
    ties = begin
    for month in range(1, 61):
        after = rules.next_ties(ties, odds, hazard)
        assert min(ties, 1.0 / odds) - 1e-12 <= after <= max(ties, 1.0 / odds) + 1e-12
        assert after - 1.0 / odds == pytest.approx((1.0 - hazard) ** month * (begin - 1.0 / odds), abs=1e-9)
        ties = after
    assert rules.next_ties(1.0, 1.0, hazard) == 1.0, "in the base year they stay"
