"""Phase 12: close the ledger and record the month's observables."""

from __future__ import annotations

import numpy as np

from sim.behaviour.eligibility import above_scale
from sim.columns import F8, I8
from sim.observables import INDEX, OBSERVABLES
from sim.record import SIZE_CLASS_BOUNDS_YUAN, SIZE_CLASS_MEASURES
from sim.rules import settlement
from sim.rules.links import count_links
from sim.rules.measures import gini, hill_index, top_share
from sim.state import State


def close(state: State) -> None:
    """Check that every account balances; a leak anywhere stops the run."""
    state.ledger.close(state.firms, state.count)


def update_market_accounts(state: State) -> None:
    """Update each place's yearly profit rate by tier, and the mean firm that entrants and hazards are measured by."""
    firms, places = state.firms, state.places
    for place in range(len(state.place_ids)):
        for tier, rows in enumerate((state.makers, state.suppliers, state.traders)):
            here = rows[firms.county[rows] == place]
            weight = firms.weight[here]
            revenue = float(firms.revenue_year[here] @ weight)
            if here.size == 0 or revenue <= 0.0:
                continue
            places.profit_rate[place, tier] = float(firms.profit_year[here] @ weight) / revenue
            places.mean_revenue[place, tier] = revenue / float(weight.sum())
    state.firms.tracked[state.makers[above_scale(state, state.makers)]] = 1


def measure(state: State) -> F8:
    """Return what the month's firms did, shape (places, observables); counts of events are added by ``add_counts``."""
    out = np.zeros((len(state.place_ids), len(OBSERVABLES)))
    for name, values in {**_sums(state), **_markets(state)}.items():
        out[:, INDEX[name]] = values
    for place in range(len(state.place_ids)):
        rows = state.makers[state.firms.county[state.makers] == place]
        for name, value in _makers(state, rows).items():
            out[place, INDEX[name]] = value
    return out


def add_counts(state: State, measured: F8) -> None:
    """Write the month's counts of events into its observables."""
    for name, values in state.tally.items():
        measured[:, INDEX[name]] = values


def _sums(state: State) -> dict[str, F8]:
    """Return totals over all firms of a place."""
    firms, flows = state.firms, state.scratch.flows
    live, makers = state.live, state.makers

    def total(values: F8, rows: I8) -> F8:
        return state.by_place(values[rows], rows)

    producers = np.concatenate([makers, state.suppliers])
    materials = flows[:, settlement.MATERIALS] + flows[:, settlement.LOCAL_INPUTS]
    return {
        "output_value": total(firms.sales, makers),
        "operating_revenue": total(firms.sales, live),
        "value_added": total(firms.sales, producers) + total(materials, producers),
        "exports": total(firms.exports, live),
        "domestic_sales": total(flows[:, settlement.SALES_DOMESTIC], live),
        "tax_paid": state.tax_due.copy(),
        "wages_paid": -total(flows[:, settlement.WAGES], live),
        "profit": total(state.scratch.profit, makers),
        "output_real": total(firms.delivered, makers),
        "employment": total(firms.workers, live),
        "employment_makers": total(firms.workers, makers),
        "businesses": state.by_place(np.ones(live.size), live),
        "makers": state.by_place(np.ones(makers.size), makers),
        "investment": total(state.scratch.spending, producers),
        "capital": total(firms.capital, makers),
        "exporters": state.by_place((firms.foreign_links[live] > 0).astype(np.float64), live),
        "fair_delivered": _delivered(state, firms.orders_fair),
        "fair_repeat_orders": _delivered(state, firms.orders_repeat),
        "exhibition_sales": _delivered(state, firms.orders_abroad),
    }


def _delivered(state: State, ordered: F8) -> F8:
    """Return the yuan delivered of what was ordered over certain links: a firm serves all its orders alike."""
    firms, live = state.firms, state.live
    value = firms.orders[live] * firms.price[live]
    served = np.divide(firms.sales[live], value, out=np.zeros(live.size), where=value > 0.0)
    return state.by_place(ordered[live] * np.minimum(served, 1.0), live)


