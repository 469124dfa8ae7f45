"""Designations: who meets the criteria of a batch, how applicants compare, and who is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.policies.choosing import scores
from sim.policies.classification import clean
from sim.rules import totals
from sim.state.columns import F8, I8
from sim.state.state import State

if TYPE_CHECKING:
    from sim.policies.designation.terms import Criteria

Mask = NDArray[np.bool_]


# --- places -----------------------------------------------------------------------------------------------------------


def place_figures(state: State, places: Sequence[int]) -> dict[str, F8]:
    """Return what a batch may ask about places, by criterion, each of shape (places,).

    Makers' sales of twelve months, their growth over the last calendar year (nan while there are no two years to
    compare), makers, upgrades a maker over twelve months, and the core product's part in the sales of local producers.
    """
    chosen = np.asarray(places, dtype=np.int64)
    makers, suppliers = state.sums[0][chosen], state.sums[1][chosen]
    output, before = makers[:, totals.REVENUE_YEAR], state.output_by_year[chosen, 0]
    producers = output + suppliers[:, totals.REVENUE_YEAR]
    upgrades = state.upgrades_by_month.sum(axis=1)[chosen]
    return {
        "output": output,
        "growth": _ratio(state.output_by_year[chosen, 1], before) - 1.0,
        "firms": makers[:, totals.FIRMS],
        "upgrades": np.nan_to_num(_ratio(upgrades, makers[:, totals.FIRMS])),
        "lead_industry": np.nan_to_num(_ratio(output, producers)),
    }


def _ratio(above: F8, below: F8) -> F8:
    """Return a ratio, nan where there is nothing to divide by."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0.0)


def places_qualify(figures: Mapping[str, F8], criteria: Criteria) -> Mask:
    """Return which places meet the criteria; what cannot be known yet is not held against a place."""
    asked = {
        "output": criteria.output_at_least,
        "growth": criteria.growth_at_least,
        "lead_industry": criteria.lead_industry_at_least,
    }
    return _all_at_least(figures, asked)


# --- firms ------------------------------------------------------------------------------------------------------------


def firm_figures(state: State, rows: I8, revenue_before: F8) -> dict[str, F8]:
    """Return what a batch may ask about firms, by criterion, each of shape of rows.

    ``revenue_before`` is yearly revenue twelve months ago by table row; growth is nan for a firm without any.
    """
    firms = state.firms
    before = np.zeros(rows.size)
    known = rows < revenue_before.size
    before[known] = revenue_before[rows[known]]
    wealth = firms.capital[rows] * state.world.producer + np.maximum(firms.cash[rows], 0.0)
    return {
        "output": firms.revenue_year[rows].copy(),
        "growth": _ratio(firms.revenue_year[rows], before) - 1.0,
        "upgrades": -firms.technology_gap[rows],
        "years": firms.age[rows] / 12.0,
        "leverage": np.nan_to_num(_ratio(firms.loan[rows], wealth), nan=1.0),
    }


def firms_qualify(state: State, rows: I8, figures: Mapping[str, F8], criteria: Criteria) -> Mask:
    """Return which firms meet the criteria (shape of rows)."""
    asked = {
        "output": criteria.revenue_at_least,
        "growth": criteria.revenue_growth_at_least,
        "years": criteria.years_at_least,
    }
    keep = _all_at_least(figures, asked)
    if criteria.technology_gap_at_most is not None:
        keep &= -figures["upgrades"] <= criteria.technology_gap_at_most
    if criteria.leverage_at_most is not None:
        keep &= figures["leverage"] <= criteria.leverage_at_most
    if criteria.environmental_clean:
        keep &= clean(state, rows)
    return keep


# --- choosing ---------------------------------------------------------------------------------------------------------


def _all_at_least(figures: Mapping[str, F8], asked: Mapping[str, float | None]) -> Mask:
    keep: Mask = np.ones(figures["output"].size, dtype=bool)
    for name, least in asked.items():
        if least is not None:
            keep &= np.isnan(figures[name]) | (figures[name] >= least)
    return keep


def in_order(figures: Mapping[str, F8], weights: Mapping[str, float], draw: F8) -> I8:
    """Return applicants' positions from the best score to the worst, equal ones by ``draw``; no weights, no score.

    A score adds up ranks among the applicants, 0 to 1, by weight. Unknown growth ranks as none.
    """
    known = {name: np.nan_to_num(values) for name, values in figures.items()}
    order: I8 = np.lexsort((draw, -scores(known, weights, draw.size)))
    return order
