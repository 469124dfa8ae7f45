"""Uncertain values: drawn once for each path and replicate, the same in paired scenarios."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from sim.scenario.loader import load
from sim.scenario.realise import drawn, realise, uncertain_paths
from sim.scenario.resolved import Scenario
from sim.units import Uncertain, month_number
from tests.scenario.written import CHANGE, head, policy_of, replaced, write


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        "a",
        head("a")
        + CHANGE
        + 'booths = { low = 300, high = 400 }\nbooth_fee = { low = "4000 yuan", high = "9000 yuan" }\n',
    )
    later = replaced(replaced(CHANGE, "2026-01", "2028-01"), "more", "twice") + "booths = { times = 2 }\n"
    write(tmp_path, "b", replaced(head("b"), "yongnian-2023", "a") + later)


def fair(scenario: Scenario, year: int) -> Any:
    """Return the terms of the fair in a January."""
    return policy_of(scenario, "fair").terms_at(month_number(year, 1))


def test_a_realised_scenario_has_no_range_left() -> None:
    scenario = load("a").scenario
    assert uncertain_paths(scenario)
    for replicate in range(20):
        done = realise(scenario, replicate)
        assert not uncertain_paths(done)
        terms = fair(done, 2026)
        assert 300 <= terms.booths <= 400
        assert isinstance(terms.booths, int)
        assert 4000 < terms.booth_fee < 9000
        assert type(terms) is type(fair(scenario, 2026))


def test_paired_scenarios_share_draws_and_versions_move_together() -> None:
    a, b = load("a").scenario, load("b").scenario
    for replicate in range(20):
        one, two = realise(a, replicate), realise(b, replicate)
        assert fair(one, 2026) == fair(two, 2026)
        assert abs(fair(two, 2028).booths - 2 * fair(two, 2026).booths) <= 2
        assert fair(two, 2028).booth_fee == fair(two, 2026).booth_fee


def test_replicates_and_seeds_differ_and_draws_repeat() -> None:
    scenario = load("a").scenario
    fees = [fair(realise(scenario, replicate), 2026).booth_fee for replicate in range(50)]
    assert len(set(fees)) == 50
    assert fees == [fair(realise(scenario, replicate), 2026).booth_fee for replicate in range(50)]
    other = dataclasses.replace(scenario, seed=0)
    assert fair(realise(other, 0), 2026).booth_fee not in fees
    assert 6000 < sum(fees) / 50 < 7000


def test_whole_numbers_have_equal_chances() -> None:
    values = [drawn(Uncertain(1, 4), (step + 0.5) / 400) for step in range(400)]
    assert {value: values.count(value) for value in set(values)} == {1: 100, 2: 100, 3: 100, 4: 100}
    assert drawn(Uncertain(0.0, 4.0), 0.25) == 1.0
    assert drawn(Uncertain(5, 5), 0.999999) == 5


def test_a_scenario_without_ranges_is_returned_as_it_is() -> None:
    scenario = load("yongnian-2023").scenario
    assert realise(scenario, 3) is scenario


def test_ranges_of_a_place_are_drawn_and_its_tiers_still_add_up() -> None:
    scenario = load("yongnian-2023").scenario
    start = scenario.places[0].start.model_copy(
        update={
            "wage": Uncertain(40000.0, 50000.0),
            "maker_share": Uncertain(0.5, 0.7),
            "trader_share": Uncertain(0.1, 0.3),
        }
    )
    place = dataclasses.replace(scenario.places[0], start=start)
    done = realise(dataclasses.replace(scenario, places=(place,)), 7).places[0].start
    assert 40000 < done.wage < 50000
    assert done.maker_share + done.supplier_share + done.trader_share == pytest.approx(1.0, abs=1e-12)
    assert done.supplier_share == start.supplier_share


# --- worlds in turn ------------------------------------------------------------------------------------------------


def with_worlds(identifier: str, worlds: str, *overrides: str) -> Scenario:
    text = head(identifier).replace('extends = "yongnian-2023"', f'extends = "yongnian-2023"\nworld = {worlds}')
    write(Path(), identifier, text)
    return load(identifier, overrides=overrides).scenario


def test_replicates_meet_worlds_in_turn_the_same_in_every_scenario() -> None:
    scenario = with_worlds("w", '["low", "central", "high"]')
    assert (scenario.world.id, scenario.world_id) == ("central", "low, central, high")
    for number, name in enumerate(["low", "central", "high", "low"]):
        met = realise(scenario, number)
        assert (met.world.id, met.worlds) == (name, ())


def test_a_command_may_keep_one_world() -> None:
    scenario = with_worlds("w", '["low", "central", "high"]', "world=high")
    assert (scenario.world.id, scenario.worlds) == ("high", ())
    assert realise(scenario, 0).world.id == "high"


def test_scenarios_with_one_world_keep_their_hash_and_those_with_several_have_another() -> None:
    from sim.scenario.content_hash import world_hash
    from sim.scenario.parting import share_past

    one, listed, several = (with_worlds(*each) for each in (("o", '"low"'), ("l", '["low"]'), ("s", '["low", "high"]')))
    assert world_hash(one) == world_hash(listed) != world_hash(several)
    assert share_past(one, listed)
    assert not share_past(one, several)


@pytest.mark.parametrize(
    ("worlds", "words"),
    [('["low", "low"]', "stands twice"), ('["low", "hihg"]', "high"), ("[]", "world"), ("[1]", "world")],
)
def test_what_is_wrong_with_a_list_of_worlds_is_told(worlds: str, words: str) -> None:
    from sim.inputs.problems import InputErrors

    with pytest.raises(InputErrors, match=words):
        with_worlds("w", worlds)


def test_worlds_are_written_as_they_are_read() -> None:
    from sim.scenario.writing import write_resolved

    with_worlds("w", '["low", "high"]')
    assert 'world = ["low", "high"]' in " ".join(write_resolved(load("w")).split())
