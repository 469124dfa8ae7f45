"""Engines: what hangs, dies or is alone, with the same bytes in the end."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
import weakref
from collections import deque
from pathlib import Path
from typing import ClassVar

import pytest

from sim.errors import UserError
from sim.experiments import run_ensemble
from sim.experiments.engine import Launch, Lost, WorkersLostError, do
from tests.experiments.test_runner import Log, folder
from tests.experiments.toys import Behaviour, results, toybox

ENGINES = [Launch(jobs=1), Launch(jobs=2), Launch("dask", 1)]


def run(out: Path, *references: str, launch: Launch, behaviour: Behaviour | None = None, log: Log | None = None):
    box = toybox(behaviour)
    return run_ensemble(references or ("toy",), 12, launch, out=out, toolbox=box, progress=log)


@pytest.fixture(scope="module")
def straight(tmp_path_factory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("straight")
    run(out, launch=Launch(jobs=1))
    return results(folder(out))


# --- work of its own ------------------------------------------------------------------------------------------------


def spell(word: str):
    for letter in word:
        if letter == "!":
            raise UserError(f"no {letter}")
        if letter == "z":
            time.sleep(60)
        if letter == "k":
            os.kill(os.getpid(), signal.SIGKILL)
        if letter == "s":
            os.kill(os.getpid(), signal.SIGSTOP)
        yield letter


@pytest.mark.parametrize("launch", ENGINES[:2], ids=str)
def test_results_come_with_their_items_and_items_may_be_added(launch: Launch) -> None:
    words, found = deque(["ab", "", "c"]), []
    for item, letter in do(spell, words, launch):
        found.append((item, letter))
        if letter == "b":
            words.append("de")
    assert sorted(found) == [("ab", "a"), ("ab", "b"), ("c", "c"), ("de", "d"), ("de", "e")]


@pytest.mark.parametrize("launch", ENGINES, ids=str)
def test_an_error_of_the_work_itself_is_raised(launch: Launch) -> None:
    with pytest.raises(UserError, match="no !"):
        list(do(spell, deque(["a", "b!"]), launch))


@pytest.mark.parametrize("word", ["z", "s"])
def test_what_hangs_is_given_up_in_time_and_the_rest_goes_on(word: str) -> None:
    """Asleep, or stopped from outside so that it cannot even notice."""
    found = list(do(spell, deque([f"a{word}b", "c", "d"]), Launch(jobs=2, time_limit=5.0)))
    assert sorted((item, result) for item, result in found if isinstance(result, str)) == [
        (f"a{word}b", "a"), ("c", "c"), ("d", "d"),
    ]  # fmt: skip
    assert [(item, result) for item, result in found if isinstance(result, Lost)] == [(f"a{word}b", Lost(True, 5.0))]


class Circle:
    """Refers to itself, as a model does by way of its institutions."""

    made: ClassVar[list[weakref.ref[Circle]]] = []

    def __init__(self) -> None:
        self.me = self
        self.made.append(weakref.ref(self))


def circle(word: str) -> list[int]:
    Circle()
    return [sum(made() is not None for made in Circle.made)]


def test_in_one_process_what_is_finished_is_cleared_away_before_the_next() -> None:
    gc.disable()
    try:
        alive = [count for _, count in do(circle, deque("abcde"), Launch(jobs=1))]
    finally:
        gc.enable()
    assert alive == [1, 1, 1, 1, 1]


def test_in_one_process_sleep_is_interrupted_as_well() -> None:
    found = list(do(spell, deque(["az", "c"]), Launch(jobs=1, time_limit=0.2)))
    assert found == [("az", "a"), ("az", Lost(True, 0.2)), ("c", "c")]


def test_a_killed_worker_is_replaced_and_given_up_when_it_goes_on() -> None:
    notices: list[str] = []
    found = list(do(spell, deque(["ak", "b", "c"]), Launch(jobs=2), notices.append))
    assert sorted(result for _, result in found if isinstance(result, str)) == ["a", "b", "c"]
    assert [result for _, result in found if isinstance(result, Lost)] == [Lost()]
    assert len(notices) == 1
    with pytest.raises(WorkersLostError, match="again and again"):
        list(do(spell, deque(["k", "k", "k", "k", "k"]), Launch(jobs=2)))


def test_a_caller_who_leaves_takes_the_workers_along() -> None:
    found = do(spell, deque(["az", "bz", "cz"]), Launch(jobs=2))
    next(found)
    children = _grandchildren()
    assert children
    found.close()
    assert not (_grandchildren() & children)


def _grandchildren() -> set[int]:
    """Return the workers: children of the process they were forked from."""
    lines = subprocess.run(["ps", "-eo", "pid,ppid,stat"], capture_output=True, text=True, check=True).stdout
    rows = [(int(pid), int(parent)) for pid, parent, stat in map(str.split, lines.splitlines()[1:]) if stat[0] != "Z"]
    mine = {pid for pid, parent in rows if parent == os.getpid()}
    return {pid for pid, parent in rows if parent in mine}


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UserError, match="--jobs 0"):
        Launch(jobs=0).check()
    with pytest.raises(UserError, match="--engine dask"):
        Launch(scheduler="tcp://somewhere:8786").check()
    with pytest.raises(UserError, match="--time-limit"):
        Launch(time_limit=-1.0).check()


# --- runs -----------------------------------------------------------------------------------------------------------


def test_a_replicate_that_hangs_fails_and_the_others_are_done(tmp_path: Path) -> None:
    log = Log()
    one, two = run(
        tmp_path, "toy", "toy-b", launch=Launch(jobs=2, time_limit=3.0), behaviour=Behaviour(hang=(3,)), log=log
    )
    for found in (one, two):
        assert found.replicates.tolist() == [0, 1, 2, *range(4, 12)]
        assert found.manifest["replicates"] == {"asked": 12, "done": 11, "failed": 1, "missing": 0}
        (failure,) = found.failures
        assert failure["error"] == "time limit of 3 s reached: it hangs, or needs a larger --time-limit"
        assert failure["replay"] == f"countysim run {found.scenario_id} --only 3 --debug"
    assert len(log.order) == 24


def test_workers_of_dask_elsewhere_of_which_one_is_killed_midway(straight, tmp_path: Path) -> None:
    """As on several machines: several workers know a scheduler by its address."""
    distributed = pytest.importorskip("distributed")
    (tmp_path / "marks").mkdir()
    behaviour = Behaviour(die=(4,), once=str(tmp_path / "marks"))
    with distributed.LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=":0") as cluster:
        launch = Launch("dask", scheduler=cluster.scheduler_address)
        run(tmp_path, launch=launch, behaviour=behaviour)
        assert (tmp_path / "marks" / "4").exists()
        assert results(folder(tmp_path)) == straight
        words = deque(["ab", "", "c"])
        assert sorted(do(spell, words, launch)) == [("ab", "a"), ("ab", "b"), ("c", "c")]
    manifest = json.loads((folder(tmp_path) / "run.json").read_text("utf-8"))
    assert manifest["sessions"][-1]["engine"] == "dask"


def test_what_hangs_under_dask_is_given_up_once_and_what_kills_its_workers_ends_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        launch, begun = Launch("dask", scheduler=cluster.scheduler_address, time_limit=2.0), time.monotonic()
        found = dict(do(spell, deque(["az", "b", "c", "d"]), launch))
        assert time.monotonic() - begun < 2 * 2.0 + 2.0, "tried on one worker alone"
        assert found == {"az": Lost(True, 2.0), "b": "b", "c": "c", "d": "d"}
        monkeypatch.setattr("sim.experiments.engine.RESTARTS", 0)
        with pytest.raises(WorkersLostError, match="again and again"):
            list(do(spell, deque(["k"]), launch))


SCRIPT = """
import _multiprocessing, sys
sys.path.insert(0, {root!r})

class Nothing:
    def __init__(self, *_, **__):
        raise OSError(38, "no shared memory here")

_multiprocessing.SemLock = Nothing
from pathlib import Path
from sim.experiments import run_ensemble
from tests.experiments.toys import toybox

print("once")
run_ensemble(["toy"], 12, 2, out=Path(sys.argv[1]), toolbox=toybox())
"""


def test_a_plain_script_without_shared_memory(straight, tmp_path: Path) -> None:
    """The script does not guard against being imported by workers, and semaphores cannot be made."""
    root = Path(__file__).resolve().parents[2]
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(root=str(root)), encoding="utf-8")
    answer = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, timeout=200, check=False
    )
    assert (answer.returncode, answer.stdout) == (0, "once\n"), answer.stderr
    assert results(folder(tmp_path)) == straight
