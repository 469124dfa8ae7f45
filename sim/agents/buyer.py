"""Buyers as Mesa agents: thin views on a row of the columns."""

from __future__ import annotations

from typing import Any

import mesa


class Buyer(mesa.Agent):
    """A buyer, or ``weight`` buyers that are alike."""

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def foreign(self) -> bool:
        """Whether it buys from abroad."""
        return bool(self.model.state.buyers.foreign[self.row])

    @property
    def country(self) -> int:
        """0 at home, else the number of its country."""
        return int(self.model.state.buyers.country[self.row])

    @property
    def weight(self) -> float:
        """Buyers this row stands for."""
        return float(self.model.state.buyers.weight[self.row])

    @property
    def budget(self) -> float:
        """Yuan a month at base-year demand, one buyer."""
        return float(self.model.state.buyers.budget[self.row])

    @property
    def suppliers(self) -> list[int]:
        """Rows of the firms it buys from."""
        rows = self.model.state.buyers.supplier[self.row]
        return [int(row) for row in rows if row >= 0]
