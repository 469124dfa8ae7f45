"""``countysim why``: what is run, printed and written, what is reused, and mistakes with exit code 2."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.cli import main as program
from sim.experiments.parameter_draws import ParameterDraws
from sim.observables import INDEX
from sim.scenario.resolved import Scenario
from tests.cli.test_dose import blank
from tests.experiments.toys import Apart

B, A = "yongnian-fair2x-fund200m", "yongnian-2023"
SHORT = ("-n", "2", "--set", "time.end=2027-12", "--jobs", "1", "--lang", "en")
DOUBLED = 2026 * 12
"""Month in which the fair is twice as large."""
SEEN: list[str] = []


def simulate(scenario: Scenario, parameters: Any, seed: int, **_: Any) -> Any:
    """Contacts of a fair of twice the size bring 20 million a month, machines of a fund 5, of which wages take 2."""
    SEEN.append(scenario.id)
    closed = () if scenario.closed is None else scenario.closed.channels
    policies = {policy.id: policy for policy in scenario.policies}
    gain = 0.0
    if DOUBLED in [month for month, _ in policies["fair"].versions] and "contacts" not in closed:
        gain += 20e6
    if "upgrade-fund" in policies and "capacity" not in closed:
        gain += 5e6 if "reactions" in closed else 3e6
    found = blank(scenario, f"{seed:x}-{gain:g}")
    months = np.arange(scenario.time.start, scenario.time.end + 1)
    found.monthly[:, 0, INDEX["output_value"]] = 3.5e9 + seed % 7 + gain * (months >= 2026 * 12)
    return found


@pytest.fixture
def call(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return the command with the toy model."""
    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(simulate))
    monkeypatch.setattr("sim.experiments.parameter_draws.fitted_draws", lambda loaded: ParameterDraws())
    SEEN.clear()
    return partial(call, "why")


def test_parts_by_channel_and_policy(call: Callable[..., Any], tmp_path: Path) -> None:
    code, out, err = call(B, A, "--csv", *SHORT)
    assert code == 0
    assert "11 runs" in err
    rows = {(row["split"], row["part"]): float(row["mean"]) / 12e6 for row in csv.DictReader(out.splitlines())}
    assert rows["total", "total"] == pytest.approx(23.0)
    found = {part: mean for (split, part), mean in rows.items() if split == "channel"}
    expected = {"capacity": 3, "technique": 0, "information": 0, "contacts": 20, "reactions": -2, "rest": 2}
    assert found == pytest.approx(expected)
    assert rows["policy", "fair"] == pytest.approx(20.0)
    assert rows["policy", "upgrade-fund"] == pytest.approx(3.0)
    assert len(SEEN) == 22
    folders = {path.name for path in (tmp_path / "results" / "runs").iterdir()}
    assert {A, B, f"{B}--without-contacts", f"{A}--without-contacts", f"{B}--only-fair"} <= folders


def test_finished_runs_are_reused_and_those_of_run_too(call: Callable[..., Any]) -> None:
    assert call(B, A, "--channels", "contacts", "--no-policies", *SHORT)[0] == 0
    assert len(SEEN) == 8
    SEEN.clear()
    assert call(B, A, "--channels", "contacts,capacity", "--no-policies", "--json", *SHORT)[0] == 0
    assert len(SEEN) == 2
    SEEN.clear()
    with pytest.raises(SystemExit) as ended:
        program.main(["run", A, B, *SHORT[:-2]])
    assert not ended.value.code
    assert SEEN == []


def test_table_picture_and_chinese(call: Callable[..., Any], tmp_path: Path) -> None:
    code, out, _ = call(B, A, "--channels", "contacts", *SHORT)
    assert code == 0
    assert f"B {B} against A {A}, 2 paired replicates" in out
    assert "contacts with buyers, renown" in out
    (picture,) = tmp_path.rglob("why.svg")
    assert "contacts" in picture.read_text(encoding="utf-8").lower()
    assert picture.with_suffix(".csv").is_file()
    code, out, _ = call(B, A, "--channels", "contacts", *SHORT[:-1], "zh")
    assert code == 0
    assert "按政策" in out
    assert picture.with_name("why.zh.svg").is_file()


def test_json_holds_every_pair(call: Callable[..., Any]) -> None:
    code, out, _ = call(B, A, "--channels", "none", "--json", *SHORT)
    assert code == 0
    record = json.loads(out)
    assert record["channels"] == []
    assert record["pairs"]["total"] == pytest.approx([276e6, 276e6])


def test_cost_runs_nothing(call: Callable[..., Any], tmp_path: Path) -> None:
    code, out, _ = call(B, A, "--cost", *SHORT)
    assert code == 0
    assert "12 simulated worlds for each of 2 replicates" in out
    assert SEEN == []
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((A, A), "have the same policies"),
        ((A, "anping-2023"), "differ before their first month"),
        ((B, A, "--channels", "contact"), "did you mean contacts"),
        ((B, A, "--json", "--csv"), "--json and --csv exclude each other"),
        ((B, A, "--orders", "0"), "--orders 0: 1 to 50"),
        ((B, A, "--on", "outputs"), "outputs"),
        ((B, "nowhere"), "nowhere"),
        ((B, A, "--at", "1999"), "1999 is not simulated"),
    ],
)
def test_mistakes(call: Callable[..., Any], words: tuple[str, ...], message: str) -> None:
    code, _, err = call(*words, "--lang", "en")
    assert code == 2
    assert SEEN == []
    assert message in err
    assert "Traceback" not in err
