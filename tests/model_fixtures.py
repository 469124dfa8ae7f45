"""Small runs and small tables that the tests of the model share; what costs time is made once and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from itertools import zip_longest
from typing import Any

import numpy as np

from sim.model import ClusterModel, simulate
from sim.parameters import Parameters, load_parameters
from sim.rules import settlement
from sim.rules.costs import TierCosts, tier_costs
from sim.rules.totals import SUMS
from sim.scenario.loader import load
from sim.scenario.realise import realise
from sim.scenario.resolved import Policy, Scenario
from sim.state import draws
from sim.state.columns import CHANNELS, TIER, BuyerColumns, FirmColumns, PlaceColumns, new_buyers, new_firms, new_places
from sim.state.record import ReplicateRecord
from sim.state.state import State

BASE, WITH_FUND = "yongnian-2023", "yongnian-fair2x-fund200m"
SCALE = 50
END = "2024-12"
SEED = draws.replicate_seed(20250108, 0)
PARAMETERS: Parameters = load_parameters()
COSTS: TierCosts = tier_costs([PARAMETERS, PARAMETERS])
"""Cost structure of two places alike, as the loops take it."""
BY_TIER = TierCosts(*(array[0] for array in COSTS))
"""The same for one place: each array has shape (3,)."""
FEW = {
    "businesses": 6000.0, "above_scale_firms": 40.0, "domestic_buyers": 600.0, "foreign_buyers": 200.0,
    "output_value": 8.4e9, "exports": 3e8, "national_market_share": 0.116, "global_market_share": 0.056,
}  # fmt: skip
"""A place for runs in which only the code matters, not the county."""
LEVERS = ("skill", "skill_premium", "awareness", "pull", "renown")
"""Factors of a place that are 1 while no institution lends a hand."""


@cache
def scenario(reference: str = BASE, *overrides: str, scale: int = SCALE, end: str = END) -> Scenario:
    """Return a realised scenario at a small scale."""
    settings = (f"run.firms_per_agent={scale}", f"time.end={end}", *overrides)
    return realise(load(reference, overrides=settings).scenario, 0)


def run(what: Scenario, parameters: Parameters = PARAMETERS, seed: int = SEED, **options: Any) -> ReplicateRecord:
    """Run a scenario with the file's parameters and one seed."""
    return simulate(what, parameters, seed, **options)


@cache
def base_record() -> ReplicateRecord:
    """Return the record of the small baseline, with its panel (read only)."""
    return run(scenario(), panel=True)


