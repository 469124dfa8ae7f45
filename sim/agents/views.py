"""Firms and buyers as Mesa agents: thin views on a row of the columns, on which the rules work."""

from __future__ import annotations

from typing import Any

import mesa

from sim.state.columns import FIRM_WIDTHS, TIERS, BuyerColumns, FirmColumns


class View(mesa.Agent):
    """Some firms or buyers that are alike: attributes read and write one row of a table of the state."""

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self.row = row


def _column(table: str, name: str) -> property:
    def read(self: View) -> Any:
        return getattr(getattr(self.model.state, table), name)[self.row].item()

    def write(self: View, value: Any) -> None:
        getattr(getattr(self.model.state, table), name)[self.row] = value

    return property(read, write, doc=f"``{name}`` of one of the {table} of this row; units in ``sim.state.columns``.")


class Firm(View):
    """A firm, or ``weight`` firms that are alike."""

    tier: Any
    workers: Any
    weight: Any
    sales: Any

    @property
    def tier_name(self) -> str:
        """``maker``, ``supplier`` or ``trader``."""
        return TIERS[self.tier]

    @property
    def total_workers(self) -> float:
        """Persons employed by all the firms of this row."""
        return float(self.workers * self.weight)

    @property
    def total_sales(self) -> float:
        """Yuan sold this month by all the firms of this row."""
        return float(self.sales * self.weight)


class Buyer(View):
    """A buyer, or ``weight`` buyers that are alike."""

    @property
    def foreign(self) -> bool:
        """Whether it buys from abroad."""
        return bool(self.model.state.buyers.foreign[self.row])

    @property
    def suppliers(self) -> list[int]:
        """Rows of the firms it buys from."""
        rows = self.model.state.buyers.supplier[self.row]
        return [int(row) for row in rows if row >= 0]


for _name in FirmColumns._fields:
    if _name not in FIRM_WIDTHS:
        setattr(Firm, _name, _column("firms", _name))
for _name in BuyerColumns._fields:
    if _name not in ("foreign", "supplier", "link_age", "link_origin", "link_match"):
        setattr(Buyer, _name, _column("buyers", _name))
