"""Every total that was reported of a base year comes out of the place file alone, asked by the reporting filter.

No policy is in force, and a run begins with the base year. Head counts are in the reported count, so what the scope
factor takes is not tested here; that they stay where they start is.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sim.evidence import Fact, load_facts
from sim.model import simulate
from sim.observables import observable
from sim.parameters import load_parameters
from sim.reporting import Question, Truth, question, truth_of_record
from sim.reporting.recipes import recipe_for
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.state.draws import replicate_seed
from tests.reporting.truths import fact

TOTALS = (
    "output_value", "operating_revenue", "chain_output_value", "businesses", "employment", "tax_paid",
    "national_market_share",
)  # fmt: skip
"""What counts as a total of a place; fairs, projects and honours are what policies bring."""
RUNS = {
    "yongnian": ("yongnian-2023", 2023, 20, 4),
    "anping": ("anping-2023", 2022, 20, 4),
    "guanxian": ("guanxian-2023", 2023, 1, 8),
    "bazhou": ("bazhou-2020", 2019, 1, 8),
    "hebei-clusters": ("hebei-clusters-2019", 2019, 300, 1),
    "shanxi-towns": ("shanxi-towns-2023", 2022, 5, 4),
}
"""By place or set: baseline that names its world, base year, firms an agent stands for, replicates."""
SIMULATED_IN = {"xinghuacun": "shanxi-towns"}
FALLS_SHORT = {
    "xh-chain-2022": "the chain of Xinghuacun comes to 31.9 billion yuan without farms, tourism and merchants elsewhere",
}
"""Reported totals that the place files alone miss by more than a tenth, and by what."""


def reported() -> list[Fact]:
    """Return the totals that were published and can be asked of a run."""
    return [
        item for item in load_facts()
        if item.variable in TOTALS and item.kind in ("level", "share") and hasattr(recipe_for(item), "observables")
    ]  # fmt: skip


@cache
def truths(place: str) -> tuple[Truth, ...]:
    """Return the base year of a place without policies, one truth a replicate."""
    reference, year, firms_per_agent, replicates = RUNS[place]
    found = []
    for replicate in range(replicates):
        scenario = realise(load(reference).scenario, replicate)
        time = replace(scenario.time, start=12 * year, reported_until=12 * year + 11, end=12 * year + 11)
        alone = replace(scenario, policies=(), time=time, firms_per_agent=firms_per_agent)
        parameters = load_parameters(dict(scenario.parameters))
        record = simulate(alone, parameters, replicate_seed(scenario.seed, replicate))
        found.append(truth_of_record(record, [at.id for at in alone.places], [at.province for at in alone.places]))
    return tuple(found)


def asked_in(item: Fact, year: int) -> list[Fact]:
    """Return a figure as the base year is asked for it: in its own months where they lie there.

    A count printed a year later, or without a month, stands for the base year as a whole: every month of it is asked.
    """
    first, last = 12 * year, 12 * year + 11
    if first <= item.period_start and item.period_end <= last:
        return [item]
    if observable(recipe_for(item).main).aggregate == "sum":  # type: ignore[union-attr]
        return [replace(item, period_start=first, period_end=last)]
    return [replace(item, period_start=month, period_end=month) for month in range(first, last + 1)]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(item.id, marks=pytest.mark.xfail(strict=True, reason=FALLS_SHORT[item.id]))
        if item.id in FALLS_SHORT
        else item.id
        for item in reported()
    ],
)
def test_a_reported_total_comes_out_of_the_place_file_alone(name: str) -> None:
    item = fact(name)
    place = SIMULATED_IN.get(item.place, item.place)
    values = []
    for truth in truths(place):
        for each in asked_in(item, RUNS[place][1]):
            found = question(each, truth)
            assert isinstance(found, Question), found
            values.append(float(found.values(truth)[0]))
    assert np.mean(values) == pytest.approx(item.value_plain, rel=0.10)


def test_every_place_with_a_reported_total_is_among_them() -> None:
    assert {SIMULATED_IN.get(item.place, item.place) for item in reported()} == set(RUNS)
    assert len(reported()) == 21


def test_a_base_year_that_is_asked_elsewhere_is_asked_in_all_its_months() -> None:
    assert asked_in(fact("gx-employment"), 2023) == [fact("gx-employment")]
    months = asked_in(fact("xh-employment"), 2022)
    assert [item.period_start for item in months] == list(range(2022 * 12, 2023 * 12))
    (year,) = asked_in(fact("sx-output-2023"), 2022)
    assert (year.period_start, year.period_end) == (2022 * 12, 2022 * 12 + 11)
