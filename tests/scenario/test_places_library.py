"""The shipped places of Hebei and Shandong and their scenarios: figures, arithmetic, orders of magnitude."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.evidence import load_facts
from sim.model import simulate
from sim.observables import INDEX
from sim.parameters import load_parameters
from sim.parameters.industries import for_industry
from sim.rules.costs import revenue_over_output
from sim.scenario.loader import load
from sim.scenario.places import place_origins, read_place
from sim.scenario.realise import realise
from sim.scenario.resolved import Place
from sim.state.draws import replicate_seed

FOLDER = Path(__file__).parents[2] / "scenarios"
BASELINES = {
    "anguo": "anguo-2020",
    "anping": "anping-2023",
    "baigou": "baigou-2020",
    "bazhou": "bazhou-2020",
    "guan": "guan-2020",
    "guanxian": "guanxian-2023",
    "longyao": "longyao-2020",
    "qinghe": "qinghe-2020",
    "qingxian": "qingxian-2020",
    "qiuxian": "qiuxian-2020",
    "xingtai-cookware": "xingtai-cookware-2020",
}
PLACES = tuple(BASELINES)
FOOD = ("bazhou", "longyao", "qingxian", "qiuxian")
"""Places that share one market."""

Figures = dict[str, float]
HEBEI_MEAN: Callable[[Figures], float] = lambda f: f["hb-revenue-2019"] / f["hb-clusters-2019"]  # noqa: E731


def workers_for(yuan: float) -> Callable[[Figures], float]:
    """Return what turns yuan of revenue into workers at the revenue a worker of Hebei's clusters."""
    return lambda f: yuan / (f["hb-revenue-2019"] / f["hb-employment-2019"])


ARITHMETIC: dict[tuple[str, str], tuple[Callable[[Figures], float], float]] = {
    ("anping", "exports"): (
        lambda f: f["ap-trade-2023-7m"] / 7 * 12 / (1 + f["ap-trade-growth-2023-7m"]) * 0.9,
        0.001,
    ),
    ("guan", "lead_firms"): (lambda _: 2, 0.0),
    ("guan", "output_value"): (HEBEI_MEAN, 0.01),
    ("guan", "employment_reported"): (workers_for(7.4e9 * 1.5), 0.02),
    ("qiuxian", "lead_firms"): (lambda _: 1, 0.0),
    ("qiuxian", "lead_share"): (lambda f: f["qx-duofu-output-2019"] / 2e9, 0.001),
    ("qiuxian", "employment_reported"): (workers_for(2e9 * 1.5), 0.02),
    ("longyao", "employment_reported"): (workers_for(5e9 * 1.5), 0.02),
    ("qingxian", "employment_reported"): (workers_for(2e9 * 1.5), 0.02),
    ("bazhou", "employment_reported"): (lambda f: workers_for(f["bz-revenue-2019"])(f), 0.02),
    ("baigou", "output_value"): (HEBEI_MEAN, 0.01),
    ("baigou", "employment_reported"): (workers_for(7.4e9 * 1.5), 0.02),
    ("anguo", "output_value"): (HEBEI_MEAN, 0.01),
    ("anguo", "employment_reported"): (workers_for(7.4e9 * 1.5), 0.02),
    ("qinghe", "output_value"): (HEBEI_MEAN, 0.01),
    ("qinghe", "employment_reported"): (workers_for(7.4e9 * 1.5), 0.02),
    ("xingtai-cookware", "employment_reported"): (workers_for(1.5e9 * 1.5), 0.02),
}
"""Arithmetic of every value that facts stand behind without being the value itself, and how far it is rounded."""

REPORTED = {
    "anping": {"businesses", "employment_reported", "operating_revenue"},
    "bazhou": {"operating_revenue"},
    "guanxian": {"businesses", "employment_reported", "national_market_share", "output_value"},
}
"""Starting values that are a reported figure itself; elsewhere none is."""


def figures() -> Figures:
    """Return reported figures by id in plain units."""
    return {item.id: item.value_plain for item in load_facts()}


def output_of(place: Place) -> float:
    """Return makers' output in the base year, as the model takes it."""
    start = place.start
    if start.output_value is not None:
        return float(start.output_value)
    return float(start.operating_revenue) / revenue_over_output(for_industry(load_parameters(), place.industry))


@pytest.mark.parametrize("name", PLACES)
def test_what_is_reported_is_said_to_be_and_nothing_else(name: str) -> None:
    origins = place_origins(name)
    assert {item.name for item in origins if item.kind == "reported"} == REPORTED.get(name, set())
    for item in origins:
        assert item.text, item.name
        if item.kind == "assumed":
            assert item.low is not None, item.name
            assert item.high is not None, item.name
            assert item.low <= item.value <= item.high, item.name
            assert len(item.text) >= len("as at home"), item.name


