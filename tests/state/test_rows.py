"""Rows and links over a run: who stands where, who gets whose row, and counts that are kept up as links come and go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.model import ClusterModel
from sim.state import state as module
from sim.state.columns import (
    BEGIN,
    END,
    ORIGIN_ABROAD,
    ORIGIN_FAIR,
    PLACE,
    TIER,
    BuyerColumns,
    FirmColumns,
)  # fmt: skip
from sim.state.state import State
from tests.model_fixtures import BASE, SEED, neighbours, quick_parameters, quick_scenario

MONTHS = 24


@dataclass
class Month:
    """A month of a run at its end: copies of the columns, and how the rows stand."""

    month: int
    count: int
    firms: FirmColumns
    buyers: BuyerColumns
    segments: Any
    destinations: Any
    entered: Any
    left: Any
    lists: dict[str, Any]
    by_place: list[Any]

    @property
    def alive(self) -> Any:
        """Rows in business."""
        return np.flatnonzero(self.firms.alive[: self.count])


def copied(table: Any) -> Any:
    """Return a copy of a table."""
    return type(table)(*(column.copy() for column in table))


def seen(state: State, month: int) -> Month:
    """Return what a month leaves behind."""
    return Month(
        month, state.count, copied(state.firms), copied(state.buyers), state.segments.copy(),
        state.destinations.copy(), state.entered.copy(), state.left.copy(),
        {name: getattr(state, name).copy() for name in ("live", "makers", "suppliers", "traders")},
        [state.makers_of(place).copy() for place in range(len(state.place_ids))],
    )  # fmt: skip


@cache
def months() -> list[Month]:
    """Return two years of a place with a park, fairs and exhibitions abroad, in rows of five firms (read only)."""
    what = replace(quick_scenario(BASE, end="2024-12"), firms_per_agent=5)
    model, result = ClusterModel(what, quick_parameters(), SEED), []
    for _ in range(MONTHS):
        month = model.state.month
        model.step()
        result.append(seen(model.state, month))
    return result


# --- rows -----------------------------------------------------------------------------------------------------------


def test_a_firm_stays_in_its_row_while_it_lives() -> None:
    where: dict[int, int] = {}
    for month in months():
        for row in month.alive.tolist():
            assert where.setdefault(int(month.firms.slot[row]), row) == row
        assert np.unique(month.firms.slot[month.alive]).size == month.alive.size
    assert len(where) > months()[0].alive.size


def test_rows_are_given_on_once_nobody_is_tied_to_who_closed_there() -> None:
    given_on = 0
    for before, month in zip(months(), months()[1:], strict=False):
        for row in month.entered.tolist():
            if row >= before.count:
                continue
            assert before.firms.alive[row] == 0, "nobody is put out of business for it"
            assert not (before.buyers.supplier == row).any(), "a buyer is still tied to the firm that closed there"
            if before.firms.exit_month[row] > 0:
                given_on += 1
                assert month.month >= before.firms.exit_month[row] + 2
                assert month.firms.slot[row] != before.firms.slot[row]
            assert (month.firms.entry_month[row], month.firms.exit_month[row]) == (month.month, 0) or row in month.left
    assert given_on > 20


def test_the_table_grows_where_every_row_of_a_kind_is_taken_alone() -> None:
    grown = 0
    for before, month in zip(months(), months()[1:], strict=False):
        free = (before.firms.alive[: before.count] == 0) & (before.firms.exit_month[: before.count] < month.month - 1)
        for place, tier, begin, _ in month.segments.tolist():
            if begin < before.count:
                continue
            grown += 1
            own = (before.firms.place[: before.count] == place) & (before.firms.tier[: before.count] == tier)
            assert np.isin(np.flatnonzero(free & own), month.entered).all()
    assert grown > 0


def test_a_new_firm_has_nothing_of_the_one_that_closed_in_its_row() -> None:
    model = ClusterModel(replace(quick_scenario(BASE, end="2024-12"), firms_per_agent=5), quick_parameters(), SEED)
    state, given, honest = model.state, 0, module.State.rows_for

    def soiled(self: State, places: Any, tiers: Any) -> Any:
        rows = honest(self, places, tiers)
        for column in self.firms:
            column[rows] = 3
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.State, "rows_for", soiled)
        for _ in range(3):
            model.step()
            moved_here = [row for each in model.institutions for row in getattr(each, "moved_here", ())]
            entered = np.setdiff1d(state.entered, [*state.left, *moved_here])
            given += entered.size
            for name in ("grants", "supported", "honours", "member", "plots", "brand", "closed_month", "visible",
                         "exit_month", "credit_line", "purchase_saving", "overhead_saving", "fees"):  # fmt: skip
                assert not getattr(state.firms, name)[entered].any(), name
            assert (state.firms.park[entered] == -1).all()
            assert (state.firms.age[entered] == 1).all()
            # Accounts of one month.
            assert np.array_equal(state.firms.revenue_year[entered], state.firms.revenue_ring[entered].sum(axis=1))
            assert (np.count_nonzero(state.firms.profit_ring[entered], axis=1) == 1).all()
            state.ledger.close(state.firms, state.count)
    assert given > 10


def test_place_and_tier_of_a_row_are_those_of_its_segment() -> None:
    for month in months():
        covered = np.zeros(month.count, int)
        for place, tier, begin, end in month.segments.tolist():
            covered[begin:end] += 1
            assert (month.firms.place[begin:end] == place).all()
            assert (month.firms.tier[begin:end] == tier).all()
        assert (covered == 1).all()
        assert month.segments.tolist() == sorted(month.segments.tolist())
        assert not month.firms.alive[month.count :].any()


def test_lists_of_rows_go_by_place_tier_and_row() -> None:
    for month in months():
        live = sorted(month.alive.tolist(), key=lambda row: (month.firms.place[row], month.firms.tier[row], row))
        assert month.lists["live"].tolist() == live
        for tier, name in enumerate(("makers", "suppliers", "traders")):
            assert month.lists[name].tolist() == [row for row in live if month.firms.tier[row] == tier]
        assert month.by_place[0].tolist() == month.lists["makers"].tolist()


def a_model(*industries: str) -> ClusterModel:
    """Return a settled model of small places without policies."""
    return ClusterModel(neighbours(*industries, end="2024-12"), quick_parameters(), SEED)


def test_a_full_segment_gets_another_and_nobody_moves() -> None:
    state = a_model("fasteners", "flanges").state
    before, count, segments = copied(state.firms), state.count, state.segments.copy()
    places, tiers = np.array([0, 1, 0] * 300), np.array([0, 2, 0] * 300)
    rows = state.rows_for(places, tiers)
    assert np.unique(rows).size == rows.size
    assert not state.firms.alive[rows].any()
    assert np.array_equal(state.firms.place[rows], places)
    assert np.array_equal(state.firms.tier[rows], tiers)
    for name, old, new in zip(FirmColumns._fields, before, state.firms, strict=True):
        assert np.array_equal(new[:count], old[:count]), name
    assert len(state.segments) == len(segments) + 2
    assert {tuple(segment) for segment in segments} < {tuple(segment) for segment in state.segments}
    kinds = state.segments[:, :2].tolist()
    assert kinds == sorted(kinds)
    added = state.segments[state.segments[:, BEGIN] >= count]
    assert added[:, [PLACE, TIER]].tolist() == [[0, 0], [1, 2]]
    assert state.count == added[:, END].max() <= state.firms.slot.size == state.scratch.attraction.size
    # Rows of the kind's first segment are taken before those of its second.
    first = segments[0, END] - segments[0, BEGIN] - (before.alive[: segments[0, END]] == 1).sum()
    assert (rows[places == 0][:first] < count).all()
    assert (rows[places == 0][first:] >= count).all()


def test_lists_of_rows_go_by_place_and_tier_where_segments_were_added() -> None:
    model = a_model("fasteners", "flanges")
    state = model.state
    for _ in range(3):  # firms enter in segments that stand behind those of the other place
        free = np.flatnonzero(state.firms.alive[: state.count] == 0)
        state.firms.exit_month[free] = state.month + 1
        model.step()
        state.firms.exit_month[free] = 0
    firms, live = state.firms, state.live
    assert (live >= state.segments[5, END]).any()
    assert sorted(live.tolist()) == np.flatnonzero(firms.alive).tolist()
    keys = list(zip(firms.place[live].tolist(), firms.tier[live].tolist(), live.tolist(), strict=True))
    assert keys == sorted(keys)
    assert live.tolist() != sorted(live.tolist())
    for place in range(2):
        wanted = [row for row in live if firms.place[row] == place]
        assert state.rows_of(place).tolist() == wanted
        assert state.makers_of(place).tolist() == [row for row in wanted if firms.tier[row] == 0]


def test_room_in_segments_changes_nothing_but_where_firms_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(least: int, part: int) -> ClusterModel:
        monkeypatch.setattr(module, "LEAST_ROWS", least)
        monkeypatch.setattr(module, "NEW_SEGMENT", part)
        what = replace(neighbours("fasteners", "flanges", end="2024-12"), firms_per_agent=10)
        model = ClusterModel(what, quick_parameters(), SEED)
        for _ in range(12):
            model.step()
        return model

    roomy, tight = run(400, 1), run(1, 10**9)
    assert len(roomy.state.segments) == 6
    assert len(tight.state.segments) > 12
    assert tight.state.count < roomy.state.count
    slots = [model.state.firms.slot[model.state.live] for model in (roomy, tight)]
    assert np.array_equal(*slots), "the same firms live, in the same order by place and tier"
    assert tight.notebook.monthly[:12] == pytest.approx(roomy.notebook.monthly[:12], rel=1e-9, abs=1e-9)
    for name in ("cash", "capital", "productivity", "price"):
        one, other = (getattr(model.state.firms, name)[model.state.live] for model in (roomy, tight))
        assert other == pytest.approx(one, rel=1e-9), name


def test_where_the_segments_of_another_place_stand_changes_no_bit() -> None:
    plain, shifted = a_model("fasteners", "flanges"), a_model("fasteners", "flanges")
    for place in (0, 1, 0):
        rows = shifted.state.rows_for(np.full(500, place), np.arange(500) % 3)
        assert rows.max() >= plain.state.count
    for model in (plain, shifted):
        for _ in range(12):
            model.step()
    assert np.array_equal(plain.notebook.monthly[:12], shifted.notebook.monthly[:12])


# --- links ----------------------------------------------------------------------------------------------------------


def test_filled_links_stand_first_and_are_counted() -> None:
    for month in months():
        filled = month.buyers.supplier >= 0
        assert np.array_equal(month.buyers.links, filled.sum(axis=1))
        assert np.array_equal(filled, np.arange(filled.shape[1]) < month.buyers.links[:, None])
        assert (month.buyers.supplier[~filled] == -1).all()
    origins = {
        int(origin) for month in months() for origin in np.unique(month.buyers.link_origin[month.buyers.supplier >= 0])
    }
    assert {0, ORIGIN_FAIR, ORIGIN_ABROAD} <= origins, "links came about in every way"


def test_nobody_is_a_supplier_twice() -> None:
    for month in months():
        for own, number in zip(month.buyers.supplier, month.buyers.links, strict=True):
            assert np.unique(own[:number]).size == number


def test_links_are_to_firms_in_business_or_closed_this_month() -> None:
    for month in months():
        tied = np.unique(month.buyers.supplier[month.buyers.supplier >= 0])
        gone = tied[month.firms.alive[tied] == 0]
        assert np.isin(gone, month.left).all()
        assert (month.firms.tier[tied] != 1).all(), "suppliers serve makers only"


def test_links_abroad_are_counted_by_firm_and_by_country() -> None:
    for month in months():
        buyers, firms = month.buyers, month.firms
        tied = (buyers.supplier >= 0) & (buyers.foreign[:, None] == 1)
        rows, each = buyers.supplier[tied], tied.sum(axis=1)
        by_firm = np.bincount(rows, weights=np.repeat(buyers.weight, each), minlength=firms.slot.size)
        assert np.array_equal(firms.foreign_links, by_firm)
        recount = np.zeros_like(month.destinations)
        np.add.at(recount, (firms.place[rows], np.repeat(buyers.country, each)), 1)
        assert np.array_equal(month.destinations, recount)
        assert recount.sum() > 50
