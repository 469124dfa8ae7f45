"""Differences of two scenarios and the arithmetic ceiling."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario.ceiling import ceiling
from sim.scenario.loader import load
from sim.scenario.place_doubts import above_revenue
from sim.scenario.scenario_diff import diff
from sim.units import month_number
from tests.scenario.written import CHANGE, FUND, head, replaced, write

JANUARY_2026 = month_number(2026, 1)


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)


def test_the_example_of_the_design() -> None:
    a, b = load("yongnian-2023").scenario, load("yongnian-fair2x-fund200m").scenario
    found = diff(a, b)
    rows = {row.path: row for row in found.rows}
    assert [row.kind for row in found.rows] == ["change"] * 5 + ["add"]
    assert rows["policy.fair.domestic_buyers_invited"].before["en"] == "1,500"
    assert rows["policy.fair.domestic_buyers_invited"].after["en"] == "3,000"
    assert rows["policy.fair.organising_cost"].after == {"en": "16 million yuan/year", "zh": "1600万元/年"}
    assert rows["policy.fair.booths"].first == JANUARY_2026
    fund = rows["policy.upgrade-fund"]
    assert (fund.first, fund.last) == (JANUARY_2026, month_number(2028, 12))
    assert fund.after["zh"] == "专项资金，2亿元/年，20%，500万元"
    assert set(found.same) == {"time", "run", "world", "places", "park", "going-out"}
    assert found.identical_until == month_number(2025, 12)
    assert not found.nothing_changes


def test_nothing_differs_from_itself() -> None:
    a = load("yongnian-2023").scenario
    found = diff(a, a)
    assert found.rows == ()
    assert found.nothing_changes
    assert found.identical_until == a.time.end


def test_a_change_after_the_end_changes_nothing() -> None:
    write(Path(), "my", head() + replaced(CHANGE, "2026-01", "2031-01") + "booths = 500\n")
    found = diff(load("yongnian-2023").scenario, load("my").scenario)
    assert found.nothing_changes
    assert found.first_month == month_number(2031, 1)


def test_a_shorter_run_is_the_same_until_its_end() -> None:
    a = load("yongnian-2023").scenario
    found = diff(a, load("yongnian-2023", overrides=["time.end=2027-12", "run.replicates=3"]).scenario)
    assert found.nothing_changes
    assert found.identical_until == month_number(2027, 12)


def test_another_seed_or_world_differs_from_the_first_month() -> None:
    a = load("yongnian-2023").scenario
    for override in ("run.seed=2", "world=low", "parameters.investment.user_cost_elasticity=1.2"):
        found = diff(a, load("yongnian-2023", overrides=[override]).scenario)
        assert found.first_month == a.time.start
        assert found.identical_until is None


def test_a_change_that_is_taken_back_has_an_end() -> None:
    back = replaced(replaced(CHANGE, "2026-01", "2028-01"), '"more"', '"back"')
    write(Path(), "my", head() + CHANGE + "booths = 500\n" + back + "booths = 380\n")
    (row,) = diff(load("yongnian-2023").scenario, load("my").scenario).rows
    assert (row.first, row.last) == (JANUARY_2026, month_number(2027, 12))


def test_stop_and_drop() -> None:
    write(Path(), "my", head() + '[[stop]]\npolicy = "going-out"\nfrom = "2027-01"\n')
    (row,) = diff(load("yongnian-2023").scenario, load("my").scenario).rows
    assert (row.kind, row.path, row.first) == ("stop", "policy.going-out.end", month_number(2027, 1))
    write(Path(), "other", head("other", "counterfactual") + '[[stop]]\npolicy = "park"\nfrom = "2017-06"\n')
    (row,) = diff(load("yongnian-2023").scenario, load("other").scenario).rows
    assert (row.kind, row.path) == ("drop", "policy.park")


# --- ceiling -------------------------------------------------------------------------------------------------


def test_ceiling_from_reported_figures() -> None:
    a, b = load("yongnian-2023").scenario, load("yongnian-fair2x-fund200m").scenario
    found = ceiling(b, a)
    assert found.grants == 6e8
    assert found.orders == 1.9e8
    assert (found.year, found.output) == (2024, 4.2e10)
    text = found.text("en")
    assert "at most 600 million yuan of grants; at most +190 million yuan/year of intended orders" in text
    assert "if buyers behave as in 2024 (0.45% of reported output)" in text
    assert "补助最多6亿元" in found.text("zh")


def test_ceiling_of_a_baseline_says_nothing() -> None:
    a = load("yongnian-2023").scenario
    assert ceiling(a, a).text() == ""


def test_ceiling_counts_calendar_years_and_the_larger_budget() -> None:
    text = head() + replaced(replaced(FUND, '"2026-01"', '"2026-07"'), '"2028-12"', '"2027-06"')
    change = '[[change]]\nid = "c"\npolicy = "fund"\nfrom = "2027-03"\nset = { annual_budget = "300 million yuan" }\n'
    write(Path(), "my", text + change)
    a = load("yongnian-2023").scenario
    assert ceiling(load("my").scenario, a).grants == 5e8
    assert ceiling(load("my", overrides=["time.end=2026-12"]).scenario, a).grants == 2e8


def test_ceiling_of_more_booths_alone_adds_no_orders() -> None:
    write(Path(), "my", head() + CHANGE + "booths = 1000\n")
    assert ceiling(load("my").scenario, load("yongnian-2023").scenario).orders is None


# --- who can apply -------------------------------------------------------------------------------------------


def test_expected_firms_above_a_revenue() -> None:
    place = load("yongnian-2023").scenario.places[0]
    assert above_revenue(place, 0.0) == 18000
    assert above_revenue(place, 2e7) == pytest.approx(200)
    assert above_revenue(place, 2e8) == pytest.approx(200 * 10**-1.2)
    assert above_revenue(place, 5e10) == 0.0
    counts = [above_revenue(place, revenue) for revenue in (0.0, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11)]
    assert counts == sorted(counts, reverse=True)
