"""Tenants of a park: who would gain, who is admitted, and what moving costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.policies.choosing import first_fitting, scores
from sim.rules.chance import uniforms
from sim.rules.production import inspection_chances
from sim.rules.settlement import outside_rents
from sim.state.columns import F8, I8
from sim.state.state import State

if TYPE_CHECKING:
    from sim.policies.park.terms import ParkTerms

DAYS_A_MONTH = 365.0 / 12.0


def tenants(state: State, position: int) -> I8:
    """Return rows of the tenants of a park."""
    rows: I8 = state.live[state.firms.park[state.live] == position]
    return rows


def plots_used(state: State, position: int) -> float:
    """Return plots taken by all tenants of a park."""
    rows = tenants(state, position)
    return state.total(state.firms.plots[rows], rows)


def free_plots(state: State, position: int) -> float:
    """Return plots that nobody has taken, less those kept for plants that have decided to come and open next month."""
    coming = np.array([opening.capital for opening in state.openings if opening.policy == position])
    kept = math.fsum(plots_of(state, coming).tolist())
    return float(state.parks.plots[position]) - plots_used(state, position) - kept


def plots_of(state: State, capital: F8) -> F8:
    """Return the plots that equipment takes (base-year yuan)."""
    park = state.parameters.park
    return np.maximum(capital / park.capital_per_plot, park.smallest_plot)


def plots_needed(state: State, rows: I8, moved_share: float = 1.0) -> F8:
    """Return plots one firm of each row would take for the part of its plant that moves in."""
    return plots_of(state, moved_share * state.firms.capital[rows])


def moved_share(state: State, terms: ParkTerms) -> float:
    """Return the part of its plant that a firm moves in: all of it, or some where it may keep its old site."""
    return 1.0 if terms.admission.must_close_old_site else state.parameters.park.partial_move_share


def move_in(state: State, rows: I8, position: int, moved_share: float = 1.0) -> None:
    """Make rows tenants, with a part of their plant."""
    state.firms.plots[rows] = plots_needed(state, rows, moved_share)
    state.firms.park[rows] = position


def publish(state: State, position: int, place: int, terms: ParkTerms, open_plots: float) -> None:
    """Write the month's terms of a park where settlement and discharge read them."""
    parks = state.parks
    parks.rent[position], parks.plot_area[position] = terms.rent, terms.plot_area
    parks.plots[position], parks.place[position] = open_plots, place
    treatment = terms.treatment
    parks.fee[position] = treatment.fee if treatment else 0.0
    parks.removes[position] = treatment.removes if treatment else 0.0
    volume = _discharge(state, position)
    capacity = treatment.capacity * DAYS_A_MONTH if treatment else 0.0
    parks.capacity_share[position] = min(1.0, capacity / volume) if volume > 0.0 else float(treatment is not None)


def _discharge(state: State, position: int) -> float:
    """Return tonnes of waste water of a park's tenants last month."""
    firms = state.firms
    rows = state.makers[firms.park[state.makers] == position]
    return float((firms.weight[rows] * firms.delivered[rows] * firms.emission[rows]).sum())


def monthly_gain(state: State, rows: I8, terms: ParkTerms) -> F8:
    """Return what a firm would save a month by moving in, in yuan.

    Rent outside and own treatment saved, closures by inspection avoided, less the park's rent and treatment fee. The
    rent saved lies inside the overhead a firm pays; a firm that keeps its old site saves only that of what has moved.
    """
    firms, park, environment = state.firms, state.parameters.park, state.parameters.environment
    sales = firms.revenue_year[rows] / 12.0
    waste = firms.emission[rows] * firms.expected_orders[rows]
    plots = plots_needed(state, rows, moved_share(state, terms))
    rent_outside = outside_rents(
        rows, plots, firms, state.places, state.costs, state.parameters.production.overhead_labour_share,
        state.world.progress, state.world.producer, park,
    )  # fmt: skip
    own_treatment = waste * (1.0 - environment.untreated_share) * environment.own_treatment_cost
    closures = (
        inspection_chances(rows, state.firms, state.usual_discharge, environment.inspection_rate)
        * environment.closure_cost_share
        * sales
    )
    rent = plots * terms.plot_area * terms.rent
    fee = waste * terms.treatment.fee if terms.treatment else own_treatment
    return rent_outside + own_treatment + closures - rent - fee


