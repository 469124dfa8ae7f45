"""``countysim dose``: what is printed and written, what is reused, and mistakes with exit code 2."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.cli import main as program
from sim.observables import INDEX, OBSERVABLES
from sim.scenario.resolved import Scenario
from sim.state.record import (
    AWARD,
    MONEY_STAGES,
    PAYERS,
    PURCHASE,
    SIZE_CLASS_BOUNDS_YUAN,
    SIZE_CLASS_MEASURES,
    TAKE_UP,
    TRACKED,
)  # fmt: skip
from sim.state.record import ReplicateRecord as Record
from tests.experiments.toys import Apart

SCENARIO, POLICY = "yongnian-fair2x-fund200m", "upgrade-fund"
SHORT = ("--set", "time.end=2027-12", "--jobs", "1", "--lang", "en")
SEEN: list[float] = []
"""Budgets that were simulated."""


def blank(scenario: Scenario, digest: str) -> Record:
    """A record in which nothing happens."""
    months, places, policies = scenario.time.months, len(scenario.places), len(scenario.policies)
    years = scenario.time.end // 12 - scenario.time.start // 12 + 1
    return Record(
        first_month=scenario.time.start,
        first_year=scenario.time.start // 12,
        monthly=np.zeros((months, places, len(OBSERVABLES))),
        size_classes=np.zeros((years, places, len(SIZE_CLASS_BOUNDS_YUAN) + 1, len(SIZE_CLASS_MEASURES))),
        purchases=np.empty(0, PURCHASE),
        awards=np.empty(0, AWARD),
        take_up=np.zeros((years, policies, len(TAKE_UP), 2)),
        elsewhere=np.zeros((months, 1, 2)),
        tracked=np.empty(0, TRACKED),
        money=np.zeros((months, policies, len(PAYERS), len(MONEY_STAGES))),
        digest=digest,
    )


def simulate(scenario: Scenario, parameters: Any, seed: int, **_: Any) -> Record:
    """A model that costs nothing: a yuan of budget adds half a yuan of output in the same month."""
    fund = next(policy for policy in scenario.policies if policy.id == POLICY)
    budget = float(fund.versions[0][1].annual_budget)  # type: ignore[attr-defined]
    SEEN.append(budget)
    found = blank(scenario, f"{seed:x}-{budget:g}")
    later = (np.arange(scenario.time.start, scenario.time.end + 1) >= fund.start).astype(float)
    found.monthly[:, 0, INDEX["output_value"]] = 3.5e9 + (seed % 7) + budget / 24.0 * later
    found.monthly[:, 0, INDEX["fund_granted"]] = budget / 12.0 * later
    found.money[:, scenario.policies.index(fund), 0, MONEY_STAGES.index("paid")] = budget / 12.0 * later
    return found


@pytest.fixture
def dose(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return the command with the toy model."""
    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(simulate))
    SEEN.clear()
    return partial(call, "dose")


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and "compare" in path.parts)


def test_table_picture_and_data(dose: Callable[..., Any], tmp_path: Path) -> None:
    code, out, _ = dose(SCENARIO, POLICY, "-n", 2, "--times", "0,0.5,1,2", *SHORT)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith(f"{SCENARIO}  ")
    assert "annual budget multiplied, each dose against zero" in lines[1]
    assert written(tmp_path) == ["dose-upgrade-fund.csv", "dose-upgrade-fund.png", "dose-upgrade-fund.svg"]
    (data,) = tmp_path.rglob("dose-upgrade-fund.csv")
    assert lines[-1].endswith(f"{data.parent.name}/")
    text = data.read_text(encoding="utf-8").splitlines()
    rows = [row for row in csv.DictReader(text) if row["series"] == "dose"]
    assert [float(row["times"]) for row in rows] == [0.0, 0.5, 1.0, 2.0]
    assert [float(row["diff_p50"]) for row in rows] == pytest.approx([0.0, 50e6, 100e6, 200e6])
    assert [float(row["money_p50"]) for row in rows] == pytest.approx([0.0, 200e6, 400e6, 800e6])
    assert float(rows[2]["per_million_p50"]) == pytest.approx(0.5e6)
    assert float(rows[2]["share_of_ceiling"]) == pytest.approx(1.0)
    assert rows[0]["year"] == "2027"


def test_in_chinese(dose: Callable[..., Any], tmp_path: Path) -> None:
    code, out, _ = dose(SCENARIO, POLICY, "-n", 2, "--times", "1", "--lang", "zh", *SHORT[:4])
    assert code == 0
    assert "各档均与零档逐对比较" in out
    assert "2亿元/年" in out
    assert "dose-upgrade-fund.zh.svg" in written(tmp_path)
    (picture,) = tmp_path.rglob("*.zh.svg")
    assert "财政" in picture.read_text(encoding="utf-8")


