"""Plants of other counties that move into a park: who comes, what it brings, and which customers follow it.

What a place gains in this way another county loses: the plants, their jobs and their sales are counted apart
(``relocations``, ``jobs_relocated``, ``sales_relocated``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.policies.park.tenancy import free_plots, move_in, plots_of
from sim.policies.project.openings import bring_customers
from sim.rules.chance import uniform
from sim.rules.elementary import exp
from sim.rules.settlement import outside_rent, overhead_of
from sim.rules.turnover import logistic_quantile
from sim.state.columns import MAKER
from sim.state.state import Opening, State

if TYPE_CHECKING:
    from sim.policies.park.terms import ParkTerms

VISITS = 2
"""Plants from elsewhere that can look at a park in a month, at most; more than this cannot open in a month."""


def attract(state: State, position: int, place: int, terms: ParkTerms, policy_key: int) -> list[Opening]:
    """Return the plants from elsewhere that decide this month to move in: they open in the next.

    Free plots are looked at ``park.relocation_rate`` times a year each, by plants of different sizes. A plant moves
    when over ``park.planning_years`` the rent it saves is worth the full cost of moving, since its old site closes.
    """
    park, key = state.parameters.park, state.key("park.relocation", policy_key)
    free = free_plots(state, position)
    chance = min(park.relocation_rate / 12.0 * max(free, 0.0) / VISITS, 1.0)
    found: list[Opening] = []
    for visit in range(VISITS):
        looks, size, site = (float(uniform(key, 3 * visit + draw)) for draw in range(3))
        spread = state.parameters.turnover.entrant_dispersion * logistic_quantile(size)
        capital = park.relocation_plots * park.capital_per_plot * exp(spread)
        plots = float(plots_of(state, np.array([capital]))[0])
        saved = rent_elsewhere(state, place, capital, plots, site) - plots * terms.plot_area * terms.rent
        cost = park.moving_cost_share * capital * state.world.producer
        if looks < chance and plots <= free and 12.0 * park.planning_years * saved > cost:
            free -= plots
            found.append(
                Opening(
                    place=place, tier=MAKER, capital=capital, policy=position, customers=park.customers_kept, moves=True
                )
            )  # fmt: skip
    return found


def rent_elsewhere(state: State, place: int, capital: float, plots: float, draw: float) -> float:
    """Return the rent of a plant's site in another county, yuan a month: as here, spread by ``park.relocation_spread``.

    ``draw`` is the uniform draw of the county it comes from.
    """
    p, costs, places = state.parameters, state.costs, state.places
    overhead = overhead_of(
        float(costs.overhead_share[place, MAKER]), capital, float(costs.capital_output_ratio[place, MAKER]),
        p.production.overhead_labour_share, float(places.wage[place] / places.wage_base[place]) / state.world.progress,
        state.world.producer,
    )  # fmt: skip
    rent: float = outside_rent(overhead, capital, plots, p.park) * exp(
        p.park.relocation_spread * logistic_quantile(draw)
    )
    return rent


def welcome(state: State, position: int, policy_key: int) -> list[int]:
    """Give plots to plants that opened this month, and let a part of their customers follow; return their rows."""
    rows = [row for month, policy, row in state.opened if month == state.month and policy == position]
    plants = np.array(rows, dtype=np.int64)
    move_in(state, plants, position)
    bring_customers(state, plants, state.parameters.park.customers_kept, policy_key)
    return rows