def test_every_value_that_rests_on_facts_is_their_arithmetic() -> None:
    every = [(name, item) for name in PLACES for item in place_origins(name)]
    resting = {(name, item.name): item for name, item in every if item.facts and item.kind != "reported"}
    assert set(resting) == set(ARITHMETIC)
    known = figures()
    for key, (rule, tolerance) in ARITHMETIC.items():
        assert resting[key].value == pytest.approx(rule(known), rel=tolerance), key


@pytest.mark.parametrize("name", PLACES)
def test_a_place_says_who_it_is_and_how_it_counts(name: str) -> None:
    place = read_place(name).place
    assert place.province == ("37" if name == "guanxian" else "13")
    assert place.admin_code[:2] in ("", place.province)
    assert place.name_zh.startswith("河北省" if place.province == "13" else "山东省")
    assert place.industry_zh
    assert place.industry_zh != place.industry
    headline = "operating_revenue" if name in ("anping", "bazhou") else "output_value"
    assert getattr(place.start, headline) is not None
    assert place.start.base_year == {"anping": 2022, "guanxian": 2023}.get(name, 2019)
    assert place.start.uncertain() == {}, "levels drawn one by one would not agree with each other"


@pytest.mark.parametrize("name", PLACES)
def test_people_and_firms_agree_with_the_money(name: str) -> None:
    place = read_place(name).place
    start = place.start
    output = output_of(place)
    revenue = output * revenue_over_output(for_industry(load_parameters(), place.industry))
    assert 0.3e6 < revenue / start.employment_reported < 0.6e6
    assert 1e6 < revenue / start.businesses < 120e6
    assert 3 < start.employment_reported / start.businesses < 350
    makers = start.businesses * start.maker_share
    others = output * (1 - start.lead_share)
    tail = start.above_scale_firms * 67.6e6  # mean of a Pareto law above 20 million, index 1.2, cut off at 60 times
    assert 0.3 * others < tail < 0.8 * others
    assert start.lead_firms + start.above_scale_firms < 0.6 * makers
    small = (others - tail) / (makers - start.above_scale_firms - start.lead_firms)
    assert 0.5e6 < small < 20e6, "firms below the cut must be below it on average"
    if start.lead_firms:
        assert start.lead_share * output / start.lead_firms > 20e6
        assert start.lead_share > 0
    assert 0.002 < start.county_balance / output < 0.015
    assert 36_000 < start.wage < 56_000


@pytest.mark.parametrize("name", PLACES)
def test_markets_have_room_and_buyers_of_a_sensible_size(name: str) -> None:
    start = read_place(name).place.start
    output = output_of(read_place(name).place)
    national, world = output / start.national_market_share, output / start.global_market_share
    assert start.exports < 0.15 * output
    assert output - start.exports < national - start.exports
    assert world - national + start.exports > 3 * start.exports
    assert 0.3e6 < (output - start.exports) / start.domestic_buyers < 30e6
    assert (national - start.exports) / start.domestic_buyers < 1e9
    assert 0.1e6 < start.exports / (0.25 * start.foreign_buyers) < 15e6
    assert start.foreign_buyers > start.export_destinations


def test_food_places_hold_parts_of_one_national_market() -> None:
    places = [read_place(name).place for name in FOOD]
    assert {place.industry for place in places} == {"food"}
    totals = [output_of(place) / place.start.national_market_share for place in places]
    assert max(totals) / min(totals) < 1.02
    assert totals[0] == pytest.approx(0.1 * 1907.41e9, rel=0.02), "a tenth of food manufacturing, as the notes say"
    assert sum(place.start.national_market_share for place in places) < 0.1


# --- scenarios ---

PUBLISHED: dict[str, dict[str, set[str]]] = {
    "anping-2023": {
        "fair": {"every", "booths"},
        "logistics-park": {"kind"},
        "e-commerce-park": {"kind"},
        "outlets": {"outlets", "countries"},
        "little-giants": {"level", "scope", "honour", "count_total"},
    },
    "guanxian-2023": {
        "conference-2023": {"start", "end", "every"},
        "partners": {"start", "partners"},
        "special-cluster": {"level", "count", "select"},
        "signed-projects": {"start", "end", "projects", "value"},
    },
    "guan-2020": {"suppliers": {"end", "projects"}},
    "qiuxian-2020": {
        "brands-2020": {"start", "end", "projects"},
        "other-projects-2020": {"start", "end", "projects"},
    },
}
"""Terms of baseline policies that a source states, by scenario and policy."""
NOT_TERMS = {"id", "type", "name", "name_zh", "source", "payer", "assumed", "accept", "where"}