def test_finished_runs_are_reused_and_more_added(dose: Callable[..., Any]) -> None:
    assert dose(SCENARIO, POLICY, "-n", 2, "--times", "1", *SHORT)[0] == 0
    assert SEEN == [0.0, 200e6, 0.0, 200e6]
    SEEN.clear()
    code, _, err = dose(SCENARIO, POLICY, "-n", 3, "--times", "1,2", *SHORT)
    assert code == 0
    assert SEEN == [400e6, 400e6, 0.0, 200e6, 400e6]
    assert "3 doses: 0, 1, 2 times upgrade-fund" in err
    assert "3 replicates: 2 reused, 1 to do" in err


def test_dose_one_is_the_run_of_the_scenario_itself(dose: Callable[..., Any], tmp_path: Path) -> None:
    assert dose(SCENARIO, POLICY, "-n", 1, "--times", "1", *SHORT)[0] == 0
    SEEN.clear()
    with pytest.raises(SystemExit) as ended:
        program.main(["run", SCENARIO, "-n", "1", *SHORT[:4]])
    assert not ended.value.code
    assert SEEN == []


def test_another_variable_year_field_and_folder(dose: Callable[..., Any], tmp_path: Path) -> None:
    code, out, _ = dose(
        SCENARIO, POLICY, "-n", 1, "--times", "1，2", "--field", "cap_per_firm", "--on", "财政支出", "--at", "2026",
        "--out", "elsewhere", *SHORT,
    )  # fmt: skip
    assert code == 0
    assert "public money paid" in out
    assert "10 million yuan" in out
    assert "the rest of the policy stays in force" in out
    folder = next((tmp_path / "elsewhere" / "compare").iterdir())
    assert folder.name.startswith(f"{SCENARIO}--dose-{POLICY}--public_money_paid-2026--")
    assert not (tmp_path / "results").exists()


def test_a_failed_replicate_is_told_and_left_out(
    dose: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def sometimes(scenario: Scenario, parameters: Any, seed: int, **more: Any) -> Record:
        record = simulate(scenario, parameters, seed, **more)
        if len(SEEN) == 4:
            raise ArithmeticError("negative stock of orders")
        return record

    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(sometimes))
    code, out, err = dose(SCENARIO, POLICY, "-n", 2, "--times", "1", *SHORT)
    assert code == 1
    assert "1 paired replicates" in out
    assert "dose 1: replicate 1 failed" in err
    assert "negative stock of orders" in err
    assert len(written(tmp_path)) == 3


def test_stopping_says_how_to_go_on(dose: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*arguments: Any, **more: Any) -> Record:
        if len(SEEN) == 3:
            raise KeyboardInterrupt
        return simulate(*arguments, **more)

    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(stopped))
    code, _, err = dose(SCENARIO, POLICY, "-n", 2, "--times", "1", *SHORT)
    assert code == 130
    assert "run the same command to continue" in err
    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(simulate))
    SEEN.clear()
    assert dose(SCENARIO, POLICY, "-n", 2, "--times", "1", *SHORT)[0] == 0
    assert SEEN == [200e6]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            (SCENARIO, "nothing"),
            "it has:\n     going-out  (exhibition 境外参展)\n     fair  (fair 展会)\n     upgrade-fund",
        ),
        ((SCENARIO, "upgrade-fond"), 'did you mean "upgrade-fund"?'),
        ((SCENARIO, POLICY, "--field", "call_months"), "fields: annual_budget, grant_share, cap_per_firm"),
        ((SCENARIO, POLICY, "--times", "one"), '--times "one": write numbers with commas between them'),
        ((SCENARIO, POLICY, "--times", "-1"), "a dose is a number of at least 0"),
        ((SCENARIO, POLICY, "--times", "inf"), "a dose is a number of at least 0"),
        ((SCENARIO, POLICY, "--times", ""), "names no dose besides 0"),
        ((SCENARIO, POLICY, "--on", "ouput_value"), "did you mean output_value"),
        ((SCENARIO, POLICY, "-n", "0"), "-n 0"),
        ((SCENARIO, POLICY, "--scale", "0"), "--scale 0"),
        ((SCENARIO, POLICY, "--set", "policy.upgrade-fund.annual_budget=200"), "annual_budget"),
        (("yongnian-nowhere", POLICY), "yongnian-nowhere"),
        (("yongnian-platform", "platform", "--times", "2"), "all 6 of services are there at 1"),
        ((SCENARIO, POLICY, "--lang", "fr"), "fr"),
    ],
)
def test_mistakes_end_with_two_before_anything_is_run(
    dose: Callable[..., Any], words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    code, _, err = dose(*words)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert SEEN == []
    assert not (tmp_path / "results").exists()


def test_a_year_that_is_not_simulated_is_told_before_anything_is_run(dose: Callable[..., Any], tmp_path: Path) -> None:
    code, _, err = dose(SCENARIO, POLICY, "-n", 1, "--times", "1", "--at", "2031", *SHORT)
    assert code == 2
    assert "2031" in err
    assert SEEN == []
    code, _, err = dose(SCENARIO, POLICY, "-n", 1, "--times", "1", "--at", "2025", *SHORT)
    assert code == 2
    assert 'policy "upgrade-fund" begins in 2026, after the year 2025' in err
    assert SEEN == []
