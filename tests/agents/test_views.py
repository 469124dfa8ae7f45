"""Firms and buyers as Mesa agents: views that read and write one row of the columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents.views import Buyer, Firm
from sim.mesa_model import MesaModel
from sim.state.columns import FIRM_WIDTHS, TIERS, FirmColumns
from tests.model_fixtures import quick_model


@pytest.fixture(scope="module")
def model() -> Any:
    made = quick_model(kind=MesaModel)
    assert len(made.agents_by_type[Firm]) == made.state.live.size
    return made


def firm_of(model: Any, row: int) -> Firm:
    """Return the agent of the firm in a row."""
    found: Firm = model.firm_of_slot[int(model.state.firms.slot[row])]
    return found


def test_every_column_can_be_read_as_a_plain_number(model: Any) -> None:
    row = int(model.state.live[5])
    firm = firm_of(model, row)
    for name in FirmColumns._fields:
        if name in FIRM_WIDTHS:
            assert not hasattr(firm, name)
            continue
        value = getattr(firm, name)
        assert type(value) in (int, float), name
        assert value == getattr(model.state.firms, name)[row], name
        assert "``" + name + "``" in (getattr(Firm, name).__doc__ or "")


def test_what_is_written_reaches_the_columns_and_one_row_only(model: Any) -> None:
    firms = model.state.firms
    before = firms.quality.copy()
    row = int(model.state.live[7])
    firm_of(model, row).quality = 1.25
    assert firms.quality[row] == 1.25
    firms.quality[row] = before[row]
    assert np.array_equal(firms.quality, before)
    assert firm_of(model, row).quality == before[row]


def test_totals_count_every_firm_of_the_row(model: Any) -> None:
    live = model.state.live
    row = int(live[np.argmax(model.state.firms.weight[live])])
    firm = firm_of(model, row)
    assert firm.weight > 1.0
    assert firm.total_workers == pytest.approx(firm.workers * firm.weight)
    assert firm.total_sales == pytest.approx(firm.sales * firm.weight)
    assert firm.tier_name == TIERS[firm.tier]


def test_buyers_show_their_row(model: Any) -> None:
    table = model.state.buyers
    for buyer in model.agents_by_type[Buyer]:
        row = buyer.row
        assert buyer.foreign is bool(table.foreign[row])
        assert (buyer.country == 0) is not buyer.foreign
        assert buyer.weight == table.weight[row]
        assert buyer.budget == table.budget[row]
        assert buyer.suppliers == [row for row in table.supplier[row].tolist() if row >= 0]
    known = {row for buyer in model.agents_by_type[Buyer] for row in buyer.suppliers}
    assert known
    assert all(model.state.firms.tier[row] != 1 for row in known), "suppliers serve makers only"


def test_another_firm_in_the_row_of_a_closed_one_is_another_agent() -> None:
    model = quick_model(kind=MesaModel)
    number, row = len(model.agents_by_type[Firm]), int(model.state.live[3])
    before, slot = firm_of(model, row), int(model.state.firms.slot[row])
    model.state.firms.slot[row] = model.state.firms.slot.max() + 1
    assert len(model.agents_by_type[Firm]) == number
    assert firm_of(model, row).row == row
    assert firm_of(model, row) is not before
    assert slot not in model.firm_of_slot
