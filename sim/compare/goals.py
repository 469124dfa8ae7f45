"""Announced aims: the share of runs that reach each in time, and when. Aims are never calibration data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.compare.comparison import ALL_PLACES, GoalRow
from sim.evidence import load_facts
from sim.observables import observable
from sim.reporting import aims_of, reach, truth_of

if TYPE_CHECKING:
    from sim.compare.runs import Pairing
    from sim.reporting import Aim, Truth


def build_goals(pairing: Pairing) -> tuple[GoalRow, ...]:
    """Return the aims of B, then those only A has, then published ones, for the variables both runs measure."""
    goals = {goal.id: goal for goal in (*pairing.b.scenario.goals, *pairing.a.scenario.goals)}
    goals.update({goal.id: goal for goal in pairing.b.scenario.goals})
    sides = truth_of(pairing.a), truth_of(pairing.b)
    aims = aims_of(goals.values(), load_facts(), sides[1])
    return tuple(_goal_row(pairing, aim, sides) for aim in aims if aim.variable in sides[0].variables)


def scope_of(pairing: Pairing, row: GoalRow) -> float:
    """Return how many times what the model counts an aim counts: median over runs and places, 1 if the same."""
    truth = truth_of(pairing.b)
    positions = [truth.places.index(row.place)] if row.place in truth.places else range(len(truth.places))
    factors = truth.scope(row.variable, positions)
    return 1.0 if factors is None else float(np.median(factors))


def _goal_row(pairing: Pairing, aim: Aim, sides: tuple[Truth, Truth]) -> GoalRow:
    """Count the runs of A and of B that reach one aim by its month, and the median month among those that do."""
    item = observable(aim.variable)
    a, b = (
        reach(aim, truth, months=pairing.months, replicates=rows.tolist())
        for truth, rows in zip(sides, (pairing.rows_a, pairing.rows_b), strict=True)
    )
    return GoalRow(
        id=aim.id,
        variable=aim.variable,
        label=item.label,
        label_zh=item.label_zh,
        unit=item.unit,
        place=aim.place or (pairing.b.places[0] if len(pairing.b.places) == 1 else ALL_PLACES),
        at_least=aim.at_least,
        by=aim.by,
        source=aim.source,
        runs_a=a.months.size,
        runs_b=b.months.size,
        prob_a=a.share,
        prob_b=b.share,
        month_a=a.middle,
        month_b=b.middle,
        ends_before=a.ends_before,
    )
