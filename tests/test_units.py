"""Amounts with units are read exactly, printed in two languages, and refused when they need guessing."""

from __future__ import annotations

import contextlib
import datetime
import math
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import units
from sim.units import (
    Uncertain,
    UnitError,
    format_count,
    format_money,
    format_share,
    format_value,
    money_unit,
    month_number,
    month_of,
    month_text,
    parse_area,
    parse_count,
    parse_flow,
    parse_money,
    parse_money_rate,
    parse_month,
    parse_percent,
    parse_share,
    unit_label,
    year_of,
)

LANGUAGES = st.sampled_from(["en", "zh"])
AMOUNTS = st.floats(min_value=-1e15, max_value=1e15, allow_nan=False).filter(
    lambda value: value == 0 or abs(value) > 1e-6
)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("200 million yuan", 200e6),
        ("0.2 billion CNY", 200e6),
        ("0.2 billion yuan", 200_000_000.0),
        ("2亿元", 200e6),
        ("2亿", 200e6),
        ("20000万元", 200e6),
        ("20,000万元", 200e6),
        ("2 亿 元", 200e6),
        ("2亿5000万元", 250e6),
        ("3万亿元", 3e12),
        ("500万人民币", 5e6),
        ("1.98 trillion yuan", 1.98e12),
        ("6000 yuan", 6000.0),
        ("6,000 RMB", 6000.0),
        ("1e6 yuan", 1e6),
        ("-5 million yuan", -5e6),
        ("\u22125 million yuan", -5e6),
        ("  8 Million  Yuan ", 8e6),
        ("0 yuan", 0.0),
    ],
)
def test_money_is_read_exactly(text: str, yuan: float) -> None:
    assert parse_money(text) == yuan


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (200, "no unit"),
        (2.5, "no unit"),
        ("200", "no unit"),
        ("200 million", "no unit"),
        ("2 m", "unknown unit"),
        ("2 m yuan", "unknown unit"),
        ("200 USD", "not in yuan"),
        ("$200", "not an amount"),
        ("2亿美元", "not in yuan"),
        ("2亿港元", "not in yuan"),
        ("2亿3亿元", "not an amount"),
        ("2亿20000万元", "not an amount"),
        ("两亿元", "not an amount"),
        ("nan yuan", "not an amount"),
        ("inf yuan", "not an amount"),
        (math.nan, "no unit"),
        ("1e999 yuan", "too large"),
        ("9,9 yuan", "unknown unit"),
        ("1" * 300 + " yuan", "too long"),
        ("", "not an amount"),
        ("yuan", "not an amount"),
        (True, "not an amount"),
        (None, "not an amount"),
        (["2亿元"], "not an amount"),
        ("8 million yuan/year", "per year"),
    ],
)
def test_money_that_needs_guessing_is_refused(value: object, word: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_money(value)
    assert word in caught.value.problem["en"]
    assert all(caught.value.advice.values())
    assert caught.value.problem["en"] in str(caught.value)
    assert not caught.value.problem["zh"].isascii()


def test_full_width_digits_are_refused_with_the_plain_text() -> None:
    with pytest.raises(UnitError) as caught:
        parse_money("２００　million yuan")
    assert "U+FF12" in caught.value.problem["en"]
    assert all('"200 million yuan"' in text for text in caught.value.advice.values())


@pytest.mark.parametrize(
    ("text", "per", "rate"),
    [
        ("8 million yuan/year", "year", 8e6),
        ("800万元/年", "year", 8e6),
        ("12 million yuan/year", "month", 1e6),
        ("1 million yuan per month", "year", 12e6),
        ("12 yuan/m2/month", "m2/month", 12.0),
        ("12 yuan/month/m2", "m2/month", 12.0),
        ("12元/平方米/月", "m2/month", 12.0),
        ("144 yuan/m2/year", "m2/month", 12.0),
        ("120000 yuan/ha/year", "m2/year", 12.0),
        ("6000 yuan/firm", "firm", 6000.0),
        ("6000元/家", "firm", 6000.0),
        ("2万/家", "firm", 20000.0),
        ("20000 yuan/firm", "firm", 20000.0),
        ("3000 yuan/buyer", "buyer", 3000.0),
        ("3000 yuan/person", "person", 3000.0),
        ("18 yuan/t", "t", 18.0),
        ("18元/吨", "t", 18.0),
    ],
)
def test_rates_are_read(text: str, per: str, rate: float) -> None:
    assert parse_money_rate(text, per) == pytest.approx(rate, rel=1e-15)


@pytest.mark.parametrize(
    ("value", "per", "word"),
    [
        ("8 million yuan", "year", "not per year"),
        ("8 million yuan/day", "year", "not per year"),
        ("8 yuan/firm", "buyer", "not per buyer"),
        ("8 yuan/firm/year", "firm", "is per year"),
        ("8 yuan/", "firm", "unknown unit"),
        ("8 yuan/moon", "firm", "unknown unit"),
        ("8/firm", "firm", "no unit"),
        (8, "year", "no unit"),
    ],
)
def test_rates_of_another_kind_are_refused(value: object, per: str, word: str) -> None:
    with pytest.raises(UnitError, match=word):
        parse_money_rate(value, per)


def test_a_scale_word_is_a_whole_word() -> None:
    assert units.read_number("3 million") == (Decimal(3_000_000), "")
    assert units.read_number("3 million yuan") == (Decimal(3_000_000), "yuan")
    assert units.read_number("3 millionaires") == (Decimal(3), "millionaires")


def test_an_unknown_denominator_in_the_code_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown unit 'moon'"):
        parse_money_rate("8 yuan/firm", "moon")


@pytest.mark.parametrize(
    ("value", "share"),
    [("20%", 0.2), (0.2, 0.2), ("0.2", 0.2), (0, 0.0), (1, 1.0), ("58 percent", 0.58), ("100%", 1.0)],
)
def test_shares_are_read_exactly(value: object, share: float) -> None:
    assert parse_share(value) == share


@pytest.mark.parametrize(
    "value", [20, "20", "120%", "-5%", -0.1, 1.01, math.nan, math.inf, True, None, "a fifth", "２０%", "20 % of", "20‰"]
)
def test_what_is_not_a_share_is_refused(value: object) -> None:
    with pytest.raises(UnitError):
        parse_share(value)


def test_percent_may_be_negative_or_large_but_not_bare() -> None:
    assert parse_percent("14.85%") == 0.1485
    assert parse_percent("-2%") == -0.02
    assert parse_percent("250%") == 2.5
    with pytest.raises(UnitError):
        parse_percent(2.5)


@pytest.mark.parametrize(
    ("text", "square_metres"),
    [
        ("10 mu", 20000 / 3),
        ("10亩", 20000 / 3),
        ("15 mu", 10_000.0),
        ("3 ha", 30_000.0),
        ("5000 m2", 5000.0),
        ("5000 m²", 5000.0),
        ("1 km2", 1e6),
        ("1.5万平方米", 15_000.0),
    ],
)
def test_areas_are_read(text: str, square_metres: float) -> None:
    assert parse_area(text) == square_metres


@pytest.mark.parametrize("value", [10, "10", "10 t", "10 yuan", True, "mu", "10 m"])
def test_what_is_not_an_area_is_refused(value: object) -> None:
    with pytest.raises(UnitError):
        parse_area(value)


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("9000 t/day", (9000.0, "t/day")),
        ("9000吨/日", (9000.0, "t/day")),
        ("0.9万吨/天", (9000.0, "t/day")),
        ("600 persons/year", (600.0, "persons/year")),
        ("600人/年", (600.0, "persons/year")),
    ],
)
def test_flows_are_read(text: str, flow: tuple[float, str]) -> None:
    assert parse_flow(text, flow[1]) == flow[0]


