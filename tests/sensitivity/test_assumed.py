"""Assumed values: which numbers they are, and terms in which they are larger or smaller in both scenarios alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.inputs.quantities import Quantity
from sim.scenario.loader import load
from sim.scenario.realise import uncertain_paths
from sim.scenario.resolved import Scenario
from sim.sensitivity.assumed import Assumed, assumed_of, kind_at, multiple, scaled, written_in
from sim.units import month_number

ROOT = Path(__file__).resolve().parents[2]
SCENARIO, BASELINE = "yongnian-fair2x-fund200m", "yongnian-2023"
CHANGED = month_number(2026, 1)


def terms(scenario: Scenario, policy: str, month: int) -> Any:
    return next(item for item in scenario.policies if item.id == policy).terms_at(month)


def larger(reference: str, factors: dict[tuple[str, str], float], *overrides: str) -> Scenario:
    scenario = load(reference, overrides=overrides).scenario
    return scaled(scenario, factors, written_in(reference, overrides, scenario))


def test_numbers_listed_as_assumed_and_no_others() -> None:
    found = {item.path for item in assumed_of([load(BASELINE).scenario])}
    assert {"policy.fair.booths", "policy.fair.booth_subsidy", "policy.park.treatment.capacity"} <= found
    assert "policy.fair.countries" not in found  # published
    assert not {name for name in found if "start" in name or "weights" in name or "admission" in name}
    assert Assumed("fair", "booths", 380.0, "count") in assumed_of([load(BASELINE).scenario])


def test_each_is_one_input_of_both_scenarios() -> None:
    both = assumed_of([load(BASELINE).scenario, load(SCENARIO).scenario])
    assert [item.path for item in both] == [item.path for item in assumed_of([load(BASELINE).scenario])]


@pytest.mark.parametrize("factor", [1 / 1.5, 1.0, 1.4])
def test_a_change_times_two_still_doubles(factor: float) -> None:
    factors = {("fair", "booths"): factor, ("fair", "organising_cost"): factor}
    a, b = (larger(reference, factors) for reference in (BASELINE, SCENARIO))
    before, after = (terms(b, "fair", month) for month in (CHANGED - 1, CHANGED))
    assert before == terms(a, "fair", CHANGED) == terms(a, "fair", CHANGED - 1)
    assert before.booths == round(380 * factor)
    assert after.booths == 2 * before.booths
    assert after.organising_cost == pytest.approx(2.0 * 8e6 * factor)


def test_a_value_that_a_change_writes_out_stays(tmp_path: Path) -> None:
    text = (ROOT / "scenarios" / f"{SCENARIO}.toml").read_text(encoding="utf-8")
    text = text.replace("booths                  = { times = 2 }", "booths = 500\n  booth_fee = { plus = '1000 yuan' }")
    path = tmp_path / f"{SCENARIO}.toml"
    path.write_text(text, encoding="utf-8")
    b = larger(str(path), {("fair", "booths"): 1.5, ("fair", "booth_fee"): 1.5})
    assert (terms(b, "fair", CHANGED - 1).booths, terms(b, "fair", CHANGED).booths) == (570, 500)
    assert (terms(b, "fair", CHANGED - 1).booth_fee, terms(b, "fair", CHANGED).booth_fee) == (9000.0, 10000.0)


def test_plots_and_their_phases_move_together() -> None:
    park = terms(larger(BASELINE, {("park", "plots"): 1.37}), "park", CHANGED)
    assert park.plots == 548
    assert sum(phase.plots for phase in park.phases) == 548
    assert park.phases[0].plots == pytest.approx(548 * 150 / 400, abs=1)


def test_a_share_stays_a_share() -> None:
    share = Quantity("share")
    assert multiple(0.9, 1.5, share) == pytest.approx(13.5 / 14.5)
    assert multiple(0.5, 1 / 1.5, share) == pytest.approx(0.4)
    assert multiple(1e-3, 1.5, share) == pytest.approx(1.5e-3, rel=1e-3)
    park = terms(larger(BASELINE, {("park", "treatment.removes"): 1.5}), "park", CHANGED)
    assert 0.9 < park.treatment.removes < 1.0


def test_whole_numbers_stay_whole_and_one_never_becomes_none() -> None:
    sent = terms(larger(BASELINE, {("going-out", "countries"): 1 / 1.5}), "going-out", CHANGED).countries
    assert (sent, type(sent)) == (4, int)
    once = larger(BASELINE, {("going-out", "countries"): 1 / 3}, "policy.going-out.countries=1")
    assert terms(once, "going-out", CHANGED).countries == 1


def test_a_range_is_left_to_its_position() -> None:
    given = "policy.fair.booths={ low = 300, high = 400 }"
    assert "policy.fair.booths" not in {item.path for item in assumed_of([load(BASELINE, overrides=[given]).scenario])}
    fair = terms(larger(BASELINE, {("fair", "booths"): 1.5}, given), "fair", CHANGED)
    assert (fair.booths.low, fair.booths.high) == (300, 400)


def test_zero_and_the_whole_cannot_be_larger() -> None:
    for given in ("policy.fair.booth_subsidy=0%", "policy.fair.booth_subsidy=100%"):
        found = assumed_of([load(BASELINE, overrides=[given]).scenario])
        assert "policy.fair.booth_subsidy" not in {item.path for item in found}


def test_a_list_of_parts_alone_is_left_as_it_is(tmp_path: Path) -> None:
    text = (ROOT / "scenarios" / f"{BASELINE}.toml").read_text(encoding="utf-8")
    path = tmp_path / f"{BASELINE}.toml"
    path.write_text(text.replace('"plots", "phases", ', '"plots", '), encoding="utf-8")
    assert "policy.park.plots" not in {item.path for item in assumed_of([load(str(path)).scenario])}


@pytest.mark.parametrize("reference", sorted(path.stem for path in (ROOT / "scenarios").glob("*.toml")))
def test_every_scenario_can_have_its_assumed_values_larger_and_smaller(reference: str) -> None:
    scenario = load(reference).scenario
    found = assumed_of([scenario])
    changes = written_in(reference, (), scenario)
    for factor in (1 / 1.5, 1.5):
        other = scaled(scenario, {(item.policy, item.field): factor for item in found}, changes)
        values = {item.path: item.value for item in assumed_of([other])}
        for item in found:
            if item.kind not in ("count", "months"):
                assert (values[item.path] > item.value) == (factor > 1.0), item.path
    assert scaled(scenario, {}, changes) == scenario


def test_where_a_range_of_a_policy_lies() -> None:
    scenario = load("guanxian-2023").scenario
    path = next(
        f"policy.{policy.id}.realised" for policy in scenario.policies if hasattr(policy.versions[0][1], "realised")
    )
    found = uncertain_paths(scenario)[path]
    assert found is None or found.low < found.high
    assert "policy.nothing.realised" not in uncertain_paths(scenario)
    given = load(BASELINE, overrides=["policy.fair.booths={ low = 300, high = 400 }"]).scenario
    inside = uncertain_paths(given)["policy.fair.booths"]
    assert inside is not None
    assert (inside.low, inside.high) == (300, 400)
    assert kind_at(given, "policy.fair.booths") == "count"
    assert kind_at(given, "policy.none.booths") == ""
