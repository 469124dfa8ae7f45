"""Phase 12: close the ledger and record the month's observables."""

from __future__ import annotations

import numpy as np

from sim.month.market import ROUTES
from sim.observables import INDEX, OBSERVABLES
from sim.rules import totals
from sim.rules.elementary import powers
from sim.rules.measures import gini, hill_index, top_share
from sim.rules.settlement import SALES_LOCAL
from sim.rules.turnover import mean_size_factors
from sim.state.columns import F8, I8, LEVEL_PROVINCE, MAKER
from sim.state.ledger import TOLERANCE, LedgerError
from sim.state.record import SIZE_CLASS_BOUNDS_YUAN
from sim.state.state import State

SALES = tuple(purpose for purpose, _ in ROUTES[: SALES_LOCAL + 1])
"""The first columns of the flow table: what firms sold at home, abroad and to each other."""
SOLD = ("delivered", "sales", "exports")
"""What each firm sold in a month, in units and in yuan."""
SALES_BY_CHANNEL = (
    "fair_delivered", "exhibition_sales", "platform_sales", "dealer_sales", "opening_sales", "e_commerce_sales",
    "fair_repeat_orders",
)  # fmt: skip
"""Observable of each sales channel (``sim.state.columns.CHANNELS``)."""
TAIL_SHARE = 0.02
"""Largest makers from which the tail index is estimated."""
SOLD_MEMORY = 2.0 / 13.0
"""Weight of a month in what firms sell on average: goods are then as old as those of the last twelve months."""


def close(state: State) -> None:
    """Check that every account balances and that nobody sold less than nothing; a month that fails stops the run.

    Raises
    ------
    LedgerError
        Naming the account that does not close, or the place and what was sold there.
    """
    state.ledger.close(state.firms, state.count)
    for name in SOLD:
        column = getattr(state.firms, name)[: state.count]
        if not column.min() >= 0.0:
            row = int(np.argmin(column))
            place = state.place_ids[state.firms.place[row]]
            raise LedgerError(f"{name} of a firm of {place} are {column[row]:.6g}: no quantity sold is negative")
    # What is sold at home is what other sales leave, so it may miss zero by last digits.
    sold = state.place_flows[:, : len(SALES)]
    for place, column in np.argwhere(~(sold >= -TOLERANCE * state.ledger.turnover)):
        what, place_id = SALES[column], state.place_ids[place]
        raise LedgerError(f"{what} of {place_id} are {sold[place, column]:.6g} yuan: no quantity sold is negative")


def update_market_accounts(state: State) -> None:
    """Update each place's yearly profit rate, mean revenue and mean units sold by tier from the month's sums."""
    places = state.places
    for tier, table in enumerate(state.sums):
        revenue, firms = table[:, totals.REVENUE_YEAR], table[:, totals.FIRMS]
        some = revenue > 0.0
        places.profit_rate[some, tier] = table[some, totals.PROFIT_YEAR] / revenue[some]
        places.mean_revenue[some, tier] = revenue[some] / firms[some]
        sold = table[some, totals.DELIVERED] / (firms[some] * state.world.season)
        # The first month that anything is sold counts in full.
        speed = np.where(places.mean_sold[some, tier] > 0.0, SOLD_MEMORY, 1.0)
        places.mean_sold[some, tier] += speed * (sold - places.mean_sold[some, tier])
    if state.month_of_year == 11:
        mean_size_factors(state.segments, state.firms, places, state.parameters.turnover.hazard_size_elasticity)
        state.output_by_year[:, 0] = state.output_by_year[:, 1]
        state.output_by_year[:, 1] = state.sums[0][:, totals.REVENUE_YEAR]


def measure(state: State) -> None:
    """Note in ``state.measured`` what the month's firms did; the notebook adds the counts of events."""
    out = state.measured = np.zeros((len(state.place_ids), len(OBSERVABLES)))
    if state.month_of_year == 11 or not state.year_end:
        state.year_end = _distribution(state)
    for name, values in {**_flows_and_stocks(state), **_ratios(state), **_markets(state), **state.year_end}.items():
        out[:, INDEX[name]] = values


def _flows_and_stocks(state: State) -> dict[str, F8]:
    """Return totals over the firms of a place."""
    makers, suppliers, traders = state.sums
    everyone = makers + suppliers + traders
    producers = makers + suppliers
    return {
        "output_value": makers[:, totals.SALES],
        "operating_revenue": everyone[:, totals.SALES],
        "value_added": producers[:, totals.SALES] - producers[:, totals.MATERIALS],
        "exports": everyone[:, totals.EXPORTS],
        "domestic_sales": everyone[:, totals.DOMESTIC_SALES],
        "tax_paid": everyone[:, totals.TAX],
        "wages_paid": everyone[:, totals.WAGES],
        "profit": makers[:, totals.PROFIT],
        "output_real": makers[:, totals.DELIVERED],
        "employment": everyone[:, totals.WORKERS],
        "employment_makers": makers[:, totals.WORKERS],
        "businesses": everyone[:, totals.FIRMS],
        "makers": makers[:, totals.FIRMS],
        "above_scale_firms": makers[:, totals.ABOVE_SCALE],
        "investment": producers[:, totals.SPENDING],
        "capital": makers[:, totals.CAPITAL],
        "exporters": everyone[:, totals.EXPORTERS],
        **{name: everyone[:, totals.BY_CHANNEL + channel] for channel, name in enumerate(SALES_BY_CHANNEL)},
        "piece_sales": everyone[:, totals.PIECE],
        "piece_exports": everyone[:, totals.PIECE_ABROAD],
        "park_plots_used": everyone[:, totals.PLOTS],
        "park_tenants": everyone[:, totals.TENANTS],
        "discharge_untreated": makers[:, totals.UNTREATED],
        "discharge_treated": makers[:, totals.TREATED],
    }