def test_a_flow_is_converted_to_the_wanted_time() -> None:
    assert parse_flow("50 persons/month", "persons/year") == 600.0
    with pytest.raises(UnitError, match="not in persons/year"):
        parse_flow("9000 t/day", "persons/year")
    with pytest.raises(UnitError, match="not per day"):
        parse_flow("9000 t/month", "t/day")


@pytest.mark.parametrize(
    "value", [9000, "9000", "9000 t", "9000 /day", "9000 t/t", "9000 year/day", "9000 t/day/day", False]
)
def test_what_is_not_a_flow_is_refused(value: object) -> None:
    with pytest.raises(UnitError):
        parse_flow(value, "t/day")


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (400, 400),
        (400.0, 400),
        ("400", 400),
        ("30,000 businesses", 30_000),
        ("3万", 30_000),
        ("3万家", 30_000),
        (-1, -1),
    ],
)
def test_counts_are_whole(value: object, count: int) -> None:
    assert parse_count(value) == count


@pytest.mark.parametrize("value", [1.5, "1.5", True, "12 yuan", "many", math.inf, None])
def test_what_is_not_a_whole_number_is_refused(value: object) -> None:
    with pytest.raises(UnitError):
        parse_count(value)


@pytest.mark.parametrize(
    "value", ["2026-01", datetime.date(2026, 1, 9), datetime.datetime(2026, 1, 9, 12), "2026-01-09"]
)
def test_months_are_read(value: object) -> None:
    assert parse_month(value) == month_number(2026, 1) == 2026 * 12


