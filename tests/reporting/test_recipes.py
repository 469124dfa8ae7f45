"""What each of the reported figures is asked as, or why it is not asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.evidence import load_facts
from sim.evidence.variables import REPORTED, known_variables, measured_by
from sim.observables import INDEX, observable
from sim.reporting import Recipe, Refusal, observable_of, recipe_for
from sim.reporting.recipes import WHY_WORDS
from tests.reporting.truths import fact, made


def asked(identifier: str) -> Recipe:
    found = recipe_for(fact(identifier))
    assert isinstance(found, Recipe), found
    return found


def refused(identifier: str) -> Refusal:
    found = recipe_for(fact(identifier))
    assert isinstance(found, Refusal), found
    return found


@pytest.mark.parametrize("item", load_facts(), ids=lambda item: item.id)
def test_every_figure_is_asked_or_refused_in_both_languages(item: object) -> None:
    found = recipe_for(item)  # type: ignore[arg-type]
    assert found.en
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found.zh)
    if isinstance(found, Refusal):
        assert found.why in WHY_WORDS
    else:
        assert set(found.observables) <= set(INDEX)
        assert bool(found.assumed) == bool(found.assumed_zh)
        assert len({observable(name).unit for name in found.observables}) == 1


@pytest.mark.parametrize(
    ("identifier", "observables"),
    [
        ("yn-output-2023", ("output_value",)),
        ("yn-share-national-2023", ("national_share",)),
        ("yn-businesses", ("businesses",)),
        ("yn-fair-intended-2024", ("fair_intended_orders",)),
        ("hb-tax-2019", ("tax_paid",)),
        ("gx-businesses", ("businesses",)),
        ("gx-projects-value-2023", ("projects_signed_value",)),
        ("xh-chain-2022", ("operating_revenue",)),
        ("sx10-new-businesses", ("entries",)),
        ("sx10-jobs", ("jobs_entrants", "jobs_projects")),
        ("ap-fair-booths-2023", ("fair_booths_used",)),
    ],
)
def test_observables_behind_figures(identifier: str, observables: tuple[str, ...]) -> None:
    assert asked(identifier).observables == observables


@pytest.mark.parametrize(
    ("identifier", "why"),
    [
        ("goal-ap-2023", "goal"),
        ("goal-sx-2025", "goal"),
        ("sx-fund", "policy input"),
        ("gx-parks", "policy input"),
        ("hb-clusters-2019", "input"),
        ("sx-towns-2023", "input"),
        ("yn-share-global-2023", "input"),
        ("yn-specifications", "no observable"),
        ("gx-machines", "no observable"),
        ("qx-duofu-output-2019", "one firm"),
        ("xh-fenjiu-countries", "one firm"),
    ],
)
def test_figures_that_are_not_asked(identifier: str, why: str) -> None:
    assert refused(identifier).why == why


def test_imports_and_exports_are_a_ceiling_of_exports_alone() -> None:
    level, growth = asked("ap-trade-2023-7m"), asked("ap-trade-growth-2023-7m")
    assert (level.main, level.bound) == ("exports", "at_most")
    assert (growth.main, growth.bound, growth.growth) == ("exports", "exact", "nominal")
    assert "imports" in level.assumed
    assert "imports" in growth.assumed


def test_the_basis_says_whose_figures_they_are() -> None:
    def main(variable: str, basis: str, unit: str) -> str:
        found = recipe_for(made(variable, 1.0, unit, basis=basis))
        assert isinstance(found, Recipe)
        return found.main

    assert main("businesses", "includes related industries", "count") == "businesses"
    assert main("businesses", "processing enterprises", "count") == "businesses"
    assert main("businesses", "manufacturers", "count") == "makers"
    assert main("businesses", "above designated size", "count") == "above_scale_firms"
    assert main("employment", "manufacturers", "persons") == "employment_makers"
    assert main("output_value", "entire industry chain", "yuan") == "operating_revenue"
    assert main("output_value", "output value; comparable prices", "yuan") == "output_real"
    assert main("output_value", "current prices", "yuan") == "output_value"
    cut = recipe_for(made("output_value", 1.0, "yuan", basis="above designated size"))
    assert isinstance(cut, Recipe)
    assert cut.source == "above scale"
    same = recipe_for(made("output_value_yoy", 0.1, "share", basis="same-scope; above designated size"))
    assert isinstance(same, Recipe)
    assert same.growth == "same scope"


def test_intended_signed_and_realised_are_never_mixed() -> None:
    assert asked("yn-fair-intended-2024").observables == ("fair_intended_orders",)
    assert "realised" in asked("gx-projects-value-2023").assumed
    assert measured_by("fair_contracts") == ("fair_contracts",)
    assert "projects_realised" not in asked("sx10-projects-value").observables


def test_units_must_agree() -> None:
    for item in (
        made("output_value", 5.0, "count"),
        made("employment", 5.0, "yuan"),
        made("national_market_share_yoy", 0.05, "share"),
        made("exports_yoy", 5.0, "yuan"),
    ):
        found = recipe_for(item)
        assert isinstance(found, Refusal)
        assert found.why == "unit"


def test_levels_alone_may_be_drawn() -> None:
    assert observable_of(fact("yn-output-2023")) == "output_value"
    for identifier in ("yn-exports-growth-2024-8m", "goal-gx-2028", "sx-fund", "sx10-jobs", "tg-upgrading"):
        assert observable_of(fact(identifier)) is None, identifier
    assert observable_of(replace(fact("yn-output-2023"), basis="above designated size")) is None


def test_names_of_articles_lead_to_observables() -> None:
    for name, row in REPORTED.items():
        assert name not in INDEX
        assert measured_by(name) == row.measured_by
    assert measured_by("exports_yoy") == ("exports",)
    assert measured_by("standards_formulated") == ()
    assert {"output_value", "designated_towns", "provincial_towns", "national_market_share"} <= set(known_variables())
    assert "exports_yoy" not in known_variables()
    assert "jobs_created" not in known_variables()
