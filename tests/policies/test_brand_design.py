"""Designs that firms order, a brand that becomes known, awards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.policies.brand_design.action import award_factor, campaign_factor, in_order
from sim.policies.classification import above_scale
from tests.policies.playing import FIRST, Played, begun, parameters, played
from tests.policies.programmes import RICH, TERMS, begun_rich, gain, moved, only_problem, programme, said

KIND = "brand_design"
DESIGN = parameters().design
MONTHS = round(DESIGN.design_months)
QUIET = {"brand_campaign": 0.0, "awards": 0}


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return two years of a design service alone, without campaign and awards."""
    return played([programme(KIND, **QUIET)], **RICH)


@pytest.fixture(scope="module")
def without() -> Played:
    """Return the same two years without it."""
    return played(**RICH)


def test_firms_order_over_the_year_and_goods_follow(usual: Played) -> None:
    ordered, launched = usual.monthly("design_services"), usual.monthly("designs_launched")
    assert 0.0 < ordered[:12].sum() <= TERMS[KIND]["firms_per_year"]
    assert launched[:MONTHS].sum() == 0.0
    assert 0.0 < launched.sum() <= ordered[:-MONTHS].sum()


def test_public_money_and_firms_share_the_cost(usual: Played) -> None:
    terms = TERMS[KIND]
    each = terms["cost_per_firm"] * terms["subsidy"]
    assert usual.money("paid") == pytest.approx(each * usual.monthly("design_services"))
    run = begun_rich(programme(KIND, **QUIET), months=3)
    paid = moved(run, 3)
    assert paid["design"] == pytest.approx(terms["cost_per_firm"] * run.monthly("design_services").sum())


def test_only_firms_for_which_it_pays_and_whose_last_design_is_forgotten_ask() -> None:
    cheap, dear = (begun_rich(programme(KIND, cost_per_firm=cost), months=2).step() for cost in (50e3, 1e6))
    some, few = (run.institution()._interested(run.institution().terms) for run in (cheap, dear))
    assert 0 < few.size < some.size
    institution, month = cheap.institution(), cheap.model.state.month
    institution.last_order[int(some[0])] = month - 1
    again = institution._interested(institution.terms)
    assert int(some[0]) not in again
    institution.last_order[int(some[0])] = month - round(12.0 / parameters().technology.brand_fading)
    assert int(some[0]) in institution._interested(institution.terms)
    cheap.model.state.firms.cash[: cheap.model.state.count] = 0.0
    assert institution._interested(institution.terms).size == 0


def test_firms_above_scale_go_first_where_the_rule_says_so() -> None:
    run = begun_rich(months=1).step()
    state = run.model.state
    rows = state.makers_of(0)
    first = in_order(state, rows, "above_scale_first", 7)
    large = above_scale(state, first)
    assert 0 < large.sum() < large.size
    assert np.all(large[: large.sum()])
    lot = in_order(state, rows, "lottery", 7)
    assert not np.all(above_scale(state, lot)[: large.sum()])
    assert set(lot) == set(first) == set(rows)


def test_a_design_that_sells_betters_the_goods_and_fades(usual: Played, without: Played) -> None:
    run = begun([programme(KIND, **QUIET)], settings=parameters(design__design_success=1.0), months=24, **RICH)
    run.step(2)
    state, institution = run.model.state, run.institution()
    ready, row, _ = institution.ordered[0]
    assert state.firms.brand[row] == 0.0
    run.step(ready - state.month + 1)
    fresh = state.firms.brand[row]
    assert fresh == pytest.approx(DESIGN.design_quality, rel=0.03)
    run.step(6)
    fading = state.parameters.technology.brand_fading
    assert state.firms.brand[row] == pytest.approx(fresh * (1.0 - fading / 12.0) ** 6)
    assert gain(usual, without, "quality_index", slice(18, 24)) > 0.0


def test_more_firms_served_better_goods(without: Played) -> None:
    quality = []
    for number in (4, 40):
        run = played([programme(KIND, firms_per_year=number, subsidy=1.0, **QUIET)], **RICH)
        quality.append(gain(run, without, "quality_index", slice(18, 24)))
    assert 0.0 < quality[0] < quality[1]


def test_served_firms_win_part_of_their_orders_from_their_neighbours() -> None:
    """Buyers who know a better offer leave others of the same place: the place gains less than its served firms."""
    run, without = (played(some, months=36, **RICH) for some in ([programme(KIND, **QUIET)], []))
    served = np.array(sorted(run.institution().last_order))
    firms, same = run.model.state.firms, without.model.state.firms
    served = served[(firms.alive[served] == 1) & (same.alive[served] == 1)]
    own = float((firms.revenue_year[served] - same.revenue_year[served]).sum())
    assert 0.0 < gain(run, without, "output_value", slice(24, 36)) < own


