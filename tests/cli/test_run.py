"""``countysim run`` as a user gives it."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments import runner
from tests.experiments.toys import Behaviour, results, toybox

COMMAND = Path(__file__).resolve().parents[1] / "experiments" / "toy_command.py"


@pytest.fixture
def countysim(tmp_path, monkeypatch):
    """Return a function that runs the command with the toy model in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(name, "1")

    def call(*words, behaviour: Behaviour | None = None):
        box = toybox(behaviour)
        monkeypatch.setattr(runner, "standard_toolbox", lambda: box)
        return CliRunner().invoke(app, ["run", *map(str, words)])

    return call


def run_folder(out: Path, name: str = "toy") -> Path:
    (found,) = (out / "runs" / name).iterdir()
    return found


def test_run_prints_where_the_results_are(countysim, tmp_path):
    result = countysim("toy", "toy:small", "-n", 3, "--jobs", 1)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    where = run_folder(tmp_path / "results")
    assert lines[0].split()[:2] == ["toy", "3/3"]
    assert lines[0].endswith(str(where))
    assert lines[1].startswith("toy:small  3/3  ")
    assert "A toy        3 replicates: 3 to do" in result.stderr
    assert json.loads((run_folder(tmp_path / "results") / "run.json").read_text("utf-8"))["state"] == "complete"


def test_out_set_seed_scale_and_panel(countysim, tmp_path):
    result = countysim(
        "toy", "-n", 2, "--jobs", 1, "--out", tmp_path / "elsewhere", "--seed", 0, "--scale", 2, "--panel",
        "--set", "parameters.production.normal_use=0.7",
    )  # fmt: skip
    assert result.exit_code == 0
    folder = run_folder(tmp_path / "elsewhere")
    manifest = json.loads((folder / "run.json").read_text("utf-8"))
    assert (manifest["seed"], manifest["firms_per_agent"], manifest["panel"]) == (0, 2, True)
    assert manifest["overrides"] == ["parameters.production.normal_use=0.7"]
    assert (folder / "panel.csv.gz").is_file()
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["toy", "-n", "0"], "-n 0"),
        (["toy", "-n", "-1"], "-n -1"),
        (["toy", "--jobs", "0"], "--jobs 0"),
        (["toy", "--scale", "0"], "--scale 0"),
        (["toy", "--only", "12"], "numbered 0 to 11"),
        (["toy", "--only", "3", "-n", "3"], "numbered 0 to 2"),
        (["toy", "--until", "2020-09"], "--only"),
        (["toy", "--debug"], "--only"),
        (["toy", "--only", "1", "--until", "2031-01"], "simulated from 2020-04 to 2022-12"),
        (["toy", "--only", "1", "--until", "2020-13"], "is not a month"),
        (["unknown"], "E07"),
        (["toy", "--set", "fair.booths=1"], "fair.booths"),
        (["toy", "--out", "/proc/countysim"], "cannot write to"),
    ],
)
def test_mistakes_end_with_two_and_a_message(countysim, tmp_path, words, message):
    result = countysim(*words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "results").exists()


def test_a_failed_replicate_ends_with_one_and_a_command_that_replays_it(countysim, tmp_path):
    broken = Behaviour(fail=(3,))
    result = countysim("toy", "-n", 12, "--jobs", 1, behaviour=broken)
    assert result.exit_code == 1
    assert "E30  replicate 3 of toy failed in 2020-09: negative stock of orders (toys.py:" in result.stderr
    assert "11 of 12 are fine and kept" in result.stderr
    command = "countysim run toy --only 3 --until 2020-09 --debug"
    assert f"replay it alone: {command}" in result.stderr
    before = results(run_folder(tmp_path / "results"))
    replayed = countysim(*command.split()[2:], behaviour=broken)
    assert replayed.exit_code == 1
    assert "2020-08" in replayed.stderr
    assert "replicate 3 failed in 2020-09: negative stock of orders" in replayed.stderr
    assert "Traceback" in replayed.stderr
    assert results(run_folder(tmp_path / "results")) == before
    again = countysim("toy", "--jobs", 1)
    assert again.exit_code == 0


