"""Firms as Mesa agents: thin views on a row of the columns."""

from __future__ import annotations

from typing import Any

import mesa

from sim.state.columns import FIRM_WIDTHS, TIERS, FirmColumns


def _view(name: str) -> property:
    def read(self: Firm) -> Any:
        return getattr(self.model.state.firms, name)[self.row].item()

    def write(self: Firm, value: Any) -> None:
        getattr(self.model.state.firms, name)[self.row] = value

    return property(read, write, doc=f"``{name}`` of one firm of this row; units in ``sim.state.columns.FirmColumns``.")


class Firm(mesa.Agent):
    """A firm, or ``weight`` firms that are alike. Attributes read and write the columns; rules work on the columns."""

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self.row = row

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

    tier: Any
    workers: Any
    weight: Any
    sales: Any


for _name in FirmColumns._fields:
    if _name not in FIRM_WIDTHS:
        setattr(Firm, _name, _view(_name))
