"""The label placer: order kept, distance kept, and never further from the wish than need be."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.figures.layout import Box, Scale, best_place, scale_for, spread, tick_labels, ticks

wishes = st.lists(st.floats(0.0, 200.0), min_size=1, max_size=9)


@given(wishes)
def test_labels_keep_their_distance_order_and_frame(wanted: list[float]) -> None:
    places = spread(wanted, 12.0, 0.0, 200.0)
    assert all(-1e-9 <= place <= 200.0 + 1e-9 for place in places)
    for (wish, place), (other_wish, other) in itertools.combinations(zip(wanted, places, strict=True), 2):
        assert abs(place - other) >= 12.0 - 1e-6
        if wish < other_wish:
            assert place < other


@given(wishes)
def test_labels_with_room_stay_where_they_wish(wanted: list[float]) -> None:
    ordered = sorted(wanted)
    if all(later - earlier >= 12.0 for earlier, later in itertools.pairwise(ordered)):
        assert spread(wanted, 12.0, 0.0, 200.0) == pytest.approx(wanted)


def test_two_equal_wishes_move_apart_by_half_each() -> None:
    assert spread([50.0, 50.0], 12.0, 0.0, 100.0) == [44.0, 56.0]
    assert spread([0.0, 0.0], 12.0, 0.0, 100.0) == [0.0, 12.0]
    assert spread([], 12.0, 0.0, 100.0) == []


def test_too_many_labels_share_the_room() -> None:
    assert spread([5.0] * 3, 12.0, 0.0, 10.0) == [0.0, 5.0, 10.0]


def test_a_label_takes_the_first_free_place() -> None:
    frame = Box(0.0, 0.0, 100.0, 100.0)
    places = [Box(0, 0, 10, 10), Box(20, 0, 30, 10), Box(95, 0, 105, 10)]
    assert best_place(places, [], [], frame) == 0
    assert best_place(places, [Box(5, 5, 15, 15)], [], frame) == 1
    assert best_place(places, [Box(5, 5, 15, 15), Box(19, 0, 29, 10)], [], frame) == 0
    assert best_place(places, [], [Box(0, 0, 10, 10)], frame) == 1


@given(st.floats(-1e12, 1e12), st.floats(1e-3, 1e12))
def test_ticks_are_round_few_and_inside(low: float, span: float) -> None:
    values = ticks(low, low + span, 6)
    assert len(values) <= 7
    slack = 1e-6 * (abs(low) + span)
    assert all(low - slack <= value <= low + span + slack for value in values)


def test_tick_labels_share_their_decimals() -> None:
    assert tick_labels([-0.5, 0.0, 0.5, 1.0], sign=True) == ["\u22120.5", "0", "+0.5", "+1.0"]
    assert tick_labels([0.0, 2500.0, 5000.0]) == ["0", "2,500", "5,000"]
    assert tick_labels([0.25, 0.5]) == ["0.25", "0.50"]


@pytest.mark.parametrize(
    ("unit", "size", "lang", "label"),
    [
        ("yuan", 4.2e10, "en", "billion yuan"),
        ("yuan", 4.2e10, "zh", "亿元"),
        ("yuan", 3.7e7, "zh", "亿元"),
        ("yuan", 5e6, "zh", "万元"),
        ("yuan", 3.7e7, "en", "million yuan"),
        ("yuan", 12.0, "en", "yuan"),
        ("yuan/year", 5e4, "zh", "万元/年"),
        ("persons", 3.4e5, "zh", "人"),
        ("tonnes", 1.1e4, "en", "thousand tonnes"),
        ("share", 0.03, "en", "%"),
        ("count", 500.0, "zh", ""),
    ],
)
def test_units_suit_the_reader(unit: str, size: float, lang: str, label: str) -> None:
    assert scale_for(unit, size, lang).label == label  # type: ignore[arg-type]


def test_numbers_carry_unit_and_sign() -> None:
    assert Scale(1e8, "亿元", "").amount(4.2e10, 0) == "420亿元"
    assert Scale(1e9, "billion yuan").amount(-1.25e9, 1, sign=True) == "\u22121.2 billion yuan"
    assert Scale(1.0, "").number(1234.0, -2) == "1,200"
    assert Scale(1.0, "").number(-0.001, 1, sign=True) == "0.0"