def quick_parameters(**changes: float) -> Parameters:
    """Return the file's parameters with a year of burn-in, and ``changes`` by dotted name with ``__`` for the dot."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    return load_parameters({"start.settle_months": 12.0, **named})


def quick_scenario(reference: str = BASE, *overrides: str, end: str = "2023-12") -> Scenario:
    """Return a scenario of some four hundred firms and as many buyers."""
    what = scenario(reference, *overrides, end=end)
    places = tuple(replace(place, start=place.start.model_copy(update=FEW)) for place in what.places)
    return replace(what, places=places)


def neighbours(*industries: str, size: Iterable[float] = (), end: str = "2023-12", **start: float) -> Scenario:
    """Return a scenario without policies whose places, one for each name, have the given industries.

    ``size`` holds each place's size over that of the quick scenario (1 when left out); ``start`` changes further
    starting values of all of them.
    """
    counted = ("businesses", "output_value", "exports", "above_scale_firms", "domestic_buyers", "foreign_buyers")
    base = without(quick_scenario(end=end), "park", "fair", "going-out")
    here, places = base.places[0], []
    for number, (industry, factor) in enumerate(zip_longest(industries, size, fillvalue=1.0)):
        shares = {name: factor * FEW[name] for name in ("national_market_share", "global_market_share")}
        values = {**{name: factor * getattr(here.start, name) for name in counted}, **shares, **start}
        own = here.start.with_values(values)
        places.append(replace(here, id=f"place-{number}", industry=str(industry), start=own))
    return replace(base, places=tuple(places))


def quick_model(
    reference: str = BASE, *overrides: str, end: str = "2023-12", kind: type[ClusterModel] = ClusterModel
) -> Any:
    """Return a model of some four hundred firms, settled for a year, before its first month."""
    return kind(quick_scenario(reference, *overrides, end=end), quick_parameters(), SEED)


def with_policies(what: Scenario, policies: Iterable[Policy]) -> Scenario:
    """Return the scenario with other policies."""
    return replace(what, policies=tuple(policies))


def policy(what: Scenario, identity: str) -> Policy:
    """Return the policy with an id."""
    return next(item for item in what.policies if item.id == identity)


def with_terms(item: Policy, **terms: Any) -> Policy:
    """Return the policy with some terms changed in every version."""
    versions = tuple((month, old.model_copy(update=terms)) for month, old in item.versions)
    return replace(item, versions=versions)


def without(what: Scenario, *identities: str) -> Scenario:
    """Return the scenario without some policies."""
    return with_policies(what, (item for item in what.policies if item.id not in identities))


def _filled(table: Any, values: Mapping[str, Any]) -> Any:
    for name, value in values.items():
        getattr(table, name)[:] = value
    return table


def some_firms(rows: int, **values: Any) -> FirmColumns:
    """Return usual makers of place 0 in columns, with ``values`` in place of the usual ones."""
    usual: dict[str, Any] = {
        "slot": np.arange(rows), "alive": 1, "weight": 1.0, "age": 60, "capital": 3.7e6, "workers": 18.75,
        "wanted_workers": 18.75, "productivity": 1.0, "quality": 1.0, "markup": BY_TIER.markup[0],
        "unit_cost": 1.0 / (1.0 + BY_TIER.markup[0]), "price": 1.0, "cash": 1e6, "expected_orders": 1e7 / 12.0,
        "orders": 1e7 / 12.0, "delivered": 1e7 / 12.0, "use": 0.78, "service": 1.0, "park": -1, "revenue_year": 1e7,
        "profit_year": 3e5, "local_share": PARAMETERS.production.local_input_share,
    }  # fmt: skip
    return _filled(new_firms(rows), {**usual, **values})


def some_buyers(rows: int, slots: int = 4, **values: Any) -> BuyerColumns:
    """Return buyers without suppliers that spend 1,000 yuan a month, with ``values`` in place of the usual ones."""
    usual = {"slot": np.arange(rows) + 10**6, "weight": 1.0, "budget": 1000.0, "outside_weight": 1.0, "success": 0.5}
    return packed(_filled(new_buyers(rows, slots), {**usual, **values}))


def packed(buyers: BuyerColumns) -> BuyerColumns:
    """Put the filled links of each buyer first, in their order, and count them; return the buyers."""
    order = np.argsort(buyers.supplier < 0, axis=1, kind="stable")
    for column in (buyers.supplier, buyers.link_age, buyers.link_origin, buyers.link_match):
        column[:] = np.take_along_axis(column, order, axis=1)
    buyers.links[:] = (buyers.supplier >= 0).sum(axis=1)
    return buyers


def some_places(rows: int = 1, **values: Any) -> PlaceColumns:
    """Return markets at base-year prices, with ``values`` in place of the usual ones."""
    usual = {
        "wage": 48000.0, "wage_base": 48000.0, "localisation": 1.0, "goods_price": 1.0, "services_price": 1.0,
        "market_cost": 1.0, "mean_capital": 3.7e6, "labour_pool": 1e6, "employment_base": 1e6, "bought_materials": 1.0,
        "dear_materials": 1.0, "priced_materials": 1.0, "size_hazard": 1.0, "labour_load": 1.0,
        "local_share": PARAMETERS.production.local_input_share, "appeal": 1.0,
        "upgrade_success": PARAMETERS.technology.success_rate, **dict.fromkeys(LEVERS, 1.0),
    }  # fmt: skip
    return _filled(new_places(rows), {**usual, **values})


def segments_for(firms: FirmColumns, tier: int | None = None) -> np.ndarray:
    """Return the segments of a table as it stands, (segments, 4): one for each run of rows of one place and tier.

    With ``tier`` those of a tier alone.
    """
    kinds = 3 * firms.place.astype(np.int64) + firms.tier
    begin = np.flatnonzero(np.diff(kinds, prepend=-1))
    end = np.append(begin, kinds.size)[1:]
    segments = np.column_stack([firms.place[begin], firms.tier[begin], begin, end]).astype(np.int64)
    return segments if tier is None else segments[segments[:, TIER] == tier]


def all_rows(table: FirmColumns) -> np.ndarray:
    """Return every row of a table, in order."""
    return np.arange(table.slot.size)


def flows_alone(state: State, rows: np.ndarray) -> np.ndarray:
    """Return what settlement makes of one firm of each row as it stands, (rows, flows), in a place without trade."""
    p, flows = state.parameters, np.zeros((rows.size, settlement.FLOWS))
    nothing = settlement.LocalTrade(*np.zeros((4, len(state.place_ids))))
    for number, row in enumerate(rows):
        firms = FirmColumns(*(column[row : row + 1].copy() for column in state.firms))
        firms.weight[:] = 1.0
        kinds = np.zeros(1, np.int8)
        out = np.zeros((len(state.place_ids), settlement.FLOWS))
        settlement.settle(
            np.array([[firms.place[0], firms.tier[0], 0, 1]], dtype=np.int64), firms, state.places, state.costs,
            p.production, p.investment, p.environment, p.park, p.tax, state.world.producer, state.world.progress,
            nothing, state.parks.terms, settlement.Equipment(*np.zeros((3, 1)), kinds),
            settlement.Orders(np.zeros((4, 1)), np.zeros((1, CHANNELS)), kinds), 0.0, 0.0, state.month_of_year, out,
            np.zeros((3, len(state.place_ids), SUMS)),
        )  # fmt: skip
        flows[number] = out[firms.place[0]]
    return flows


def key(number: int = 0, name: str = "test") -> np.uint64:
    """Return a key to draw from, in the type the compiled loops expect."""
    return np.uint64(draws.key(number, name))
