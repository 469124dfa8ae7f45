"""Running, stopping, going on: the same bytes whatever happened in between."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim.errors import UserError
from sim.experiments import Stopped, run_ensemble
from sim.experiments.progress import Progress
from sim.experiments.store import RunFolder
from tests.experiments.toys import Behaviour, results, toybox


class Log(Progress):
    """Keeps the order in which replicates came in; may stop after a number of them."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.order: list[tuple[int, int]] = []
        self.notices: list[str] = []
        self.stop_after = stop_after
        self.stopped = 0

    def finished(self, position, number, *, failed) -> None:
        self.order.append((number, position))
        if len(self.order) == self.stop_after:
            raise KeyboardInterrupt

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def stop(self) -> None:
        self.stopped += 1


def run(out: Path, *references: str, behaviour: Behaviour | None = None, n: int | None = 12, **options):
    options.setdefault("jobs", 1)
    return run_ensemble(references or ("toy",), n, out=out, toolbox=toybox(behaviour), **options)


def folder(out: Path, reference: str = "toy") -> Path:
    (found,) = (out / "runs" / reference).iterdir()
    return found


@pytest.fixture(scope="module")
def straight(tmp_path_factory) -> dict[str, bytes]:
    """Files of an uninterrupted run of twelve replicates in one process."""
    out = tmp_path_factory.mktemp("straight")
    run(out, "toy", "toy-b")
    return results(folder(out))


def test_files_of_a_run(straight):
    assert sorted(straight) == [
        "annual.csv.gz",
        "firms.csv.gz",
        "monthly.csv.gz",
        "part-0000-0009.npz",
        "part-0010-0019.npz",
        "scenario.toml",
    ]


def test_two_processes_give_the_same_bytes(straight, tmp_path):
    run(tmp_path, "toy", "toy-b", jobs=2)
    assert results(folder(tmp_path)) == straight


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("after", [1, 7, 20, 23])
def test_interrupted_and_continued_gives_the_same_bytes(straight, tmp_path, after, jobs):
    log = Log(stop_after=after)
    with pytest.raises(Stopped) as stop:
        run(tmp_path, "toy", "toy-b", jobs=jobs, progress=log)
    assert log.stopped == 1
    assert stop.value.saved >= after
    manifest = json.loads((folder(tmp_path) / "run.json").read_text("utf-8"))
    assert manifest["state"] == "stopped"
    saved = sum(len(RunFolder(folder(tmp_path, name)).finished()) for name in ("toy", "toy-b"))
    assert saved == stop.value.saved
    rest = Log()
    run(tmp_path, "toy", "toy-b", jobs=jobs, progress=rest)
    assert len(rest.order) == 24 - saved
    assert results(folder(tmp_path)) == straight


def test_interrupt_inside_a_replicate(straight, tmp_path):
    (tmp_path / "marks").mkdir()
    behaviour = Behaviour(interrupt=5, once=str(tmp_path / "marks"))
    with pytest.raises(Stopped, match=r"stopped\. 10 replicates are saved; run the same command to continue\."):
        run(tmp_path, "toy", "toy-b", behaviour=behaviour)
    run(tmp_path, "toy", "toy-b", behaviour=behaviour)
    assert results(folder(tmp_path)) == straight


def test_work_goes_by_replicate_then_scenario(tmp_path):
    log = Log()
    run(tmp_path, "toy", "toy-b", n=3, progress=log)
    assert log.order == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]


def test_more_replicates_extend_a_run(straight, tmp_path):
    run(tmp_path, n=5)
    assert [path.name for path in RunFolder(folder(tmp_path)).parts()] == ["part-0000-0009.npz"]
    log = Log()
    run(tmp_path, n=12, progress=log)
    assert [replicate for replicate, _ in log.order] == list(range(5, 12))
    assert results(folder(tmp_path)) == straight


def test_fewer_replicates_leave_a_run_alone(straight, tmp_path):
    run(tmp_path, n=12)
    log = Log()
    (found,) = run(tmp_path, n=3, progress=log)
    assert log.order == []
    assert len(found.replicates) == 12
    assert results(folder(tmp_path)) == straight