def applicants(state: State, place: int, terms: ParkTerms, policy_key: int) -> I8:
    """Return rows outside a park that ask for a plot: a move pays over the planning years and its time has come."""
    firms, park = state.firms, state.parameters.park
    here = state.makers_of(place)
    rows = here[firms.park[here] < 0]
    gain = 12.0 * park.planning_years * monthly_gain(state, rows, terms)
    rows = rows[gain > moving_cost(state, rows, terms)]
    asking: I8 = rows[uniforms(state.key("park.apply", policy_key), firms.slot[rows]) < park.move_rate]
    return asking


def moving_cost(state: State, rows: I8, terms: ParkTerms) -> F8:
    """Return the cost of moving in yuan; a firm that may keep its old site moves only part of its plant."""
    full = state.parameters.park.moving_cost_share * state.firms.capital[rows] * state.world.producer
    return moved_share(state, terms) * full


def admit(state: State, position: int, place: int, terms: ParkTerms, policy_key: int) -> tuple[I8, F8, float]:
    """Admit applicants to free plots by the park's rule.

    Returns
    -------
    tuple
        Rows of those admitted, what moving costs a firm of each, and the plots that those who wait would take.
    """
    rows = applicants(state, place, terms, policy_key)
    firms = state.firms
    draw = uniforms(state.key("park.order", policy_key), firms.slot[rows])
    order = rows[np.lexsort((draw, -_score(state, rows, terms)))]
    part = moved_share(state, terms)
    need = plots_needed(state, order, part) * firms.weight[order]
    free = free_plots(state, position)
    fits = first_fitting(need, free)
    move_in(state, order[fits], position, part)
    if terms.admission.must_close_old_site:
        state.parks.vacated[position] += float(need[fits].sum())
    state.add("park_queue", place, state.firms_in(order[~fits]))
    return order[fits], moving_cost(state, order[fits], terms), float(need[~fits].sum())


def _score(state: State, rows: I8, terms: ParkTerms) -> F8:
    """Return the score of applicants: ranks, 0 to 1, weighted as the park asks; zero under the other rules."""
    firms = state.firms
    if terms.admission.rule != "score" or rows.size < 2:
        return np.zeros(rows.size)
    mu = plots_needed(state, rows, moved_share(state, terms)) * terms.plot_area / (10000.0 / 15.0)
    values = {
        "output_per_mu": firms.revenue_year[rows] / mu,
        "tax_per_mu": firms.profit_year[rows] / mu,
        "emissions": -firms.emission[rows],
    }
    return scores(values, terms.admission.weights, rows.size)


def settle_first_tenants(state: State, position: int, place: int, terms: ParkTerms) -> None:
    """Fill a park that is older than the run to its usual occupancy: firms with discharge first, then by lot."""
    firms = state.firms
    here = state.makers_of(place)
    rows = here[firms.park[here] < 0]
    rows = rows[firms.capital[rows] >= state.parameters.park.smallest_plot * state.parameters.park.capital_per_plot]
    draw = uniforms(state.lasting_key("start.tenant"), firms.slot[rows])
    rows = rows[np.lexsort((draw, firms.emission[rows] <= 0.0))]
    part = moved_share(state, terms)
    need = np.cumsum(plots_needed(state, rows, part) * firms.weight[rows])
    room = state.parameters.park.initial_occupancy * state.parks.plots[position]
    move_in(state, rows[need <= room], position, part)


def release(state: State, position: int) -> None:
    """Make the tenants of a park that has closed firms outside any park."""
    rows = tenants(state, position)
    state.firms.park[rows] = -1
    state.firms.plots[rows] = 0.0
    state.parks.plots[position] = state.parks.vacated[position] = 0.0
