"""Announced aims: the share of runs that reach each in time, and when. Aims are never calibration data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.compare.comparison import ALL_PLACES, GoalRow
from sim.observables import INDEX, observable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sim.compare.runs import Floats, Pairing
    from sim.ensemble import Run
    from sim.observables import Aggregate
    from sim.scenario.resolved import Goal

MONTHS_A_YEAR = 12


def build_goals(pairing: Pairing) -> tuple[GoalRow, ...]:
    """Return the aims of B, then those only A has, for the variables the model measures."""
    goals = {goal.id: goal for goal in pairing.a.scenario.goals}
    goals.update({goal.id: goal for goal in pairing.b.scenario.goals})
    ordered = [goal.id for goal in pairing.b.scenario.goals]
    ordered += [goal.id for goal in pairing.a.scenario.goals if goal.id not in ordered]
    return tuple(_goal_row(pairing, goals[name]) for name in ordered if goals[name].variable in INDEX)


def first_month_reached(values: Floats, months: Sequence[int], at_least: float, aggregate: Aggregate) -> Floats:
    """Return the month in which each run first reaches a level.

    Parameters
    ----------
    values
        Monthly values, shape (runs, months).
    aggregate
        ``sum`` (a flow: the sum of the twelve months up to and including the month is compared), ``mean`` (their
        mean), ``last`` (a stock: the month's own value).

    Returns
    -------
    Month numbers, shape (runs,); NaN where the level is never reached. Flows and ratios cannot be reached before the
    twelfth simulated month.
    """
    result = np.full(values.shape[0], math.nan)
    if aggregate == "last":
        compared, first = values, 0
    else:
        if values.shape[1] < MONTHS_A_YEAR:
            return result
        compared, first = _rolling_year(values), MONTHS_A_YEAR - 1
        if aggregate == "mean":
            compared = compared / MONTHS_A_YEAR
    reached = compared >= at_least
    any_reached = reached.any(axis=1)
    numbers = np.asarray(months, dtype=float)[first:]
    result[any_reached] = numbers[reached.argmax(axis=1)][any_reached]
    return result


def _rolling_year(values: Floats) -> Floats:
    """Return sums of twelve consecutive months, shape (runs, months - 11)."""
    windows: NDArray[np.float64] = np.lib.stride_tricks.sliding_window_view(values, MONTHS_A_YEAR, axis=1)
    return np.asarray(windows.sum(axis=2))


def scope_factors(run: Run, variable: str) -> Floats | None:
    """Return how many times what the model counts a reported figure counts, shape (replicates, places); None if 1."""
    name = f"scope_{variable}"
    return run.anchors(name) if name in run.anchor_names() else None


def _in_reported_count(pairing: Pairing, goal: Goal) -> tuple[Floats, Floats]:
    """Return monthly values of B and A in the count the aim was published in: the model's times the scope factor."""
    values = pairing.monthly(goal.variable, goal.place)
    factors = [scope_factors(run, goal.variable) for run in (pairing.b, pairing.a)]
    if factors[0] is None or factors[1] is None:
        return values
    total_b, total_a = (np.zeros_like(side) for side in values)
    for position, place in enumerate(pairing.b.places):
        if goal.place in (None, place):
            b, a = pairing.monthly(goal.variable, place)
            total_b += b * factors[0][pairing.rows_b, position][:, None]
            total_a += a * factors[1][pairing.rows_a, position][:, None]
    return total_b, total_a


def _goal_row(pairing: Pairing, goal: Goal) -> GoalRow:
    """Count the runs that reach one aim by its month, and the median month among those that do."""
    item = observable(goal.variable)
    values_b, values_a = _in_reported_count(pairing, goal)
    shares, months = [], []
    for values in (values_a, values_b):
        reached = first_month_reached(values, pairing.months, goal.at_least, item.aggregate)
        in_time = reached[reached <= goal.by]
        shares.append(in_time.size / reached.size)
        # Half a month does not exist: with an even number of runs the earlier of the two middle months is given.
        months.append(int(np.quantile(in_time, 0.5, method="lower")) if in_time.size else None)
    return GoalRow(
        id=goal.id,
        variable=goal.variable,
        label=item.label,
        label_zh=item.label_zh,
        unit=item.unit,
        place=goal.place or (pairing.b.places[0] if len(pairing.b.places) == 1 else ALL_PLACES),
        at_least=goal.at_least,
        by=goal.by,
        source=goal.source,
        runs_a=len(values_a),
        runs_b=len(values_b),
        prob_a=shares[0],
        prob_b=shares[1],
        month_a=months[0],
        month_b=months[1],
        ends_before=goal.by > pairing.months[-1],
    )
