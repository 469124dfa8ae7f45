"""Written scenarios load again to the same scenario; the hash holds what can change results and nothing else."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest

from sim.scenario.content_hash import plain, scenario_hash
from sim.scenario.loader import load
from sim.scenario.writing import text, write_resolved
from tests.scenario.written import CHANGE, FUND, head, write


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)


RICH = (
    r"""name_zh = "引号“\"”与\t制表\u007f"
[parameters]
investment.user_cost_elasticity = 1.25
"""
    + FUND.replace('payer = "county"', 'payer = { county = 0.1, province = 0.9 }\naccept = ["W10"]\nassumed = ["paid"]')
    + CHANGE
    + """booths = { low = 300, high = 400 }
booth_subsidy = { low = "30%", high = 0.7 }
[[change]]
id = "later"
policy = "fund"
from = "2027-03"
set = { allocation = { rule = "lottery" }, call_months = [1] }
[[stop]]
policy = "going-out"
from = "2027-01"
[[goal]]
id = "g"
variable = "output_value"
at_least = "0.3 billion yuan"
by = "2028-11"
source = "s"
[[goal]]
id = "h"
variable = "national_share"
at_least = "57.3%"
by = "2028-11"
source = "s"
place = "yongnian"
"""
)


@pytest.mark.parametrize("origins", [True, False])
@pytest.mark.parametrize(
    "reference", ["yongnian-2023", "yongnian-fair2x-fund200m", "yongnian-fair2x-fund200m:fund200m", "my"]
)
def test_load_of_written_is_the_same(reference: str, origins: bool) -> None:
    write(Path(), "my", head().replace('"A test"', '"A \\"test\\" # not a comment"') + RICH)
    loaded = load(reference, overrides=["policy.fair.booth_fee=12.3456789 yuan"])
    text = write_resolved(loaded, origins=origins)
    assert tomllib.loads(text)["schema"] == 1
    Path("resolved.toml").write_text(text, encoding="utf-8")
    again = load("resolved.toml")
    assert plain(again.scenario) == plain(loaded.scenario)
    assert scenario_hash(again.scenario) == scenario_hash(loaded.scenario)
    assert again.accepted == loaded.accepted
    assert write_resolved(load("resolved.toml"), origins=False) == write_resolved(loaded, origins=False)


def test_every_value_has_its_origin() -> None:
    text = write_resolved(load("yongnian-fair2x-fund200m", overrides=["world=low"]))
    assert "booths = 760   # scenarios/yongnian-fair2x-fund200m.toml:" in text
    assert 'world = "low"   # --set world=low' in text
    assert "plots = 400   # scenarios/yongnian-2023.toml:" in text


def test_hash_ignores_names_texts_and_replicates() -> None:
    scenario = load("yongnian-fair2x-fund200m").scenario
    named = dataclasses.replace(
        scenario, name="x", name_zh="y", id="z", question="?", replicates=3, goals=(), baseline=None
    )
    policies = tuple(
        dataclasses.replace(policy, name="p", source="q", assumed=()) for policy in reversed(scenario.policies)
    )
    assert scenario_hash(dataclasses.replace(named, policies=policies)) == scenario_hash(scenario)


@pytest.mark.parametrize(
    "override",
    [
        "run.seed=1",
        "run.firms_per_agent=20",
        "time.end=2029-12",
        "time.start=2023-02",
        "world=low",
        "policy.fair.booths=381",
        "policy.park.treatment.fee=18.0001 yuan/t",
        "policy.park.payer=province",
        "policy.going-out.end=2029-12",
        "parameters.investment.user_cost_elasticity=1.2",
    ],
)
def test_hash_sees_everything_that_can_change_results(override: str) -> None:
    plain = scenario_hash(load("yongnian-2023").scenario)
    assert scenario_hash(load("yongnian-2023", overrides=[override]).scenario) != plain


def test_hash_is_stable_over_loads_and_differs_over_variants() -> None:
    names = ["yongnian-2023", *(f"yongnian-fair2x-fund200m{tail}" for tail in ("", ":fair2x", ":fund200m"))]
    hashes = [scenario_hash(load(name).scenario) for name in names]
    assert len(set(hashes)) == 4
    assert hashes == [scenario_hash(load(name).scenario) for name in names]
    assert all(len(item) == 16 and int(item, 16) >= 0 for item in hashes)


def test_hash_sees_an_uncertain_value() -> None:
    hashes = set()
    for booths in ("350", "{ low = 350, high = 350 }", "{ low = 350, high = 351 }"):
        write(Path(), "my", head() + CHANGE + f"booths = {booths}\n")
        hashes.add(scenario_hash(load("my").scenario))
    assert len(hashes) == 3


def test_text_comes_back_and_steers_no_terminal() -> None:
    hostile = '标准件 "a" \\ \u001b[2J \u202eabc\u2066 \x7f \x9b31m \u200b \ufeff \U000e0041'
    assert text(hostile).isprintable()
    assert tomllib.loads(f"name = {text(hostile)}")["name"] == hostile
