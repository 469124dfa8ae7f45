"""The benchmark's peer does the same work as the model; how fast either is, no test asks."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.measure import Against, agree, firm_phases
from benchmarks.objects import Peer
from tests.policies.playing import FIRST, begun, policy


def test_columns_and_objects_agree() -> None:
    park = policy("park", start=FIRST - 60, phases=({"opens": FIRST - 60, "plots": 40},))
    agree(begun([park], county_balance=1e9).model.state)


def test_what_institutions_lend_and_take_counts_on_both_sides() -> None:
    state = begun().model.state
    firms, rows = state.firms, state.live
    firms.purchase_saving[rows], firms.overhead_saving[rows], firms.credit_line[rows] = 0.05, 0.2, 0.1
    firms.fees[rows] = 1000.0
    agree(state)
    assert not firms.fees[rows].any()


def test_a_difference_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.objects.price_of", lambda cost, market, markup, share: 1.001 * cost)
    with pytest.raises(RuntimeError, match="price: columns and objects differ"):
        agree(begun().model.state)


def test_the_peer_runs_for_months() -> None:
    state = begun().model.state
    peer = Peer(state)
    for _ in range(13):
        peer.step()
        firm_phases(state)
    assert peer.month_of_year == (state.month_of_year + 13) % 12
    for name in ("price", "capital", "cash", "revenue_year"):
        assert np.all(np.isfinite(peer.column(name)))
    assert 0.7 < peer.column("price").mean() < 1.3


def test_the_ratio_is_of_pairs() -> None:
    assert Against(1, [1.0, 2.0, 4.0], [10.0, 40.0, 120.0]).ratio == 20.0