def _ratios(state: State) -> dict[str, F8]:
    """Return ratios over the makers of a place; a place without makers has none (0)."""
    makers = state.sums[0]

    def ratio(above: int, below: int, factor: float = 1.0) -> F8:
        return factor * _divided(makers[:, above], makers[:, below])

    return {
        "profit_rate": ratio(totals.PROFIT_YEAR, totals.REVENUE_YEAR),
        "loss_making_share": ratio(totals.LOSS_MAKING, totals.FIRMS),
        "price_index": ratio(totals.PRICE_BY_SALES, totals.SALES),
        "unit_cost_index": ratio(totals.COST_BY_SALES, totals.SALES),
        "labour_productivity": ratio(totals.SALES, totals.WORKERS, 12.0),
        "capacity_use": ratio(totals.DELIVERED, totals.FULL_CAPACITY),
        "technology_gap": ratio(totals.GAP_BY_SALES, totals.SALES),
        "quality_index": ratio(totals.QUALITY_BY_SALES, totals.SALES),
        "orders_delivered": _orders_delivered(state),
    }


def _orders_delivered(state: State) -> F8:
    """Return the share of orders that makers deliver, as buyers have it in mind, by place; 0 where nothing is ordered.

    The mean of makers' ``service`` (``sim.rules.production.produce``) over what is ordered this month.
    """
    firms, rows, places = state.firms, state.makers, len(state.place_ids)
    ordered = firms.orders[rows] * firms.weight[rows]
    where = firms.place[rows]
    kept, all_of_them = np.empty((2, places))
    kept[:] = np.bincount(where, ordered * firms.service[rows], minlength=places)
    all_of_them[:] = np.bincount(where, ordered, minlength=places)
    return _divided(kept, all_of_them)


def _divided(above: F8, below: F8) -> F8:
    """Return the ratio place by place, 0 where there is nothing to divide by."""
    return np.divide(above, below, out=np.zeros_like(below), where=below > 0.0)


def _markets(state: State) -> dict[str, F8]:
    """Return what is measured on the markets of a place."""
    places = len(state.place_ids)
    at_risk, lost = state.link_counts.sum(axis=2).T
    volume = state.sums[0][:, totals.DELIVERED]
    of_market = np.bincount(state.market_of, weights=volume, minlength=len(state.markets))
    national = (of_market + state.spent_outside[:, 0] / state.world.outside_price)[state.market_of]
    built = state.parks.place >= 0
    return {
        "domestic_orders": state.orders[:, 0],
        "foreign_orders": state.orders[:, 1],
        "wage": state.places.wage,
        "unfilled_jobs": state.unfilled,
        "national_share": _divided(volume, national),
        "export_destinations": (state.destinations > 0).sum(axis=1).astype(np.float64),
        "link_survival": np.where(at_risk > 0.0, powers(np.maximum(1.0 - _divided(lost, at_risk), 0.0), 12), 0.0),
        "park_plots_open": np.bincount(state.parks.place[built], weights=state.parks.plots[built], minlength=places),
        "skilled_workers": state.places.skilled,
        "designated_towns": (state.places.designated >= LEVEL_PROVINCE).astype(np.float64),
        "county_balance": state.ledger.yuan[state.county_accounts],
    }


def _distribution(state: State) -> dict[str, F8]:
    """Return inequality, concentration and tail of makers' yearly revenue; taken in December, valid until the next."""
    firms = state.firms
    out = {name: np.zeros(len(state.place_ids)) for name in ("gini_sales", "top_ten_share", "size_tail_index")}
    for place in range(len(state.place_ids)):
        rows = state.makers_of(place)
        revenue, weight = np.maximum(firms.revenue_year[rows], 0.0), firms.weight[rows]
        out["gini_sales"][place] = gini(revenue, weight)
        out["top_ten_share"][place] = top_share(revenue, weight, 10.0)
        out["size_tail_index"][place] = hill_index(revenue, weight, TAIL_SHARE)
    return out


def size_classes(state: State) -> F8:
    """Return firms, jobs and output of makers by revenue class, shape (places, classes, 3)."""
    firms, makers = state.firms, state.makers
    measures = (np.ones(makers.size), firms.workers[makers], firms.revenue_year[makers])
    return np.stack([_by_class(state, makers, values) for values in measures], axis=2)


def turnover_classes(state: State) -> F8:
    """Return this month's entries and exits of makers by class of their last yearly revenue, (places, classes, 2)."""
    makers = [rows[state.firms.tier[rows] == MAKER] for rows in (state.entered, state.left)]
    return np.stack([_by_class(state, rows, np.ones(rows.size)) for rows in makers], axis=2)


def _by_class(state: State, rows: I8, values: F8) -> F8:
    """Return the sum of ``values`` (shape of rows), counting every firm, by place and revenue class."""
    firms, out = state.firms, np.zeros((len(state.place_ids), len(SIZE_CLASS_BOUNDS_YUAN) + 1))
    classes = np.searchsorted(SIZE_CLASS_BOUNDS_YUAN, firms.revenue_year[rows], side="right")
    np.add.at(out, (firms.place[rows].astype(np.int64), classes), values * firms.weight[rows])
    return out