def test_a_campaign_makes_the_place_known_while_it_runs() -> None:
    run = begun_rich(programme(KIND, firms_per_year=0, awards=0, end=FIRST + 1), months=4).step()
    state = run.model.state
    assert state.places.renown[0] == pytest.approx(campaign_factor(state, 0, 1e6), rel=0.01)
    run.step(2)
    assert state.places.renown[0] == 1.0
    paid = run.money("paid")
    assert paid == pytest.approx([1e6 / 12.0, 1e6 / 12.0, 0.0])


def test_a_campaign_levels_off() -> None:
    state = begun_rich(months=1).step().model.state
    factors = [campaign_factor(state, 0, spending) for spending in (0.0, 1e6, 2e6, 1e9)]
    assert factors[0] == 1.0
    assert factors[2] - factors[1] < factors[1] - factors[0]
    assert factors[3] == pytest.approx(1.0 + DESIGN.campaign_renown)


def test_half_a_campaign_where_half_of_it_can_be_paid() -> None:
    settings = parameters(government__programme_share=0.0)
    policy = programme(KIND, firms_per_year=0, awards=0)
    run = begun([policy], settings=settings, months=1, county_balance=0.5e6 / 12.0).finish()
    state = run.model.state
    assert state.places.renown[0] == pytest.approx(campaign_factor(state, 0, 0.5e6), rel=0.01)
    assert run.money("unmet").sum() == pytest.approx(0.5e6 / 12.0, rel=1e-6)


def test_awards_go_to_new_goods_and_are_seen() -> None:
    settings = parameters(design__design_success=1.0)
    run = begun([programme(KIND, brand_campaign=0.0)], settings=settings, months=24, **RICH)
    run.step(12)
    institution, state = run.institution(), run.model.state
    assert len(institution.winners) == TERMS[KIND]["awards"]
    assert {month for month, _ in institution.winners} == {FIRST + 11}
    assert all(row in institution.last_order for _, row in institution.winners)
    fresh = award_factor(state, 0, institution.winners)
    assert 1.0 < fresh < 1.0 + DESIGN.award_visibility
    assert state.places.renown[0] > 1.0
    assert award_factor(state, 0, [(month - 24, row) for month, row in institution.winners]) < fresh
    assert award_factor(state, 0, []) == 1.0


def test_what_designs_add_is_below_what_arithmetic_allows(usual: Played, without: Played) -> None:
    """Nothing in the months in which designs are drawn; then at most what their firms' buyers would add."""
    p = usual.model.state.parameters
    quality = [run.monthly("quality_index")[:MONTHS] for run in (usual, without)]
    early = begun_rich(programme(KIND, **QUIET), months=MONTHS).step(MONTHS)
    assert not early.model.state.firms.brand.any()
    # What firms pay for a design buys fewer machines, and with them comes less of the techniques of the day.
    assert (quality[0] <= quality[1] * (1.0 + 1e-6)).all()
    rows = np.array(sorted(usual.institution().last_order))
    served = float(usual.model.state.firms.revenue_year[rows].sum())
    weight = (p.demand.elasticity_suppliers - 1.0) * (1.0 + p.demand.piece_quality)
    ceiling = (np.exp(weight * DESIGN.design_quality) - 1.0) * served
    assert gain(usual, without, "output_value", slice(0, 12)) < ceiling
    assert gain(usual, without, "output_value", slice(12, 24)) < ceiling


def test_without_its_levers_it_does_nothing_but_cost() -> None:
    settings = parameters(design__design_quality=0.0, design__campaign_renown=0.0, design__award_visibility=0.0)
    free = programme(KIND, subsidy=1.0)
    with_it, alone = (begun(some, settings=settings, months=18, **RICH).finish() for some in ([free], []))
    assert with_it.monthly("design_services").sum() > 0.0
    for name in ("output_value", "exports", "employment", "quality_index"):
        assert np.array_equal(with_it.monthly(name), alone.monthly(name))


def test_wrong_terms_are_told_plainly(tmp_path: Path) -> None:
    for old, new, code, words in (
        ('"200000 yuan/firm"', '"200000 yuan"', "E02", ("firm",)),
        ('"200000 yuan/firm"', "200000", "E02", ("cost_per_firm = 200000 has no unit",)),
        ('"lottery"', '"score"', "E16", ("lottery, above_scale_first",)),
        ('"50%"', "2", "E04", ("subsidy = 2 is not a share",)),
        ("firms_per_year = 12", "firms_per_year = 1.5", "E17", ("not a whole number",)),
        ('select = "lottery"', "", "E15", ("select",)),
    ):
        problem = only_problem(tmp_path, KIND, old, new)
        assert problem.code == code
        assert said(problem, *words), problem.text("en")
