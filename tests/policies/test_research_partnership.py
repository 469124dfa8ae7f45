"""Institutes that talk to firms and work with some of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.policies.playing import FIRST, Played, begun, parameters, played
from tests.policies.programmes import RICH, TERMS, begun_rich, gain, moved, only_problem, programme, said

KIND = "research_partnership"
RESEARCH = parameters().research
MONTHS = round(RESEARCH.project_months)


@pytest.fixture(scope="module")
def usual() -> Played:
    """Return two and a half years of a partnership that begins with the run."""
    return played([programme(KIND)], months=30, **RICH)


@pytest.fixture(scope="module")
def without() -> Played:
    """Return the same months without it."""
    return played(months=30, **RICH)


def test_projects_begin_over_the_year_and_end_after_their_time(usual: Played) -> None:
    begun_projects, done = usual.monthly("research_projects"), usual.monthly("research_successes")
    assert begun_projects.max() == 1.0
    assert 0.0 < begun_projects[:12].sum() <= TERMS[KIND]["projects_per_year"]
    assert done[:MONTHS].sum() == 0.0
    assert 0.0 < done.sum() <= begun_projects[:-MONTHS].sum()


@pytest.mark.parametrize(("yearly", "expected"), [(12, [1] * 12), (3, [0, 0, 0, 1] * 3), (0, [0] * 12)])
def test_projects_of_a_year_are_spread_over_its_months(yearly: int, expected: list[int]) -> None:
    from sim.policies.terms import month_share

    spread = [month_share(yearly, month) for month in range(12)]
    assert spread == expected
    assert sum(month_share(17, month) for month in range(12)) == 17


def test_institutes_carry_so_many_projects_and_no_more() -> None:
    one = played([programme(KIND, partners=1, projects_per_year=120, firm_share=0.0)], months=12, **RICH)
    assert one.monthly("research_projects").sum() == RESEARCH.projects_per_partner
    three = played([programme(KIND, partners=3, projects_per_year=120, firm_share=0.0)], months=12, **RICH)
    assert three.monthly("research_projects").sum() == 3 * RESEARCH.projects_per_partner


def test_public_money_pays_its_share_when_a_project_begins(usual: Played) -> None:
    terms = TERMS[KIND]
    each = terms["cost"] * (1.0 - terms["firm_share"])
    assert usual.money("paid") == pytest.approx(each * usual.monthly("research_projects"))
    run = begun_rich(programme(KIND), months=3)
    paid = moved(run, 3)
    assert paid["joint research"] == pytest.approx(terms["cost"] * run.monthly("research_projects").sum())


def test_only_firms_for_which_it_pays_take_part() -> None:
    cheap, dear = (begun_rich(programme(KIND, cost=cost), months=2).step() for cost in (100e3, 1.5e6))
    some, few = (run.institution()._interested(run.institution().terms) for run in (cheap, dear))
    revenue = cheap.model.state.firms.revenue_year
    assert 0 < few.size < some.size
    assert revenue[some].mean() < revenue[few].mean()
    poor = begun_rich(programme(KIND, cost=100e3), months=2).step()
    poor.model.state.firms.cash[: poor.model.state.count] = 0.0
    assert poor.institution()._interested(poor.institution().terms).size == 0


def test_a_project_that_succeeds_betters_the_goods_of_its_firm() -> None:
    settings = parameters(research__project_success=1.0)
    run = begun([programme(KIND)], settings=settings, months=20, **RICH).step(2)
    state, institution = run.model.state, run.institution()
    due, row, firms = institution.ordered[0]
    before = state.firms.brand[row]
    assert due > state.month
    run.step(due - state.month + 1)
    assert firms == 1.0
    assert state.firms.brand[row] > before + 0.9 * RESEARCH.project_quality
    assert row not in [other for _, other, _ in institution.ordered[:1]]


def test_a_project_of_a_firm_that_closed_comes_to_nothing() -> None:
    run = begun_rich(programme(KIND, projects_per_year=0), months=1).step()
    state, institution = run.model.state, run.institution()
    row, closed = int(state.makers[0]), int(state.makers[1])
    institution.ordered = [(state.month, row, 1.0), (state.month, closed, 1.0)]
    institution.forget(np.array([closed]))
    assert len(institution.ordered) == 2  # its partner is as busy as before
    assert institution.finish(1.0, 0.01, state.key("research.success", 1), "research_successes") == [row]
    assert state.firms.brand[closed] == 0.0
    assert state.firms.brand[row] == pytest.approx(0.01)


def test_makers_hear_of_the_next_rung() -> None:
    """Talks alone, without projects: more makers know, and the more institutes the more."""
    known = []
    for partners in (0, 2, 20):
        run = begun_rich(programme(KIND, partners=partners, projects_per_year=0), months=6).finish()
        makers = run.model.state.makers
        known.append(float(run.model.state.firms.aware[makers].mean()))
    assert known[0] < known[1] < known[2]


def test_firms_in_touch_fail_less_and_contacts_fade() -> None:
    run = begun_rich(programme(KIND, end=FIRST + 11), months=30).step(12)
    institution, state = run.institution(), run.model.state
    base = state.parameters.technology.success_rate
    touch, success = institution.in_touch, state.places.upgrade_success[0]
    makers = state.firms.weight[state.makers_of(0)].sum()
    assert touch > 50.0
    assert success == pytest.approx(1.0 - (1.0 - base) * (1.0 - RESEARCH.failures_helped * touch / makers), rel=1e-3)
    run.step(12)
    assert institution.in_touch == pytest.approx(touch * (1.0 - RESEARCH.contact_fading / 12.0) ** 12)
    assert base < state.places.upgrade_success[0] < success


def test_a_partnership_older_than_the_run_knows_its_firms() -> None:
    run = begun_rich(programme(KIND, start=FIRST - 120), months=1)
    steady = RESEARCH.firms_per_partner * TERMS[KIND]["partners"] / RESEARCH.contact_fading
    assert 0.9 * steady < run.institution().in_touch < steady
    assert run.institution().ordered  # projects of the burn-in months are under way


def test_promises_are_kept_after_the_end() -> None:
    run = played([programme(KIND, end=FIRST + 5)], months=20, **RICH)
    assert run.monthly("research_projects")[6:].sum() == 0.0
    assert run.monthly("research_successes")[6:].sum() > 0.0
    assert run.institution().ordered == []


def test_what_projects_add_is_below_what_arithmetic_allows(usual: Played, without: Played) -> None:
    """Nothing comes of a project in its first year; later at most its firms' orders rise as better goods allow."""
    p = usual.model.state.parameters
    output = without.monthly("output_value")
    rungs = p.technology.rungs_at_once * (p.technology.rung_productivity + p.technology.rung_quality)
    # Makers who hear of the next rung, all of them upgrading at once and selling at the elasticity of their market.
    heard = (RESEARCH.firms_per_partner * TERMS[KIND]["partners"] + 12.0) / without.monthly("makers")[0]
    year = slice(0, 12)
    ceiling = p.demand.elasticity_suppliers * rungs * heard * output[year].sum()
    assert abs(gain(usual, without, "output_value", year)) < ceiling
    assert gain(usual, without, "quality_index", slice(24, 30)) > 0.0