@pytest.mark.parametrize(
    "value",
    [
        2026,
        "2026",
        "2026-13",
        "2026-00",
        "2026-1",
        "Jan 2026",
        "2023-02-31",
        "0001-01",
        datetime.date(1, 1, 1),
        "２０２６-01",
        True,
        None,
    ],
)
def test_what_is_not_a_month_is_refused(value: object) -> None:
    with pytest.raises(UnitError):
        parse_month(value)


def test_a_month_outside_the_year_cannot_be_counted() -> None:
    with pytest.raises(UnitError, match='"2026-13" is not a month'):
        month_number(2026, 13)


@given(st.integers(1900, 2199), st.integers(1, 12))
def test_months_survive_the_round_trip(year: int, month: int) -> None:
    number = month_number(year, month)
    assert (year_of(number), month_of(number)) == (year, month)
    assert parse_month(month_text(number)) == number


@given(AMOUNTS, LANGUAGES)
def test_money_survives_the_round_trip(yuan: float, lang: str) -> None:
    assert parse_money(format_money(yuan, lang, digits=17)) == yuan


@given(
    AMOUNTS,
    LANGUAGES,
    st.sampled_from(["year", "month", "m2/month", "firm", "buyer", "person", "t", "booth", "mu/year"]),
)
def test_rates_survive_the_round_trip(yuan: float, lang: str, per: str) -> None:
    assert parse_money_rate(format_money(yuan, lang, per=per, digits=17), per) == yuan


@given(AMOUNTS, LANGUAGES, st.integers(1, 6))
def test_rounded_money_is_within_half_a_digit(yuan: float, lang: str, digits: int) -> None:
    back = parse_money(format_money(yuan, lang, digits=digits))
    assert abs(back - yuan) <= abs(yuan) * 0.5 * 10.0 ** (1 - digits) * (1 + 1e-9)


@given(st.floats(0, 1).filter(lambda share: share == 0 or share > 1e-9))
def test_shares_survive_the_round_trip(share: float) -> None:
    assert parse_share(format_share(share, digits=17)) == share


@given(st.integers(-(10**12), 10**12), LANGUAGES)
def test_counts_survive_the_round_trip(number: int, lang: str) -> None:
    assert parse_count(format_count(number, lang)) == number


@given(st.one_of(st.text(max_size=40), st.text(alphabet="0159.,-+eE 千万亿元%yuanmilo/t人年月m2亩", max_size=12)))
def test_any_text_is_read_as_a_finite_number_or_refused(text: str) -> None:
    flow = partial(parse_flow, unit="t/day")
    for parse in (parse_money, parse_share, parse_percent, parse_area, flow, parse_month, parse_count):
        result = 0.0
        with contextlib.suppress(UnitError):
            result = parse(text)
        assert math.isfinite(result)


@pytest.mark.parametrize(
    ("yuan", "english", "chinese"),
    [
        (4.2e8, "420 million yuan", "4.2亿元"),
        (42e9, "42 billion yuan", "420亿元"),
        (6000, "6,000 yuan", "6000元"),
        (5_000_000, "5 million yuan", "500万元"),
        (999.6e6, "1 billion yuan", "10亿元"),
        (-30e6, "-30 million yuan", "-3000万元"),
        (0, "0 yuan", "0元"),
        (math.nan, "n/a", "n/a"),
    ],
)
def test_money_is_printed_as_readers_write_it(yuan: float, english: str, chinese: str) -> None:
    assert format_money(yuan, "en") == english
    assert format_money(yuan, "zh") == chinese


def test_rates_are_printed_in_both_languages() -> None:
    assert format_money(8e6, "en", per="year") == "8 million yuan/year"
    assert format_money(8e6, "zh", per="year") == "800万元/年"
    assert format_money(12, "zh", per="m2/month") == "12元/平方米/月"