def test_leftovers_of_a_killed_process_are_used_or_cleared(straight, tmp_path):
    run(tmp_path, n=12)
    where = RunFolder(folder(tmp_path))
    # A process killed while writing: replicate 11 finished but in no part, and a half-written temporary file.
    from sim.experiments.store import PartReader, write_part, write_replicate

    part = where.part_path(10)
    with PartReader(part) as reader:
        arrays = {name: reader.array(11, name) for name in reader.names(11)}
    where.unfinished.mkdir()
    write_replicate(where.staged_path(11), 11, arrays)
    write_part(part, {10: part})
    (where.folder / ".part-0010-0019.npz.99999.tmp").write_bytes(b"half")
    (where.folder / "annual.csv.gz").unlink()
    log = Log()
    run(tmp_path, n=12, progress=log)
    assert log.order == []
    assert results(folder(tmp_path)) == straight


def test_only_one_replicate(straight, tmp_path):
    (found,) = run(tmp_path, n=12, only=7)
    assert found.replicates.tolist() == [7]
    assert found.manifest["state"] == "partial"
    run(tmp_path, n=12)
    assert results(folder(tmp_path)) == straight


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failed_replicate_is_recorded_and_the_rest_go_on(tmp_path, jobs):
    (found,) = run(
        tmp_path, n=12, behaviour=Behaviour(fail=(3,)), jobs=jobs, overrides=["parameters.production.normal_use=0.7"]
    )
    assert found.replicates.tolist() == [0, 1, 2, *range(4, 12)]
    assert found.manifest["state"] == "failures"
    assert found.manifest["replicates"] == {"asked": 12, "done": 11, "failed": 1, "missing": 0}
    (failure,) = found.failures
    assert failure["replicate"] == 3
    assert failure["month"] == "2020-09"
    assert failure["error"] == "negative stock of orders"
    assert failure["where"].startswith("toys.py:")
    assert "ToyError" in failure["traceback"]
    assert failure["replay"] == (
        "countysim run toy --only 3 --until 2020-09 --set parameters.production.normal_use=0.7 --debug"
    )
    text = (found.folder / "failed" / "rep-003.txt").read_text("utf-8")
    assert f"seed: {toybox().replicate_seed(7, 3)}" in text


def test_a_failure_put_right_is_no_failure_any_more(straight, tmp_path):
    run(tmp_path, behaviour=Behaviour(fail=(3,)))
    (found,) = run(tmp_path)
    assert found.failures == []
    assert found.manifest["state"] == "complete"
    kept = results(folder(tmp_path))
    assert kept.pop("failed/rep-003.txt")
    assert kept == straight


def test_replay_command_names_n_scale_and_seed_when_they_matter(tmp_path):
    (found,) = run(tmp_path, n=14, behaviour=Behaviour(fail=(13,)), firms_per_agent=5, seed=7)
    (failure,) = found.failures
    assert failure["replay"] == "countysim run toy --only 13 -n 14 --until 2020-09 --scale 5 --seed 7 --debug"


def test_a_killed_worker_loses_nothing(straight, tmp_path):
    (tmp_path / "marks").mkdir()
    log = Log()
    behaviour = Behaviour(die=(4,), once=str(tmp_path / "marks"))
    run(tmp_path, behaviour=behaviour, jobs=2, progress=log)
    assert any("worker process was killed" in text for text in log.notices)
    assert results(folder(tmp_path)) == straight


def test_workers_killed_again_and_again(straight, tmp_path):
    from sim.experiments import WorkersLostError

    with pytest.raises(WorkersLostError, match=r"out of memory\?"):
        run(tmp_path, behaviour=Behaviour(die=(4,)), jobs=2)
    assert not list(folder(tmp_path).rglob("*.tmp"))
    assert len(RunFolder(folder(tmp_path)).finished()) >= 1
    run(tmp_path, jobs=2)
    assert results(folder(tmp_path)) == straight