def test_without_its_levers_it_does_nothing_but_cost() -> None:
    idle = {"project_quality": 0.0, "failures_helped": 0.0, "firms_per_partner": 0.0}
    settings = parameters(**{f"research__{name}": value for name, value in idle.items()})
    free = programme(KIND, firm_share=0.0)
    run, alone = (begun(some, settings=settings, months=18, **RICH) for some in ([free], []))
    # What a firm learns by working with an institute is a lever too.
    institution, state = run.institution(), run.model.state
    begin = institution._begin

    def without_learning(terms: object) -> None:
        before = state.firms.aware.copy()
        begin(terms)
        state.firms.aware[:] = before

    institution._begin = without_learning
    run.finish()
    alone.finish()
    assert run.monthly("research_successes").sum() > 0.0
    assert np.array_equal(run.monthly("output_value"), alone.monthly("output_value"))


def test_wrong_terms_are_told_plainly(tmp_path: Path) -> None:
    for old, new, code, words in (
        ('"300000 yuan"', "300000", "E02", ("cost = 300000 has no unit",)),
        ("partners = 3", "partners = 3.5", "E17", ("partners = 3.5 is not a whole number",)),
        ("partners = 3", "partners = -1", "E17", ("less than 0",)),
        ('"50%"', '"150%"', "E04", ("firm_share",)),
        ("projects_per_year = 12", "projects = 12", "E01", ("projects_per_year",)),
    ):
        problem = only_problem(tmp_path, KIND, old, new)
        assert problem.code == code
        assert said(problem, *words), problem.text("en")
