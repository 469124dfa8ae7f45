"""Growth of a baseline follows the published national slowdown through the world's series, not a trend of its own."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.calibrate.trials import record_of, shortened
from sim.observables import INDEX
from sim.parameters.industries import industry_of
from sim.scenario.loader import load
from sim.units import month_number

PLACES = ("xingtai-cookware-2020", "bazhou-2020", "qinghe-2020")
YEARS = np.arange(2019, 2026)


@cache
def growth(reference: str, world: str) -> np.ndarray:
    """Return growth of output by year, 2019 to 2025, mean over four replicates."""
    scenario = load(reference, overrides=(f"world={world}",)).scenario
    short = shortened(scenario, 50, month_number(2025, 12))
    totals = []
    for number in range(4):
        record = record_of(short, number, {})
        months = record.monthly[:, :, INDEX["output_value"]].sum(axis=1)
        totals.append(months.reshape(-1, 12).sum(axis=1))
    years = np.mean(totals, axis=0)
    return np.asarray(years[1:] / years[:-1] - 1.0)


def national(reference: str) -> np.ndarray:
    """Return growth of domestic demand for the goods of a scenario's place, by year."""
    scenario = load(reference).scenario
    world = scenario.world.met_by(industry_of(scenario.places[0].industry).group)
    first = month_number(2018, 1) - world.first_month
    months = np.asarray(world.domestic_demand)[first : first + 8 * 12]
    years = months.reshape(-1, 12).mean(axis=1)
    return np.asarray(years[1:] / years[:-1] - 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("reference", PLACES)
def test_good_and_bad_years_are_those_of_the_nation(reference: str) -> None:
    found, published = growth(reference, "central"), national(reference)
    assert np.corrcoef(found, published)[0, 1] > 0.6
    # 2021 stands out and the years since are slower, as published.
    assert found.argmax() == list(YEARS).index(2021)
    assert found[YEARS >= 2022].mean() < found[YEARS <= 2021].mean()


@pytest.mark.slow
def test_in_a_world_that_stands_still_there_is_no_such_pattern() -> None:
    found = growth("xingtai-cookware-2020", "constant")
    assert np.abs(found).max() < 0.08
    assert abs(found[YEARS >= 2022].mean() - found[YEARS <= 2021].mean()) < 0.04