def test_the_hash_names_what_changes_results_and_nothing_else(tmp_path):
    (first,) = run(tmp_path, n=1)
    assert run(tmp_path, n=2, jobs=2, panel=True)[0].folder == first.folder
    others = [
        run(tmp_path, n=1, overrides=["parameters.production.normal_use=0.7"]),
        run(tmp_path, n=1, seed=0),
        run(tmp_path, n=1, firms_per_agent=1),
        run_ensemble(["toy"], 1, 1, out=tmp_path, toolbox=toybox(parameters_hash=lambda: "other")),
        run_ensemble(["toy"], 1, 1, out=tmp_path, toolbox=toybox(places_hash=lambda scenario: "other")),
        run_ensemble(["toy"], 1, 1, out=tmp_path, toolbox=toybox(world_hash=lambda scenario: "other")),
    ]
    assert len({first.folder, *(found.folder for (found,) in others)}) == 7


def test_the_model_version_is_part_of_the_hash(tmp_path, monkeypatch):
    (first,) = run(tmp_path, n=1)
    monkeypatch.setattr("sim.versions.MODEL_VERSION", 999)
    (second,) = run(tmp_path, n=1)
    assert first.folder != second.folder


def test_seed_zero_is_a_seed(tmp_path):
    (found,) = run(tmp_path, n=2, seed=0)
    assert found.manifest["seed"] == 0
    assert found.scenario.seed == 0


def test_overrides_reach_the_simulation(tmp_path):
    (low,) = run(tmp_path, n=1, overrides=["parameters.production.normal_use=0.7"])
    (base,) = run(tmp_path, n=1)
    assert not np.array_equal(low.monthly("output_value"), base.monthly("output_value"))


def test_variant_has_a_safe_folder(tmp_path):
    (found,) = run(tmp_path, "toy:small", n=1)
    assert found.folder.parent.name == "toy--small"
    assert found.scenario_id == "toy:small"


def test_an_id_that_is_no_folder_name_is_refused(tmp_path):
    with pytest.raises(UserError, match="small letters"):
        run(tmp_path, "toy/../../x", n=1)
    assert not (tmp_path / "runs").exists()


def test_the_same_scenario_twice_is_run_once(tmp_path):
    log = Log()
    one, two = run(tmp_path, "toy", "toy", n=1, progress=log)
    assert one.folder == two.folder
    assert log.order == [(0, 0)]


