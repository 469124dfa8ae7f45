"""What a yuan granted moved, from whom orders were won, who took grants up, and differences that few runs make."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.compare import compare
from sim.compare.additionality import PARTS, build_additionality, spent_by
from sim.compare.csv_tables import additionality_records, displacement_records, take_up_records
from sim.compare.displacement import recipients_gain
from sim.compare.runs import pair
from sim.compare.statistics import carriers, part_ways
from sim.report.comparison_table import additionality_lines, displacement_lines, take_up_lines
from sim.state.record import AWARD, PURCHASE, TAKE_UP, TRACKED
from tests.compare.fake_run import FakeRun, make_pair, make_policy, make_scenario, month, shortened, two_places

FIRST = month(2026, 3)
RUNS = 24


def invest(run: FakeRun, at: int, yuan: float, runs: slice = slice(None), place: int = 0) -> None:
    """Let the firms of a place spend more on equipment in a month."""
    values = run.values["investment"].copy()
    values[runs, at - run.first_month, place] += yuan
    run.values["investment"] = values


def granted() -> tuple[FakeRun, FakeRun]:
    """Firm 1 (small) gets 10 and buys for 50, where it would have bought for 30 a year later; firm 2 (large) gets 30
    and buys what it buys in A too; firm 3 buys 15 less in the fourth year."""
    b, a = make_pair(RUNS)
    for number in range(RUNS):
        b.awarded[number] = [
            (1, 0, FIRST, 0, 1.0, 15e6, 9.0, 50.0, 10.0),
            (2, 0, FIRST + 5, 0, 1.0, 2e8, 90.0, 90.0, 30.0),
        ]
        b.bought[number] = [(1, 0, FIRST, 50.0), (2, 0, FIRST + 5, 90.0), (4, 0, month(2025, 1), 7.0)]
        a.bought[number] = [(1, 0, FIRST + 12, 30.0), (2, 0, FIRST + 5, 90.0), (3, 0, FIRST + 40, 15.0),
                            (4, 0, month(2025, 1), 7.0)]  # fmt: skip
    invest(b, FIRST, 50.0)
    invest(b, FIRST + 5, 90.0)
    invest(a, FIRST + 12, 30.0)
    invest(a, FIRST + 5, 90.0)
    invest(a, FIRST + 40, 15.0)
    return b, a


def test_extra_spending_per_yuan_granted_by_hand():
    three, five = build_additionality(pair(*granted()))
    assert (three.years, three.months, three.whole) == (3, 36, True)
    assert (five.years, five.months, five.whole) == (5, 60, True)
    assert [three.parts[part].per_yuan for part in PARTS] == pytest.approx([0.5, 0.0, 0.5])
    assert [five.parts[part].per_yuan for part in PARTS] == pytest.approx([0.5, -0.375, 0.125])
    small, large = three.by_size["below_scale"], three.by_size["large"]
    assert (small.per_yuan, large.per_yuan) == pytest.approx((2.0, 0.0))
    assert (small.firms, three.parts["recipients"].firms) == (1.0, 2.0)
    assert set(three.by_size) == {"below_scale", "large"}
    assert three.placebo == five.placebo == 0.0
    assert three.parts["cluster"].band.p50 == pytest.approx(0.5)


def test_projects_held_back_for_the_first_call_count():
    b, a = granted()
    for number in range(RUNS):
        a.bought[number].append((1, 0, FIRST - 1, 20.0))
    invest(a, FIRST - 1, 20.0)
    three, _ = build_additionality(pair(b, a))
    assert [three.parts[part].per_yuan for part in PARTS] == pytest.approx([0.0, 0.0, 0.0])
    assert three.placebo == 0.0


def test_runs_that_end_before_are_followed_to_their_end():
    b, a = granted()
    end = month(2030, 6)
    pairs = [shortened(run, end) for run in (b, a)]
    _, five = build_additionality(pair(*pairs))
    assert (five.months, five.whole) == (54, False)
    assert "over 54 months (the runs end) from" in additionality_lines([five], "en")[0]
    assert "54个月（推演结束）" in additionality_lines([five], "zh")[0]


def test_a_span_before_the_start_of_the_fund_measures_nothing():
    b, a = granted()
    slots = np.array([1, 2, 4])
    for number in range(3):
        before = [spent_by(run.purchases(number), slots, FIRST - 36, 36) for run in (b, a)]
        assert before[0] == before[1] == 7.0
    b.bought[0].append((1, 0, month(2025, 12), 40.0))
    assert build_additionality(pair(b, a))[0].placebo == pytest.approx(40.0 / 40.0 / RUNS)


purchases = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 59), st.floats(1.0, 100.0)), max_size=12)
awards = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 50), st.floats(1.0, 20.0)), min_size=1, max_size=6)


@given(purchases, purchases, awards)
def test_recipients_and_others_make_the_cluster_whatever_was_bought(in_b, in_a, won):
    b, a = make_pair(2)
    for number in range(2):
        b.awarded[number] = [(s, 0, FIRST + m, 0, 1.0, 3e7, 20.0, 5.0 * yuan, yuan) for s, m, yuan in won]
        for run, bought in ((b, in_b), (a, in_a)):
            run.bought[number] = [(s, 0, FIRST + m, yuan) for s, m, yuan in bought]
    for run, bought in ((b, in_b), (a, in_a)):
        for _, m, yuan in bought:
            if FIRST + m <= int(run.months[-1]):
                invest(run, FIRST + m, yuan)
    for one in build_additionality(pair(b, a)):
        parts = [one.parts[part] for part in PARTS]
        assert parts[0].each + parts[1].each == pytest.approx(parts[2].each, abs=1e-3)
        assert parts[0].per_yuan + parts[1].per_yuan == pytest.approx(parts[2].per_yuan, abs=1e-6)
        assert sum(extra.yuan for extra in one.by_size.values()) == pytest.approx(parts[0].yuan, rel=1e-6, abs=1e-3)


def test_nothing_granted_and_unpaired_tell_nothing():
    b, a = make_pair(RUNS)
    found = compare(b, a)
    assert found.additionality == ()
    assert additionality_records(found) == []
    b, a = granted()
    unpaired = compare(b, a, unpaired=True)
    assert unpaired.additionality == ()
    assert unpaired.displacement is None
    assert displacement_records(unpaired) == []


def test_pairs_without_grants_are_left_out_and_counted():
    b, a = granted()
    for number in range(0, RUNS, 2):
        b.awarded[number] = []
    first = compare(b, a).additionality[0]
    assert (first.runs, first.n) == (RUNS // 2, RUNS)
    assert f"; {RUNS // 2} of {RUNS} runs)" in additionality_lines([first], "en")[0]


def test_lines_and_files_say_the_same():
    found = compare(*granted())
    lines = additionality_lines(found.additionality, "en")
    assert lines[0].endswith(
        "a yuan granted moved over 3 years from the start of the fund: recipients +0.50, other firms of the place "
        "0.00, the place as a whole +0.50 yuan of equipment spending (median of the place +0.50 (+0.50 … +0.50))"
    )
    sizes = "below 20 million yuan +2.00 (1 firm), 100 million and more 0.00 (1 firm)"
    assert lines[1] == f"  recipients by yearly revenue: {sizes}"
    assert "自资金设立起5年" in additionality_lines(found.additionality, "zh")[2]
    records = {(row["years"], row["part"]): row for row in additionality_records(found)}
    assert records[5, "others"]["per_yuan"] == pytest.approx(-0.375)
    assert records[3, "recipients below_scale"]["granted_yuan"] == pytest.approx(10.0)
    assert records[3, "placebo"]["per_yuan"] == 0.0


# --- take-up ---


def test_take_up_is_told_by_policy_and_side():
    b, a = make_pair(RUNS)
    calls = np.zeros((RUNS, len(b.years), 1, len(TAKE_UP), 2))
    numbers = {"calls": 2, "eligible": 100, "no_project": 50, "too_small": 20, "no_own_money": 10, "applied": 20,
               "granted": 15, "not_chosen": 5, "paid": 14, "closed": 1}  # fmt: skip
    for outcome, number in numbers.items():
        calls[:, b.years == 2027, 0, TAKE_UP.index(outcome)] = number, 1e6 * number
    b.calls = calls
    found = compare(b, a)
    (row,) = found.take_up
    assert (row.side, row.policy, row.promised) == ("B", "fund", pytest.approx(60e6))
    assert row.at_a_call("no_project") == 25.0
    lines = take_up_lines(row, "en")
    assert lines[0] == (
        'take-up of "Upgrade fund": 60 million yuan promised, 20 million yuan applied for (20), 15 million yuan '
        "granted (15), 14 million yuan paid (14), 1 million yuan lapsed as the firm had closed (1)"
    )
    assert lines[1] == (
        "  at a call, of 50 eligible firms: 25 without a project it pays for, 10 with a project smaller than asked "
        "for, 5.0 with too little own money, 10 applied, of whom 2.5 were not chosen"
    )
    assert "自有资金不足5.0家" in take_up_lines(row, "zh")[1]
    outcomes = {record["outcome"]: record["number"] for record in take_up_records(found)}
    assert outcomes["granted"] == 15.0
    a.scenario, a.calls, a.amounts = make_scenario("a", policies=(make_policy(),)), calls, b.amounts
    assert [one.side for one in compare(b, a).take_up] == ["both"]


# --- displacement ---


def with_orders(places: tuple = ()) -> tuple[FakeRun, FakeRun]:
    """North wins 9 at home and 3 abroad in 2027; south loses 2 at home; the rest comes from elsewhere."""
    scenarios = {}
    if places:
        scenarios = {
            "scenario_a": make_scenario("a", places=places),
            "scenario_b": make_scenario("b", places=places, policies=(make_policy(where=("north",)),)),
        }
    b, a = make_pair(RUNS, **scenarios)
    at = month(2027, 6) - b.first_month
    b.outside = a.elsewhere().copy()
    for side, (name, won) in enumerate((("domestic_orders", 9.0), ("foreign_orders", 3.0))):
        values = b.values[name].copy()
        values[:, at, 0] += won
        lost = 2.0 if places and side == 0 else 0.0
        if places:
            values[:, at, 1] -= lost
        b.values[name] = values
        b.outside[:, at, 0, side] -= won - lost
    return b, a


def test_what_a_place_wins_others_lose_and_the_parts_add_up():
    found = compare(*with_orders(two_places())).displacement
    assert found is not None
    assert (found.places, found.others) == (("north",), True)
    means = {name: one.band.mean for name, one in found.orders.items()}
    expected = {"won": 12.0, "other_places": 2.0, "elsewhere_domestic": 7.0, "elsewhere_foreign": 3.0, "market": 0.0}
    assert means == pytest.approx(expected, abs=1e-3)
    sources = [one.each for name, one in found.orders.items() if name != "won"]
    assert np.sum(sources, axis=0) == pytest.approx(found.orders["won"].each, abs=1e-3)


def test_buyers_that_spend_more_are_a_part_of_their_own():
    b, a = with_orders()
    b.outside = b.outside + 1e6
    found = compare(b, a)
    market = found.displacement.orders["market"].band.mean
    assert market == pytest.approx(2e6 * 60, rel=1e-6)
    (line,) = displacement_lines(found.displacement, found.window_text, found.at, "en")
    assert "buyers that spend more +120" in line
    assert "other places" not in line


def test_output_of_recipients_and_of_other_makers_make_that_of_the_place():
    b, a = make_pair(RUNS)
    for number in range(RUNS):
        b.awarded[number] = [(1, 0, FIRST, 0, 1.0, 15e6, 9.0, 50.0, 10.0)]
        b.followed[number] = [(1, 0, 2027, 9.0, 5e6, 1), (2, 0, 2027, 9.0, 1e9, 0)]
        a.followed[number] = [(1, 0, 2027, 9.0, 3e6, 0)]
    found = compare(b, a)
    recipients, others, place = (found.displacement.output[name] for name in ("recipients", "others", "place"))
    assert recipients.band.mean == pytest.approx(2e6)
    assert recipients.each + others.each == pytest.approx(place.each)
    assert place.band.p50 == pytest.approx(found.row("output_value", "2026-2030").difference.p50)


OUTPUT, JOBS = ("output", "revenue"), ("workers", "workers")


def test_a_recipient_too_small_to_be_followed_in_the_baseline_counts_with_what_it_was_when_awarded():
    won = [np.array([(1, 0, FIRST, 0, 2.0, 4e6, 5.0, 50.0, 10.0)], dtype=AWARD), np.empty(0, AWARD)]
    b = np.array([(1, 0, year, 12.0, 10e6, 1) for year in (2026, 2027)], dtype=TRACKED)
    tracked = [b, np.empty(0, TRACKED)]
    assert recipients_gain(won, tracked, (2026, 2027), OUTPUT) == pytest.approx(20e6 - 2 * 8e6)
    assert recipients_gain(won, tracked, (2027, 2027), JOBS) == pytest.approx(12.0 - 10.0)
    assert recipients_gain(won[::-1], tracked[::-1], (2027, 2027), JOBS) == pytest.approx(10.0 - 12.0)


def test_jobs_of_recipients_by_hand():
    """Firm 1 gains 20; firm 2 closed in B and loses 12; firm 3, small in A, had 25 there; firm 4 got nothing."""
    won = [(s, 0, month(2028, 3), 0, 1.0, 3e6, 25.0, 5.0, 1.0) for s in (1, 2, 3)]
    b = [(1, 0, 2029, 50.0, 0.0, 1), (1, 0, 2030, 60.0, 0.0, 1), (2, 0, 2028, 9.0, 0.0, 1), (3, 0, 2030, 30.0, 0.0, 1),
         (4, 0, 2030, 99.0, 0.0, 0)]  # fmt: skip
    a = [(1, 0, 2030, 40.0, 0.0, 0), (2, 0, 2030, 12.0, 0.0, 0), (4, 0, 2030, 1000.0, 0.0, 0)]
    awards, tracked = [np.array(won, AWARD), np.empty(0, AWARD)], [np.array(b, TRACKED), np.array(a, TRACKED)]
    assert recipients_gain(awards, tracked, (2030, 2030), JOBS) == 20.0 - 12.0 + 5.0
    run_b, run_a = make_pair(30, jobs=100.0)
    for number in range(30):
        run_b.awarded[number], run_b.followed[number], run_a.followed[number] = won, b, a
    found = compare(run_b, run_a)
    means = [found.displacement.jobs[name].band.mean for name in ("recipients", "others", "place")]
    assert means == pytest.approx([13.0, 87.0, 100.0])
    line = "  jobs in 2030 at recipients +13, at other firms +87, in the place +100 (means)"
    assert line in displacement_lines(found.displacement, found.window_text, found.at, "en")


def test_purchases_of_firms_are_told_apart_by_slots_of_any_size():
    slots = [(block << 34) + number for block in (1, 1 << 27, (1 << 29) - 1) for number in (0, 5, 1 << 32)]
    bought = np.array([(slot, 0, FIRST, 2.0**k) for k, slot in enumerate(slots)], dtype=PURCHASE)
    for k, slot in enumerate(slots):
        assert spent_by(bought, np.array([slot]), FIRST, 1) == 2.0**k


# --- few runs that make a difference alone ---


def test_a_run_that_makes_the_mean_alone_is_found():
    values = np.linspace(0.9, 1.1, 24)
    assert carriers(values) == ()
    values[7] = 40.0
    assert part_ways(float(values.mean()), float(np.median(values)))
    assert carriers(values) == (7,)
    values[3] = 30.0
    assert carriers(values) == (7, 3)
    assert carriers(-values) == (7, 3)


@pytest.mark.parametrize("values", [np.zeros(24), np.linspace(-1.0, 1.2, 24), np.r_[np.ones(6), 50.0]])
def test_noise_about_zero_and_too_few_runs_carry_nothing(values):
    assert carriers(values) == ()


@given(st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=40))
def test_without_its_carriers_a_mean_agrees_with_the_median(values):
    each = np.array(values)
    few = carriers(each)
    assert len(few) <= max(each.size // 10, 1)
    if few:
        assert not part_ways(float(np.delete(each, few).mean()), float(np.median(each)))


def test_table_sentences_and_notes_say_who_carries_the_mean():
    from sim.report.comparison_table import comparison_text
    from sim.report.sentences import summary

    b, a = make_pair(RUNS, gain=0.001)
    b.values["output_value"] = b.values["output_value"].copy()
    b.values["output_value"][5, -1] += 5e9
    found = compare(b, a)
    assert found.carriers(found.row("output_value")) == (5,)
    said = "Replicate 5 of 24 alone makes the mean difference of output value: mean "
    ask = "(countysim explain b a --replicate 5 says what happened there)"
    for text in (comparison_text(found, "en"), summary(found, "en")):
        assert said in text
        assert ask in text
    assert "产值差值的均值由24次推演中的第5次单独造成：均值" in summary(found, "zh")