def _markets(state: State) -> dict[str, F8 | float]:
    """Return what is measured on the markets of a place."""
    countries = np.zeros(int(state.buyers.country.max()) + 1, dtype=np.int32)
    counts = np.zeros(2)
    count_links(state.buyers, state.firms, state.live, countries, counts)
    at_risk, lost = state.link_counts.sum(axis=1)
    firms, makers, parks = state.firms, state.makers, state.parks
    volume = float((firms.delivered[makers] * firms.weight[makers]).sum())
    elsewhere = state.spent_outside[0] / state.world.outside_price[0]
    tenants = state.live[firms.park[state.live] >= 0]
    return {
        "wage": state.places.wage,
        "unfilled_jobs": state.unfilled,
        "national_share": volume / (volume + elsewhere) if volume > 0.0 else 0.0,
        "domestic_links": counts[0],
        "foreign_links": counts[1],
        "export_destinations": float(countries.sum()),
        "link_survival": (1.0 - lost / at_risk) ** 12 if at_risk > 0.0 else 0.0,
        "park_plots_open": float(parks.plots.sum()),
        "park_plots_used": state.by_place(firms.plots[tenants], tenants),
        "park_tenants": state.by_place(np.ones(tenants.size), tenants),
        "county_balance": np.array([state.ledger.balances[f"county:{name}"] for name in state.place_ids]),
    }


def _makers(state: State, rows: I8) -> dict[str, float]:
    """Return measures of the distribution of one place's makers."""
    firms = state.firms
    weight, sales, revenue = firms.weight[rows], firms.sales[rows], firms.revenue_year[rows]
    total = float(sales @ weight)
    yearly = float(revenue @ weight)
    by_sales = sales * weight / total if total > 0.0 else weight / max(weight.sum(), 1.0)
    full = firms.capital[rows] / (
        state.costs.capital_output_ratio[0] * state.parameters.production.normal_use * 12.0
    )
    workers = float(firms.workers[rows] @ weight)
    return {
        "profit_rate": float(firms.profit_year[rows] @ weight) / yearly if yearly > 0.0 else 0.0,
        "loss_making_share": float(weight[firms.profit_year[rows] < 0.0].sum() / max(weight.sum(), 1e-9)),
        "price_index": float(firms.price[rows] @ by_sales),
        "unit_cost_index": float(firms.unit_cost[rows] @ by_sales),
        "labour_productivity": 12.0 * total / workers if workers > 0.0 else 0.0,
        "above_scale_firms": float(weight[above_scale(state, rows)].sum()),
        "gini_sales": gini(np.maximum(revenue, 0.0), weight),
        "top_ten_share": top_share(np.maximum(revenue, 0.0), weight, 10.0),
        "size_tail_index": hill_index(revenue, weight, 0.02),
        "capacity_use": float((firms.delivered[rows] * weight).sum() / max((full * weight).sum(), 1e-9)),
        "technology_gap": float(firms.technology_gap[rows] @ by_sales),
        "quality_index": float(firms.quality[rows] @ by_sales),
    }


def size_classes(state: State, entered: I8, left: I8) -> F8:
    """Return firms, jobs and output by revenue class of makers, and this month's entries and exits of makers.

    Shape (places, classes, measures) in the order of ``sim.record``. Entrants and leavers are put in the class of
    their revenue of the last twelve months.
    """
    firms = state.firms
    out = np.zeros((len(state.place_ids), len(SIZE_CLASS_BOUNDS_YUAN) + 1, len(SIZE_CLASS_MEASURES)))

    def put(rows: I8, measure: int, values: F8) -> None:
        classes = np.searchsorted(SIZE_CLASS_BOUNDS_YUAN, firms.revenue_year[rows], side="right")
        np.add.at(out, (firms.county[rows], classes, measure), values * firms.weight[rows])

    makers = state.makers
    for measure, values in enumerate((np.ones(makers.size), firms.workers[makers], firms.revenue_year[makers])):
        put(makers, measure, values)
    for measure, rows in ((3, entered), (4, left)):
        some = rows[firms.tier[rows] == 0]
        put(some, measure, np.ones(some.size))
    return out
