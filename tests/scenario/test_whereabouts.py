"""Where policies act, and how that is written down, hashed and compared."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sim.compare.runs import first_change
from sim.scenario.content_hash import plain, scenario_hash
from sim.scenario.loader import load
from sim.scenario.writing import write_resolved
from sim.units import parse_month
from tests.scenario.written import FUND, head, policy_of, replaced, write

BATCH = """\
[[policy]]
id = "batch"
type = "designation"
name = "Batch"
start = "2026-01"
source = "hypothetical"
level = "province"
count = 1
select = "score"
"""
PLANTS = """\
[[policy]]
id = "plants"
type = "project"
name = "Plants"
start = "2026-01"
end = "2027-12"
source = "hypothetical"
where = "batch"
projects = 24
value = "300 million yuan"
build_months = { low = 12, high = 24 }
realised = { low = "30%", high = "80%" }
"""
STOP = '[[stop]]\npolicy = "plants"\nfrom = "2026-07"\n'


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)


def test_a_designation_is_resolved_with_the_places_it_may_come_to_mean() -> None:
    write(Path(), "my", head() + BATCH + PLANTS)
    plants = load("my").scenario.policies[-1]
    assert (plants.where, plants.where_designated) == (("yongnian",), "batch")
    assert (plants.end, plants.planned_end) == (parse_month("2027-12"),) * 2


def test_a_designation_may_itself_wait_for_one() -> None:
    second = BATCH.replace('"batch"', '"second"').replace('"province"\n', '"nation"\nwhere = "batch"\n')
    write(Path(), "my", head() + BATCH + second + replaced(PLANTS, 'where = "batch"', 'where = "second"'))
    assert load("my").scenario.policies[-1].where_designated == "second"


def test_a_stop_keeps_the_end_that_was_planned() -> None:
    write(Path(), "my", head() + BATCH + PLANTS + STOP)
    plants = load("my").scenario.policies[-1]
    assert (plants.end, plants.planned_end) == (parse_month("2026-06"), parse_month("2027-12"))


@pytest.mark.parametrize("text", [BATCH + PLANTS, BATCH + PLANTS + STOP])
def test_a_resolved_file_loads_to_the_same_scenario(text: str) -> None:
    write(Path(), "my", head() + text)
    loaded = load("my")
    written = write_resolved(loaded)
    assert 'where = "batch"' in written
    write(Path(), "again", replaced(written, 'id = "my"', 'id = "again"'))
    again = load("again").scenario
    assert plain(loaded.scenario) == plain(again)
    assert scenario_hash(loaded.scenario) == scenario_hash(again)


def test_what_changes_results_changes_the_hash() -> None:
    write(Path(), "my", head() + BATCH + replaced(FUND, 'payer = "county"', 'payer = "county"\nwhere = "batch"'))
    scenario = load("my").scenario
    fund = policy_of(scenario, "fund")
    others = [policy for policy in scenario.policies if policy.id != "fund"]
    for changed in ({"where_designated": None}, {"where_designated": "designated:province"}):
        other = dataclasses.replace(scenario, policies=(*others, dataclasses.replace(fund, **changed)))
        assert scenario_hash(other) != scenario_hash(scenario)


def test_comparisons_see_when_designated_places_or_planned_ends_differ() -> None:
    write(Path(), "my", head() + BATCH + PLANTS)
    scenario = load("my").scenario
    plants = scenario.policies[-1]

    def change(**fields: object) -> int | None:
        other = dataclasses.replace(plants, **fields)
        return first_change(dataclasses.replace(scenario, policies=(*scenario.policies[:-1], other)), scenario)

    assert change() is None
    assert change(where_designated=None) == parse_month("2026-01")
    assert change(end=parse_month("2028-12")) == parse_month("2026-01")
    assert change(end=parse_month("2026-06"), stopped=True, announced_end=plants.end) == parse_month("2026-07")