def test_replay_of_a_saved_replicate_is_compared_with_it(countysim, tmp_path):
    countysim("toy", "-n", 2, "--jobs", 1)
    result = countysim("toy", "--only", 1, "--debug")
    assert result.exit_code == 0
    assert "final state equal to the saved replicate" in result.stdout
    assert "output value" in result.stdout
    part = countysim("toy", "--only", 1, "--until", "2021-02")
    assert part.exit_code == 0
    assert "2020-04 to 2021-02" in part.stdout
    assert "saved replicate" not in part.stdout
    assert "2020-05" not in part.stderr


def test_a_damaged_part_is_named(countysim, tmp_path):
    countysim("toy", "-n", 2, "--jobs", 1)
    part = run_folder(tmp_path / "results") / "part-0000-0009.npz"
    part.write_bytes(part.read_bytes()[:-40])
    result = countysim("toy", "-n", 3, "--jobs", 1)
    assert result.exit_code == 2
    assert "part-0000-0009.npz is damaged" in result.stderr
    part.rename(tmp_path / "away.npz")
    assert countysim("toy", "-n", 3, "--jobs", 1).exit_code == 0


def test_interrupt_while_a_scenario_loads(countysim, monkeypatch):
    def interrupted(*_arguments, **_keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.experiments.runner.plan", interrupted)
    result = countysim("toy")
    assert result.exit_code == 130
    assert "stopped" in result.stderr


def start(out: Path, seconds: float, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(COMMAND), str(seconds), "run", *words, "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_replicates(out: Path, number: int) -> None:
    for _ in range(600):
        found = list((out / "runs").glob("*/*/unfinished/rep-*.npz")) + list((out / "runs").glob("*/*/part-*.npz"))
        if len(found) >= number:
            return
        time.sleep(0.05)
    raise TimeoutError("nothing was simulated")


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("how", ["ctrl-c", "terminate"])
@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_real_signal(tmp_path, jobs, how):
    words = ("toy", "toy-b", "-n", "12", "--jobs", jobs)
    process = start(tmp_path / "stopped", 0.1, *words)
    wait_for_replicates(tmp_path / "stopped", 4)
    if how == "ctrl-c":
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    else:
        process.terminate()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    last = errors.strip().splitlines()[-1]
    assert last.startswith("stopped. ")
    assert last.endswith(" replicates are saved; run the same command to continue.")
    assert "Traceback" not in errors
    assert int(last.split()[1]) >= 4
    again = start(tmp_path / "stopped", 0, *words)
    _, errors = again.communicate(timeout=60)
    assert again.returncode == 0, errors
    assert "reused" in errors
    assert not list((tmp_path / "stopped").rglob("*.tmp"))
    straight = start(tmp_path / "straight", 0, *words)
    straight.communicate(timeout=60)
    for name in ("toy", "toy-b"):
        assert results(run_folder(tmp_path / "stopped", name)) == results(run_folder(tmp_path / "straight", name))


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_killed_process_leaves_what_was_finished(tmp_path):
    words = ("toy", "-n", "12", "--jobs", "2")
    process = start(tmp_path, 0.1, *words)
    wait_for_replicates(tmp_path, 3)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    again = start(tmp_path, 0, *words)
    _, errors = again.communicate(timeout=60)
    assert again.returncode == 0, errors
    assert "reused" in errors
    assert sorted(path.name for path in run_folder(tmp_path).iterdir()) == [
        ".lock", "annual.csv.gz", "firms.csv.gz", "monthly.csv.gz", "part-0000-0009.npz", "part-0010-0019.npz",
        "run.json", "scenario.toml",
    ]  # fmt: skip


def test_the_command_file_is_light():
    code = "import sys, sim.cli.run; print([n for n in ('numpy', 'mesa', 'distributed', 'xarray') if n in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_import_sim_is_light_and_offers_the_api():
    code = (
        "import sys, sim; assert callable(sim.load) and callable(sim.find_run) and callable(sim.run); "
        "assert sim.__version__ and sim.MODEL_VERSION; print(*[m for m in sys.modules if m.startswith('sim.')])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "sim.versions"


def test_compare_is_reached_through_sim():
    import sim

    assert sim.compare is importlib.import_module("sim.compare")
    with pytest.raises(AttributeError, match="nothing_of_the_sort"):
        _ = sim.nothing_of_the_sort
