"""A synthetic nation: the county clusters of a province, repeated under invented names, as large as is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.scenario.loader import load
from sim.scenario.realise import realise

if TYPE_CHECKING:
    from sim.scenario.resolved import Scenario

PROVINCE = "hebei-clusters-2019"
GROWS = (
    "businesses", "output_value", "operating_revenue", "employment_reported", "exports", "above_scale_firms",
    "domestic_buyers", "foreign_buyers", "county_balance", "lead_firms",
)  # fmt: skip
"""Starting values that grow with a county; all others are shares, prices and counts that do not."""
MARKET_SHARES = ("national_market_share", "global_market_share")


def nation(firms: int, counties: int) -> Scenario:
    """Return a baseline without policies, one agent for each firm, of ``counties`` counties with ``firms`` firms.

    Counties of the province come in turn, again and again, each time in a province of its own; all grow or shrink by
    one factor. Copies share the markets of their industry, so each takes its part of the market share.
    """
    base = realise(load(PROVINCE).scenario, 0)
    named = base.places
    chosen = [(named[number % len(named)], number // len(named)) for number in range(counties)]
    factor = firms / sum(place.start.businesses for place, _ in chosen)
    copies = -(-counties // len(named))
    places = []
    for place, copy in chosen:
        start = place.start
        values = {name: getattr(start, name) * factor for name in GROWS if getattr(start, name) is not None}
        values |= {name: getattr(start, name) * min(factor, 1.0) / copies for name in MARKET_SHARES}
        places.append(replace(
            place, id=f"{place.id}-{copy}", province=f"{place.province}-{copy}", start=start.with_values(values)
        ))  # fmt: skip
    return replace(base, id="nation", places=tuple(places), policies=(), firms_per_agent=1)