def test_panel_is_added_to_a_run_and_stays(tmp_path):
    run(tmp_path / "direct", panel=True)
    run(tmp_path / "later")
    run(tmp_path / "later", panel=True, jobs=2)
    assert results(folder(tmp_path / "later")) == results(folder(tmp_path / "direct"))
    (found,) = run(tmp_path / "later", n=13)
    assert len(found.panel(12)) == 4
    with gzip.open(found.folder / "panel.csv.gz", "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 13 * 4
    assert rows[1]["place"] == "west"
    assert float(rows[1]["capital"]) == found.panel(0)["capital"][1]


def test_a_replicate_that_comes_out_differently_is_not_mixed_in(tmp_path):
    run(tmp_path, n=2)
    changed = toybox(load_parameters=changed_parameters)
    with pytest.raises(UserError, match=r"replicate 0 came out differently from the one saved"):
        run_ensemble(["toy"], 2, 1, out=tmp_path, panel=True, toolbox=changed)


def changed_parameters(overrides=None):
    from sim.parameters import load_parameters

    return load_parameters({"production.normal_use": 0.71})


def test_nothing_to_do_rewrites_no_table(tmp_path):
    run(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in folder(tmp_path).glob("*.gz")}
    run(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in folder(tmp_path).glob("*.gz")} == before
    (folder(tmp_path) / "annual.csv.gz").unlink()
    run(tmp_path)
    assert (folder(tmp_path) / "annual.csv.gz").is_file()


def test_manifest_says_what_made_the_run(tmp_path):
    run(tmp_path, n=2, command="countysim run toy -n 2")
    (found,) = run(tmp_path, n=3, command="countysim run toy -n 3")
    manifest = found.manifest
    assert [session["command"] for session in manifest["sessions"]] == [
        "countysim run toy -n 2",
        "countysim run toy -n 3",
    ]
    assert [session["simulated"] for session in manifest["sessions"]] == [2, 1]
    assert manifest["started"] == manifest["sessions"][0]["started"] < manifest["ended"]
    assert manifest["hash"].startswith(found.folder.name)
    for key in ("name_zh", "packages", "git_commit", "host_cores", "draws", "model_version", "version", "seed"):
        assert key in manifest


def test_two_processes_cannot_write_to_one_run(tmp_path):
    run(tmp_path, n=1)
    with RunFolder(folder(tmp_path)).locked(), pytest.raises(UserError, match=r"another countysim \(process \d+\)"):
        run(tmp_path, n=2)
    assert len(run(tmp_path, n=2)[0].replicates) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "-n 0"),
        ({"n": -3}, "-n -3"),
        ({"jobs": 0}, "--jobs 0"),
        ({"jobs": -1}, "--jobs -1"),
        ({"firms_per_agent": 0}, "--scale 0"),
        ({"only": 12}, "numbered 0 to 11"),
        ({"only": -1}, "counted from 0"),
    ],
)
def test_numbers_that_make_no_sense(tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        run(tmp_path, **options)
    assert not (tmp_path / "runs").exists()


def test_no_scenario_is_refused():
    with pytest.raises(UserError, match="name at least one"):
        run_ensemble([], 1, 1, toolbox=toybox())


def test_replicates_that_share_a_stream_are_refused(tmp_path):
    with pytest.raises(UserError, match="share one stream"):
        run_ensemble(["toy"], 4, 1, out=tmp_path, toolbox=toybox(replicate_seed=lambda seed, replicate: replicate // 2))


@pytest.mark.parametrize("bad", ["file", "proc"])
def test_a_folder_that_cannot_be_written(tmp_path, bad):
    (tmp_path / "file").write_text("in the way")
    out = tmp_path / "file" if bad == "file" else Path("/proc/countysim")
    with pytest.raises(UserError, match=r"cannot write to .*choose another --out"):
        run(out, n=1)


def test_a_full_disk_is_no_failed_replicate(tmp_path, monkeypatch):
    from sim.experiments import runner

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    run(tmp_path, n=2)
    monkeypatch.setattr(runner, "write_replicate", full)
    with pytest.raises(UserError, match=r"cannot save replicate 2 .*No space left"):
        run(tmp_path, n=4)
    monkeypatch.undo()
    (found,) = run(tmp_path, n=4)
    assert found.failures == []
    assert len(found.replicates) == 4


def test_a_folder_that_vanishes_before_its_tables_are_written_is_said(straight, tmp_path, monkeypatch):
    from sim.experiments import runner

    def vanish(*arguments, **more):
        shutil.rmtree(folder(tmp_path))
        write_tables(*arguments, **more)

    write_tables = runner.write_tables
    monkeypatch.setattr(runner, "write_tables", vanish)
    with pytest.raises(UserError, match=r"toy.*: replicates vanished while the command ran; run it again"):
        run(tmp_path)
    monkeypatch.undo()
    run(tmp_path)
    assert results(folder(tmp_path)) == straight


def test_default_number_of_replicates_is_the_scenarios(tmp_path):
    assert len(run(tmp_path, n=None)[0].replicates) == 12


def test_doubts_about_a_scenario_are_said_once(tmp_path):
    log = Log()
    run_ensemble(["toy", "toy-b"], 1, 1, out=tmp_path, progress=log, toolbox=toybox(load=doubtful_load))
    assert log.notices == ["W03  a doubt"]


def doubtful_load(reference, overrides=()):
    loaded = toybox().load(reference, overrides)
    loaded.warnings.append(SimpleNamespace(text=lambda lang: "W03  a doubt"))
    return loaded


def test_a_run_continued_by_other_code_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.experiments.manifest.code_hash", lambda: "begun")
    run(tmp_path, n=2)
    same, other = Log(), Log()
    run(tmp_path, n=3, progress=same)
    monkeypatch.setattr("sim.experiments.manifest.code_hash", lambda: "edited")
    run(tmp_path, n=4, progress=other)
    assert same.notices == []
    assert len(other.notices) == 1
    assert "raise MODEL_VERSION" in other.notices[0]
