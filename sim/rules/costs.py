"""Cost structure of the three tiers of every place in the form the loops use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.parameters.groups import Parameters, Tier
from sim.state.columns import F8


class TierCosts(NamedTuple):
    """Cost structure by place and tier; each array has shape (places, 3) in the order maker, supplier, trader.

    ``materials_share`` and ``labour_share`` are yuan per unit at base prices, ``overhead_share`` yuan per unit of
    normal output, ``capital_output_ratio`` base-year yuan of equipment per unit of yearly normal output.
    """

    materials_share: F8
    labour_share: F8
    overhead_share: F8
    capital_output_ratio: F8
    markup: F8


def materials_share(tier: Tier) -> float:
    """Return materials per unit at base prices: what price 1 leaves after wages and the competitive markup.

    Price = (1 + markup)(materials + wages) = 1, so materials = 1/(1 + markup) - wages: 0.785 for makers against the
    0.78 of metal products (literature B2).
    """
    return 1.0 / (1.0 + tier.markup) - tier.labour_share


def revenue_over_output(parameters: Parameters) -> float:
    """Return what makers, suppliers and traders sell together over what makers sell, at the start's proportions.

    Suppliers sell makers their local materials and services, traders sell on a share of makers' goods with a margin.
    """
    services = materials_share(parameters.maker) * parameters.production.local_input_share
    trade = parameters.demand.trader_share / materials_share(parameters.trader)
    return 1.0 + services + trade


def tier_costs(parameters: Sequence[Parameters]) -> TierCosts:
    """Return the cost structure of every place as arrays, from the parameters of each place's industry."""
    tiers = [(each.maker, each.supplier, each.trader) for each in parameters]
    return TierCosts(
        materials_share=np.array([[materials_share(tier) for tier in three] for three in tiers]),
        labour_share=np.array([[tier.labour_share for tier in three] for three in tiers]),
        overhead_share=np.array([[tier.overhead_share for tier in three] for three in tiers]),
        capital_output_ratio=np.array([[tier.capital_output_ratio for tier in three] for three in tiers]),
        markup=np.array([[tier.markup for tier in three] for three in tiers]),
    )
