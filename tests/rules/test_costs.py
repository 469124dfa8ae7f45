"""Cost structure: what each tier of each place pays, and what the tiers sell together."""

from __future__ import annotations

import pytest

from sim.rules.costs import materials_share, revenue_over_output, tier_costs
from tests.model_fixtures import PARAMETERS


def test_revenue_of_all_tiers_by_hand() -> None:
    # Makers spend half of a yuan of sales on materials, 0.3 of that locally; traders resell 0.1 and pay 0.8 a yuan.
    maker = PARAMETERS.maker._replace(markup=0.25, labour_share=0.3)
    trader = PARAMETERS.trader._replace(markup=0.25, labour_share=0.0)
    parameters = PARAMETERS._replace(
        maker=maker,
        trader=trader,
        production=PARAMETERS.production._replace(local_input_share=0.3),
        demand=PARAMETERS.demand._replace(trader_share=0.1),
    )
    assert revenue_over_output(parameters) == pytest.approx(1.0 + 0.5 * 0.3 + 0.1 / 0.8)


def test_costs_lie_by_place_and_tier() -> None:
    other = PARAMETERS._replace(supplier=PARAMETERS.supplier._replace(markup=0.5, overhead_share=0.07))
    costs = tier_costs([PARAMETERS, other])
    for place, each in enumerate((PARAMETERS, other)):
        for number, tier in enumerate((each.maker, each.supplier, each.trader)):
            assert costs.materials_share[place, number] == materials_share(tier)
            for name in ("labour_share", "overhead_share", "capital_output_ratio", "markup"):
                assert getattr(costs, name)[place, number] == getattr(tier, name)
