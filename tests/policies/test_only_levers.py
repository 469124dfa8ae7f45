"""No institution writes an outcome: what each touches when it acts is money, space, contacts, knowledge, eligibility.

What it touches is compared with what was there just before it acted. A fund's winners buy on the spot, so the machines
and the technique they buy are among what it touches; projects leave plants to the entry of firms.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from sim.model import ClusterModel
from sim.policies.channels import CHANNELS, REACTIONS
from sim.policies.registry import behaviour_of, policy_types
from sim.state import draws
from sim.state.columns import BuyerColumns, FirmColumns, PlaceColumns
from tests.policies.every_type import RICH, TERMS, usual
from tests.policies.playing import Played, county, parameters
from tests.policies.trading import CONTACTS, SHOPS, touched

MONTHS = 15
PAID = frozenset({"firms.cash", "firms.fees"})
MEMORY = frozenset({"buyers.attended", "buyers.success"})
KNOWLEDGE = frozenset({"firms.aware", "places.upgrade_success"})
SAVINGS = frozenset({"firms.member", "firms.overhead_saving", "firms.purchase_saving", "firms.credit_line"})
BOUGHT = frozenset({"firms.capital", "firms.productivity", "firms.quality", "firms.technology_gap", "firms.loan"})
LEVERS = {
    "brand_design": PAID | {"firms.brand", "places.renown"},
    "cloud_drive": PAID | SAVINGS | KNOWLEDGE,
    "dealer_network": PAID | CONTACTS | {"firms.member"},
    "designation": frozenset({"places.designated", "places.pull", "places.renown", "firms.honours", "firms.cash"}),
    "digital_platform": PAID | CONTACTS | SAVINGS | KNOWLEDGE,
    "exhibition": PAID | CONTACTS | MEMORY,
    "fair": PAID | CONTACTS | MEMORY | {"firms.aware"},
    "fund": BOUGHT | {"firms.cash", "firms.aware", "firms.grants", "firms.supported", "firms.tracked"},
    "park": PAID | CONTACTS | {"firms.park", "firms.plots"},
    "project": CONTACTS | {"firms.park", "firms.plots"},
    "research_partnership": PAID | KNOWLEDGE | {"firms.brand"},
    "trade_park": PAID | CONTACTS | SAVINGS,
    "training": PAID | {"places.skilled", "places.skill", "places.skill_premium", "places.upgrade_success",
                        "places.renown"},
    "upgrade_drive": KNOWLEDGE | {"firms.emission"},
}  # fmt: skip
"""Columns each type may touch. ``firms.brand`` is how well goods sell by their make until they are copied."""
OUTCOMES = frozenset(
    f"firms.{name}"
    for name in FirmColumns._fields
    if name.startswith(("orders", "revenue", "profit", "sales", "exports", "delivered", "backlog"))
    or name in ("workers", "wanted_workers", "expected_orders", "use", "price", "unit_cost", "alive")
) | {"places.wage", "places.profit_rate", "places.mean_revenue", "buyers.budget", "buyers.outside_weight"}
OTHERS = {
    "designation": {"level": "nation", "scope": "firms", "honour": "little_giant", "select": "lottery", "count": 9,
                    "award": 1e5},
    "trade_park": SHOPS,
}  # fmt: skip
"""The other half of types that come in two kinds."""
NO_CHANNEL = PAID | {
    "firms.grants", "firms.supported", "firms.tracked", "firms.member", "firms.honours", "firms.park", "firms.plots",
    "places.designated", "places.skilled",
}  # fmt: skip
"""Money, what institutions remember, who is eligible, and who has moved into a park, which parks close themselves."""


def levers_of(channels: Iterable[str]) -> set[str]:
    """Return the columns of some channels."""
    tables = ("firms", "buyers", "places")
    return {f"{table}.{name}" for channel in channels for table in tables for name in getattr(CHANNELS[channel], table)}


def test_levers_are_columns_and_no_outcomes() -> None:
    tables = {"firms": FirmColumns, "places": PlaceColumns, "buyers": BuyerColumns}
    columns = {f"{table}.{name}" for table, kind in tables.items() for name in kind._fields}
    assert set(LEVERS) == set(policy_types())
    assert levers_of(CHANNELS) <= columns
    assert columns >= OUTCOMES
    for levers in LEVERS.values():
        assert levers <= columns
        assert not levers & OUTCOMES


@pytest.mark.parametrize(
    ("kind", "terms"),
    [pytest.param(kind, TERMS[kind], id=kind) for kind in sorted(LEVERS)]
    + [pytest.param(kind, terms, id=f"other {kind}") for kind, terms in OTHERS.items()],
)
def test_a_type_touches_its_levers_alone(kind: str, terms: dict[str, object]) -> None:
    what = county([usual(kind, base=terms)], months=MONTHS, scale=5, **RICH)
    run = Played(ClusterModel(what, parameters(), draws.replicate_seed(20250108, 0)))
    found = touched(run, MONTHS)
    assert found
    assert found <= LEVERS[kind]
    # A fund does what a closed channel leaves itself, and who has upgraded knows of no next rung.
    itself = BOUGHT | {"firms.aware"} if kind == "fund" else frozenset()
    own = behaviour_of(kind).channels
    assert found <= levers_of(own) | NO_CHANNEL | itself
    assert REACTIONS not in own
