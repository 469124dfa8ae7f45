"""``countysim compare``: reads runs, prints, writes; runs nothing; mistakes end with exit code 2."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import sim.experiments
from sim.cli.main import app
from sim.errors import UserError
from sim.experiments.find import NoRunError
from sim.state.record import MONEY_STAGES
from tests.compare.doses import fair_terms
from tests.compare.fake_run import make_pair, make_policy, make_scenario, month

HELD_IN_OCTOBER = ((month(2026, 1), fair_terms(1.0)),)
FAIR, FUND = make_policy("fair", type="fair", versions=HELD_IN_OCTOBER), make_policy("fund")


@pytest.fixture
def runs(monkeypatch):
    """Runs that can be found: a, b, and the family x, x:fair, x:fund."""
    found = {}
    b, found["a"] = make_pair(60)
    found["b"] = b
    for name, policies, jobs in (("x:fair", (FAIR,), 3.0), ("x:fund", (FUND,), 8.0), ("x", (FAIR, FUND), 11.0)):
        found[name], _ = make_pair(60, jobs=jobs, scenario_b=make_scenario(name, policies=policies))
    asked = []

    def find_run(reference, out=None, *, firms_per_agent=None, seed=None, draws=None):
        asked.append((reference, firms_per_agent, seed, draws))
        run = found.get(reference)
        if run is None or firms_per_agent not in (None, run.scenario.firms_per_agent):
            raise UserError(f"no run of {reference} yet: countysim run {reference}")
        return run

    monkeypatch.setattr(sim.experiments, "find_run", find_run)
    found["asked"] = asked
    return found


def call(tmp_path, *words: str):
    return CliRunner().invoke(app, ["compare", *words, "--out", str(tmp_path)])


def test_compare_prints_and_writes(runs, tmp_path):
    result = call(tmp_path, "b", "a")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("B  b  Scenario B\nA  a  Scenario A\n60 paired replicates")
    folder = tmp_path / "compare" / "b--vs--a--01234567-fedcba98"
    assert sorted(path.name for path in folder.iterdir()) == [
        "additionality.csv", "additionality.zh.csv", "compare.csv", "compare.xlsx", "compare.zh.csv",
        "displacement.csv", "displacement.zh.csv", "goals.csv", "goals.zh.csv", "money.csv", "money.zh.csv",
        "summary.txt", "summary.zh.txt", "take_up.csv", "take_up.zh.csv", "value.csv", "value.zh.csv",
    ]  # fmt: skip
    assert result.stdout.rstrip().endswith(f"files  {folder}/")


def test_nothing_is_written_outside_the_output_folder(runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(tmp_path / "out", "b", "a").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_chinese(runs, tmp_path):
    assert "B−A中位数" in call(tmp_path, "b", "a", "--lang", "zh").stdout


def test_language_of_the_system(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "B−A中位数" in call(tmp_path, "b", "a").stdout


def test_year_window_and_discount(runs, tmp_path):
    text = call(tmp_path, "b", "a", "--at", "2028", "--window", "2027-2029", "--discount", "5%").stdout
    assert "\n2028 " in text
    assert "\n2027-2029\n" in text
    assert "discounted at 5% a year to January 2027" in text


def test_all_variables(runs, tmp_path):
    assert "technical upgrades" in call(tmp_path, "b", "a", "--all").stdout


def test_csv_has_the_columns_of_the_file(runs, tmp_path):
    rows = list(csv.DictReader(io.StringIO(call(tmp_path, "b", "a", "--csv").stdout)))
    assert {row["period"] for row in rows} == {"2030"}
    assert [row["variable"] for row in rows][:2] == ["output_value", "exports"]
    everything = list(csv.DictReader(io.StringIO(call(tmp_path, "b", "a", "--csv", "--all").stdout)))
    assert len(everything) > 50


def test_markdown(runs, tmp_path):
    lines = call(tmp_path, "b", "a", "--md").stdout.splitlines()
    assert lines[0].startswith("| 2030 |  | A median |")
    assert lines[1].startswith("| --- | --- | --: |")
    assert lines[2].startswith("| output value | billion yuan |")


def test_markdown_says_what_could_not_be_paid_below_the_table(runs, tmp_path):
    runs["b"].amounts[:, -1, 0, 0, MONEY_STAGES.index("unmet")] = 1e8
    text = call(tmp_path, "b", "a", "--md").stdout
    assert text.index("could not be paid for want of money") > text.index("| untreated discharge")


def test_markup_in_names_is_printed_literally(runs, tmp_path):
    runs["b"].scenario = replace(runs["b"].scenario, name="[bold]x[/bold] <i>|")
    assert "[bold]x[/bold] <i>|" in call(tmp_path, "b", "a").stdout


def test_unpaired_runs_of_other_seeds(runs, tmp_path):
    runs["b"].scenario = replace(runs["b"].scenario, seed=2)
    refused = call(tmp_path, "b", "a")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("E20  ")
    assert "Traceback" not in refused.stderr
    result = call(tmp_path, "b", "a", "--unpaired")
    assert result.exit_code == 0
    assert "UNPAIRED" in result.stdout
    assert (tmp_path / "compare" / "b--vs--a--01234567-fedcba98--unpaired" / "summary.txt").is_file()


def test_missing_runs_are_named_with_the_command_that_makes_them(runs, tmp_path):
    result = call(tmp_path, "mine", "theirs")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "no run of mine yet: countysim run mine",
        "no run of theirs yet: countysim run theirs",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_missing_run_is_to_be_made_like_the_one_that_is_there(runs, tmp_path, monkeypatch):
    def find_run(reference, out=None, **_):
        if reference == "b":
            return runs["b"]
        raise NoRunError(reference, "\n     there are others")

    monkeypatch.setattr(sim.experiments, "find_run", find_run)
    lines = call(tmp_path, "b", "theirs").stderr.splitlines()
    assert lines[0].startswith("no run of theirs yet: countysim run theirs -n 60 --scale 20 --seed 1")
    assert lines[1] == "     there are others"
    assert "countysim run mine\n" in call(tmp_path, "mine", "theirs").stderr


def test_the_baseline_of_the_same_scale_and_seed_is_looked_for_first(runs, tmp_path):
    call(tmp_path, "b", "a")
    assert runs["asked"] == [("b", None, None, None), ("a", 20, 1, "assumed")]
    runs["a"].scenario = replace(runs["a"].scenario, firms_per_agent=1)
    assert "E20" in call(tmp_path, "b", "a").stderr


def test_a_check_at_another_scale_runs_the_pairs_alike_and_says_first_what_it_costs(runs, tmp_path, monkeypatch):
    made = []

    def run_ensemble(references, replicates, **options):
        made.append((references, replicates, options))

    monkeypatch.setattr(sim.experiments, "run_ensemble", run_ensemble)
    monkeypatch.setattr("sim.cli.common.seconds_at", lambda run, scale: 75.0 if scale == 10 else 1.0)
    result = call(tmp_path, "b", "a", "--check-scale", "10", "--lang", "en")
    assert result.exit_code == 0
    assert "48 pairs at scale 1:10: about 120 min on one core, less what is there" in result.stderr
    ((references, replicates, options),) = made
    assert (references, replicates) == (["a", "b"], 48)
    assert {key: options[key] for key in ("firms_per_agent", "seed", "draws", "out")} == {
        "firms_per_agent": 10, "seed": 1, "draws": "assumed", "out": tmp_path,
    }  # fmt: skip
    assert "比例1:10下推演48对，单核约120分钟" in call(tmp_path, "b", "a", "--check-scale", "10", "--lang", "zh").stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("b",), "name two runs: countysim compare b BASELINE"),
        (("b", "a", "x"), "with more than two runs name the baseline"),
        (("b", "a", "--baseline", "a"), "a is the baseline and one of the scenarios"),
        (("b", "a", "--window", "2026"), "write two years, such as 2026-2030"),
        (("b", "a", "--at", "2050"), "the year 2050 is not simulated"),
        (("b", "a", "--csv", "--md"), "choose one of --csv and --md"),
        (("b", "a", "--discount", "8"), '--discount: "8" is not a share'),
        (("x", "x:fair", "--baseline", "a", "--md"), "compare them one by one"),
        (("x", "x:fair", "--baseline", "a", "--variable", "jobs"), 'no variable "jobs"'),
        (("b", "a", "--lang", "fr"), "fr"),
        (("b", "a", "--check-scale", "20"), "--check-scale 20: the runs are at this scale"),
        (("x", "x:fair", "--baseline", "a", "--check-scale", "10"), "two runs that are paired"),
    ],
)
def test_mistakes_end_with_code_2_and_one_plain_message(runs, tmp_path, words, message):
    result = call(tmp_path, *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_several_scenarios_with_halves_and_whole(runs, tmp_path):
    result = call(tmp_path, "x", "x:fair", "x:fund", "--baseline", "a")
    assert result.exit_code == 0, result.output
    for expected in ("employment 2030, persons", "row beats column (of 60)", "interaction (both − sum of halves)"):
        assert expected in result.stdout
    assert len(list((tmp_path / "compare").iterdir())) == 3


def test_one_scenario_with_a_named_baseline_is_a_plain_comparison(runs, tmp_path):
    assert call(tmp_path, "b", "--baseline", "a").stdout == call(tmp_path, "b", "a").stdout


def test_importing_the_command_is_light():
    code = "import sys, sim.cli.compare; print([m for m in ('numpy', 'pandas', 'mesa', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}, check=True)
    loaded = done.stdout.strip()
    assert "numpy" not in loaded
    assert "pandas" not in loaded
    assert "mesa" not in loaded


def test_failed_replicates_are_counted(runs, tmp_path):
    kept = np.arange(57)
    b = runs["b"]
    b.values = {name: values[kept] for name, values in b.values.items()}
    b.amounts, b.replicates = b.amounts[kept], kept
    b.failures = [{"replicate": k} for k in (57, 58, 59)]
    text = call(tmp_path, "b", "a").stdout
    assert "57 pairs: 3 of 60 replicates are missing" in text