def raw(identifier: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{identifier}.toml").read_text(encoding="utf-8"))


def what_ifs(place: str) -> list[str]:
    """Return ids of the files that extend the baseline of a place."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        if tomllib.loads(path.read_text(encoding="utf-8")).get("extends") == BASELINES[place]:
            found.append(path.stem)
    return found


@pytest.mark.parametrize("name", PLACES)
def test_baselines_load_and_cover_the_base_year(name: str) -> None:
    loaded = load(BASELINES[name])
    scenario = loaded.scenario
    assert loaded.warnings == ()
    assert (scenario.kind, [place.id for place in scenario.places]) == ("baseline", [name])
    assert scenario.name_zh != scenario.name
    base_year = scenario.places[0].start.base_year
    assert scenario.time.start // 12 <= base_year
    assert scenario.time.start <= scenario.time.reported_until < scenario.time.end == 2030 * 12 + 11
    article = {"anping": 2023 * 12 + 9, "guanxian": 2023 * 12 + 10}.get(name, 2020 * 12 + 8)
    assert scenario.time.reported_until == article
    for policy in scenario.policies:
        assert policy.name_zh != policy.name


@pytest.mark.parametrize("name", PLACES)
def test_every_term_of_a_baseline_is_published_or_listed_as_assumed(name: str) -> None:
    baseline = BASELINES[name]
    sources = (Path(__file__).parents[2] / "calibration/evidence/sources.csv").read_text(encoding="utf-8")
    for policy in raw(baseline).get("policy", []):
        published = PUBLISHED.get(baseline, {}).get(policy["id"], set())
        if policy["id"] == "cloud":
            published = {"end"}  # the action plan ran from 2020 to 2022
        terms = set(policy) - NOT_TERMS
        assert terms == published | set(policy.get("assumed", ())), policy["id"]
        assert not published & set(policy.get("assumed", ())), policy["id"]
        assert f"\n{policy['source']}," in sources, "a policy in force has a published source"


@pytest.mark.parametrize("name", PLACES)
def test_every_place_has_a_question_about_its_future(name: str) -> None:
    files = what_ifs(name)
    assert files
    for identifier in files:
        loaded = load(identifier)
        references = [identifier, *(f"{identifier}:{variant}" for variant in loaded.variants)]
        assert raw(identifier)["question"].endswith("?")
        assert loaded.scenario.kind == "what-if"
        for policy in raw(identifier).get("policy", []):
            assert policy["source"].startswith("hypothetical"), policy["id"]
        for change in raw(identifier).get("change", []):
            assert change["source"].startswith("hypothetical"), change["id"]
        for reference in references:
            assert load(reference).warnings == (), reference


def test_the_fair_of_anping_doubled_in_2023_and_half_its_customers_came() -> None:
    known = figures()
    fair = next(policy for policy in load("anping-2023").scenario.policies if policy.id == "fair")
    booths = [terms.booths for _, terms in fair.versions]
    assert booths == [known["ap-fair-booths-2022"], known["ap-fair-booths-2023"]]
    invited = fair.versions[-1][1].foreign_buyers_invited
    attendance = load_parameters().fair.attendance
    assert invited * attendance == pytest.approx(known["ap-fair-foreign-2023"], rel=0.01)


@pytest.mark.parametrize(("baseline", "fact"), [("anping-2023", "goal-ap-2023"), ("guanxian-2023", "goal-gx-2028")])
def test_announced_aims_are_goals_and_never_starting_values(baseline: str, fact: str) -> None:
    scenario = load(baseline).scenario
    item = next(item for item in load_facts() if item.id == fact)
    goal = scenario.goals[0]
    assert (goal.variable, goal.at_least, goal.by) == (item.variable, item.value_plain, item.period_end)
    assert fact in goal.source
    assert not any(fact in origin.facts for origin in place_origins(scenario.places[0].id))


def test_signed_projects_are_the_published_ones() -> None:
    known = figures()
    guanxian = next(policy for policy in load("guanxian-2023").scenario.policies if policy.type == "project")
    assert guanxian.terms_at(guanxian.start).projects == known["gx-projects-2023"]
    assert guanxian.terms_at(guanxian.start).value == known["gx-projects-value-2023"]
    qiuxian = [policy for policy in load("qiuxian-2020").scenario.policies if policy.type == "project"]
    assert sum(policy.terms_at(policy.start).projects for policy in qiuxian) == known["qx-projects-2020h1"]
    suppliers = next(policy for policy in load("guan-2020").scenario.policies if policy.type == "project")
    assert suppliers.terms_at(suppliers.start).projects == known["ga-suppliers"]


@pytest.mark.parametrize(
    ("name", "variable"),
    [("anping", "operating_revenue"), ("bazhou", "operating_revenue"), ("guanxian", "output_value")],
)
def test_the_reported_total_of_the_base_year_comes_out(name: str, variable: str) -> None:
    scenario = realise(load(BASELINES[name]).scenario, 0)
    scenario = replace(scenario, firms_per_agent=20 if name == "anping" else 1)
    year = scenario.places[0].start.base_year
    record = simulate(scenario, load_parameters(), replicate_seed(scenario.seed, 0), until=year * 12 + 11)
    months = record.monthly[year * 12 - scenario.time.start :, 0, INDEX[variable]]
    assert months.size == 12
    assert months.sum() == pytest.approx(float(scenario.places[0].start.headline_total), rel=0.10)
