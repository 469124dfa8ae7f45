"""Buyers in rows: the same law of outcomes as buyers one by one, in means, in spread and in what a policy does."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.model import simulate_together
from sim.observables import INDEX
from sim.rules import sizes
from sim.state import draws
from tests.model_fixtures import policy, quick_parameters, quick_scenario, with_policies, with_terms

REPLICATES = 24
OUTCOMES = (
    "output_value", "exports", "employment", "businesses", "exporters", "national_share", "price_index", "wage",
    "link_survival", "export_destinations", "domestic_links", "foreign_links", "fair_contacts", "fair_contracts",
    "top_ten_share", "capacity_use", "profit_rate",
)  # fmt: skip
STANDARD_ERRORS = 4.0
NOISE = 2.0
"""Largest ratio of standard deviations: chance alone exceeds it once in a thousand when both are the same."""
NOISIER = {"fair_contacts": 3.5, "domestic_links": 3.0}
"""Counts of buyers, not of what they spend, vary more when buyers come in rows."""


@cache
def outcomes(grouped: bool) -> Any:
    """Return the last year of the baseline, and of a fair to which four times the buyers are invited.

    Shape (replicates, 2, observables): means over the year's months.
    """
    base = quick_scenario(end="2024-12")
    others = [each for each in base.policies if each.id != "fair"]
    small, large = (
        with_terms(
            policy(base, "fair"), booths=booths, domestic_buyers_invited=5 * booths, foreign_buyers_invited=booths
        )
        for booths in (20, 80)
    )
    base, other = (with_policies(base, [*others, fair]) for fair in (small, large))
    # Everybody who comes has something to order: few buyers make few customers.
    parameters, rows = quick_parameters(fair__buying_share=1.0), []
    with pytest.MonkeyPatch.context() as patch:
        if not grouped:
            patch.setattr(sizes, "ADDED_VARIANCE", 0.0)
        for number in range(REPLICATES):
            runs = [(base, parameters), (other, parameters)]
            records = dict(simulate_together(runs, draws.replicate_seed(11, number)))
            rows.append([records[which].monthly[-12:, 0].mean(axis=0) for which in range(2)])
    return np.array(rows)


def apart(one: Any, other: Any) -> float:
    """Return how far two means lie apart, in standard errors; what never varies is not apart."""
    error = np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / len(one))
    return float(abs(one.mean() - other.mean()) / error) if error > 0.0 else float(one.mean() != other.mean())


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcomes_are_those_of_buyers_one_by_one(name: str) -> None:
    each, rows = (outcomes(grouped)[:, 0, INDEX[name]] for grouped in (False, True))
    assert apart(each, rows) < STANDARD_ERRORS
    assert rows.std() < NOISIER.get(name, NOISE) * each.std()


@pytest.mark.parametrize("name", ["output_value", "national_share", "employment", "fair_contacts", "fair_contracts"])
def test_a_policy_does_what_it_does_to_buyers_one_by_one(name: str) -> None:
    each, rows = (np.diff(outcomes(grouped)[:, :, INDEX[name]], axis=1) for grouped in (False, True))
    assert apart(each, rows) < STANDARD_ERRORS
    assert rows.std() < NOISIER.get(name, NOISE) * each.std()


@pytest.mark.parametrize("name", ["fair_contacts", "fair_contracts"])
def test_the_policy_does_something(name: str) -> None:
    rows = np.diff(outcomes(True)[:, :, INDEX[name]], axis=1)
    assert apart(rows, np.zeros_like(rows)) > STANDARD_ERRORS