def test_a_column_uses_one_unit() -> None:
    assert money_unit(42e9, "en") == (1e9, "billion yuan")
    assert money_unit(42e9, "zh") == (1e8, "亿元")
    assert money_unit(-6000, "zh") == (1.0, "元")
    assert money_unit(math.nan, "en") == (1.0, "yuan")


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (42e9, "yuan", "42 billion yuan", "420亿元"),
        (51281, "yuan/year", "51,300 yuan/year", "5.13万元/年"),
        (340000, "persons", "340,000 persons", "340,000人"),
        (1300, "persons", "1,300 persons", "1300人"),
        (30000, "count", "30,000", "30,000"),
        (0.58, "share", "58%", "58%"),
        (1.0, "index", "1", "1"),
        (9000, "t/day", "9,000 t/day", "9,000吨/日"),
        (12.3456, "tonnes", "12.3 tonnes", "12.3吨"),
        (math.inf, "persons", "n/a", "n/a"),
    ],
)
def test_values_are_printed_by_their_unit(value: float, unit: str, english: str, chinese: str) -> None:
    assert format_value(value, unit, "en") == english
    assert format_value(value, unit, "zh") == chinese


def test_labels_of_units() -> None:
    assert unit_label("share", "en") == "%"
    assert unit_label("count", "zh") == ""
    assert unit_label("persons/year", "en") == "persons/year"
    assert unit_label("persons/year", "zh") == "人/年"
    assert format_share(math.nan) == format_count(math.nan) == units.MISSING


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(ValueError, match="lang must be"):
        format_money(1, "fr")


def test_an_uncertain_value_is_a_range() -> None:
    value = Uncertain(0.3, 0.8)
    assert value.centre == pytest.approx(0.55)
    assert value.at(0) == 0.3
    assert value.at(1) == pytest.approx(0.8)
    with pytest.raises(UnitError, match="low above high"):
        Uncertain(2, 1)
    with pytest.raises(UnitError, match="not a number"):
        Uncertain(math.nan, 1)


def test_what_was_written_is_shown_in_at_most_sixty_signs() -> None:
    assert units.shown("x" * 60) == f'"{"x" * 60}"'
    assert units.shown("x" * 61) == f'"{"x" * 57}..."'
    assert units.shown(10**59) == f"1{'0' * 59}"
    assert units.shown(10**60) == f"1{'0' * 56}..."
    assert units.shown([1] * 20) == str([1] * 6)
    assert units.shown({"low": "30%", "high": (1, "x")}) == '{ low = "30%", high = [1, "x"] }'
    assert (units.shown(True), units.shown(False)) == ("true", "false")


def test_full_width_signs_are_refused_with_the_plain_ones_as_advice() -> None:
    with pytest.raises(UnitError) as caught:
        units.clean("！１５～　元", "money")
    assert "！ (U+FF01)" in caught.value.problem["en"]
    assert all('"!15~ 元"' in text for text in caught.value.advice.values())
    assert units.clean("15  元、", "money") == "15 元、"


def test_the_longest_text_is_still_read() -> None:
    assert units.clean("1" * units._LONGEST_TEXT, "money")
    with pytest.raises(UnitError, match="too long"):
        units.clean("1" * (units._LONGEST_TEXT + 1), "money")


def test_months_of_a_year_are_one_to_twelve() -> None:
    assert units.month_number(2024, 1) == 12 * 2024
    assert units.month_number(2024, 12) == 12 * 2024 + 11
    for month in (0, 13):
        with pytest.raises(UnitError):
            units.month_number(2024, month)


def test_ends_and_middle_of_a_range_or_a_number() -> None:
    some = units.Uncertain(2.0, 6.0)
    assert (units.lowest(some), units.centre(some), units.highest(some)) == (2.0, 4.0, 6.0)
    assert units.lowest(3) == units.centre(3) == units.highest(3) == 3.0
    assert (some.at(0.0), some.at(0.25), some.at(1.0)) == (2.0, 3.0, 6.0)


def test_no_cell_is_a_formula() -> None:
    assert [units.plain_cell(cell) for cell in ("=1", "a=1", "", -1.5, "\t1", "@a", "+1", "-1", "\r=1")] == [
        "'=1", "a=1", "", -1.5, "'\t1", "'@a", "'+1", "'-1", "'\r=1",
    ]  # fmt: skip
