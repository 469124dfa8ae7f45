"""Anchoring of the start: what buyers would spend at each place, against the same thing said plainly."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from sim.rules import anchoring
from sim.rules.demand import link_weight
from tests.model_fixtures import PARAMETERS, some_buyers, some_firms

DEMAND = PARAMETERS.demand
PLACE_OF = [0, 1, 2, 1, 3, 2]
"""Place of each firm; the market is that of places 3, 1 and 2, in this order."""
COLUMN_OF = np.array([-1, 1, 2, 0])
SUPPLIERS = [[5, 1, 4, 3, 1], [], [2], [4, 4, 3]]


@pytest.fixture
def market():
    firms = some_firms(len(PLACE_OF), place=PLACE_OF)
    known = np.full((len(SUPPLIERS), 6), -1)
    for buyer, rows in enumerate(SUPPLIERS):
        known[buyer, : len(rows)] = rows
    number = np.arange(known.size).reshape(known.shape)
    buyers = some_buyers(
        len(SUPPLIERS), 6, supplier=known, links=[len(rows) for rows in SUPPLIERS], foreign=[0, 1, 1, 0],
        by_piece=[0, 0, 1, 1], link_match=0.5 + number / 16.0, link_age=number % 5 * DEMAND.trial_months / 2,
    )  # fmt: skip
    offers = 1.0 + np.arange(4.0 * len(PLACE_OF)).reshape(4, -1) ** 2 / 7.0
    return firms, buyers, offers


def gathered(market, rows):
    """Return what each of some buyers values by position in the market, as the loop has it and in its own words."""
    firms, buyers, offers = market
    first, column, value = np.zeros(len(rows) + 1, np.int64), np.zeros(20, np.int32), np.zeros(20)
    anchoring.gather_offers(np.array(rows), buyers, firms, offers, COLUMN_OF, DEMAND, first, column, value)
    plain = []
    for b in rows:
        worth: Counter[int] = Counter()
        kind = (0, 1, 3, 2)[b]
        for j, firm in enumerate(SUPPLIERS[b]):
            match, age = float(buyers.link_match[b, j]), int(buyers.link_age[b, j])
            worth[int(COLUMN_OF[PLACE_OF[firm]])] += link_weight(offers[kind, firm], match, age, DEMAND)
        plain.append(dict(sorted(worth.items())))
    return (first, column, value), plain


def test_links_are_added_up_by_place_in_order(market) -> None:
    (first, column, value), plain = gathered(market, [3, 0, 1, 2])
    assert first.tolist() == np.cumsum([0, *(len(worth) for worth in plain)]).tolist()
    for k, worth in enumerate(plain):
        here = slice(first[k], first[k + 1])
        assert column[here].tolist() == list(worth)
        assert value[here].tolist() == pytest.approx(list(worth.values()))
    assert (value[first[-1] :] == 0.0).all()


def test_what_is_spent_at_each_place_follows_the_nests(market) -> None:
    links, plain = gathered(market, [3, 0, 1, 2])
    appeal, spending, outside, ratio = np.array([0.7, 1.3, 2.1]), np.array([5.0, 3.0, 11.0, 2.0]), 1.7, 0.6
    inclusive = [sum(worth * appeal[place] for place, worth in each.items()) for each in plain]
    out = np.zeros(4)
    anchoring.inclusive_values(*links, appeal, out)
    assert out == pytest.approx(np.array(inclusive))
    wanted = np.array([0.5, 0.0, 0.25])
    out = wanted.copy()  # what is there stays
    for each, whole, yuan in zip(plain, inclusive, spending, strict=True):
        for place, worth in each.items():
            wanted[place] += yuan * whole**ratio / (whole**ratio + outside) * worth * appeal[place] / whole
    anchoring.spent_by_place(*links, appeal, spending, outside, ratio, out)
    assert out == pytest.approx(wanted)
