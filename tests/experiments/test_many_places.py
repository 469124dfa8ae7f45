"""Runs of many places: the monthly table holds their totals, so that a province's run stays readable."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from sim.experiments.tables import ALL_PLACES, MANY_PLACES, _monthly_rows
from sim.observables import INDEX, OBSERVABLES


class OneReplicate:
    """Stands for a replicate of ``places`` places and ``months`` months with given numbers."""

    first_month, middle = 24276, ",0,0,7,"

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def array(self, name: str) -> np.ndarray:
        """Return the monthly numbers."""
        assert name == "monthly"
        return self.values


def rows(values: np.ndarray) -> list[list[str]]:
    """Return the rows of the monthly table as cells."""
    places = [f"p{number}" for number in range(values.shape[1])]
    text = "".join(_monthly_rows(OneReplicate(values), "run,scenario,", places, OBSERVABLES))  # type: ignore[arg-type]
    return list(csv.reader(text.splitlines()))


@pytest.mark.parametrize("places", [1, MANY_PLACES, MANY_PLACES + 1])
def test_many_places_are_added_up(places: int) -> None:
    values = np.arange(3.0 * places * len(OBSERVABLES)).reshape(3, places, len(OBSERVABLES)) + 1.0
    found = rows(values)
    named = {row[2] for row in found}
    assert named == ({ALL_PLACES} if places > MANY_PLACES else {f"p{number}" for number in range(places)})
    assert len(found) == 3 * len(named) * len(OBSERVABLES)
    employment = [float(row[-1]) for row in found if row[3] == "employment"]
    assert sum(employment) == pytest.approx(values[:, :, INDEX["employment"]].sum(), rel=1e-12)


def test_a_ratio_of_many_places_is_weighted_by_output() -> None:
    values = np.zeros((1, MANY_PLACES + 1, len(OBSERVABLES)))
    values[0, 0, INDEX["output_value"]], values[0, 1, INDEX["output_value"]] = 3.0, 1.0
    values[0, 0, INDEX["profit_rate"]], values[0, 1, INDEX["profit_rate"]] = 0.02, 0.10
    margin = [float(row[-1]) for row in rows(values) if row[3] == "profit_rate"]
    assert margin == [pytest.approx(0.04)]
