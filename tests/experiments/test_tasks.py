"""One replicate in a worker: threads, signals, and what is said of an error."""

from __future__ import annotations

import os
import signal
from collections import deque

import pytest

from sim.errors import UserError
from sim.experiments.engine import Launch, do
from sim.experiments.plan import Request, jobs_in_order, plan
from sim.experiments.tasks import describe_failure, run_job
from tests.experiments.toys import toybox


def jobs(tmp_path, **changed):
    box = toybox(**changed)
    (target,), _ = plan(Request(("toy",), replicates=4, out=tmp_path), box)
    target.todo = target.wanted
    return deque(jobs_in_order([target], box))


def tell(*_arguments, **_keywords):
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    raise ValueError(
        " ".join(os.environ.get(name, "unset") for name in names) + f" ignored={ignored} pid={os.getpid()}"
    )


def test_a_worker_has_one_thread_and_leaves_ctrl_c_to_its_parent(tmp_path):
    results = do(run_job, jobs(tmp_path, simulate=tell), Launch(jobs=2))
    texts = [outcome.failure.error for _, outcome in results]
    assert len(texts) == 4
    assert {text.rsplit(" ", 1)[0] for text in texts} == {"1 1 1 ignored=True"}
    assert f"pid={os.getpid()}" not in {text.rsplit(" ", 1)[1] for text in texts}


def test_one_process_is_this_process(tmp_path):
    outcomes = [outcome for _, outcome in do(run_job, jobs(tmp_path, simulate=tell), Launch(jobs=1))]
    assert [outcome.replicate for outcome in outcomes] == [0, 1, 2, 3]
    assert all(outcome.failure.error.endswith(f"pid={os.getpid()}") for outcome in outcomes)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_keeps_its_month_message_place_and_cause():
    class SimulationError(Exception):
        month = 24220

    try:
        try:
            {}["orders"]
        except KeyError as inner:
            raise SimulationError("month failed") from inner
    except SimulationError as error:
        failure = describe_failure(error, 3)
    assert failure.month == 24220
    assert failure.error == "KeyError: 'orders'"
    assert failure.where.startswith("test_tasks.py:")
    assert "KeyError" in failure.trace
    assert "SimulationError" in failure.trace


def test_the_place_of_an_error_is_in_the_model_not_in_numpy():
    from sim.parameters import load_parameters

    with pytest.raises(UserError) as caught:
        load_parameters({"no.such": 1.0})
    assert describe_failure(caught.value, None).where.startswith("sim/parameters/__init__.py:")


def test_the_month_reached_stands_in_for_a_missing_one():
    assert describe_failure(ValueError("x\ny"), 5).month == 5
    assert describe_failure(ValueError("x\ny"), None).error == "x y"
    assert describe_failure(ValueError(), None).error == "ValueError"


def test_a_job_gives_its_record(tmp_path):
    (outcome,) = run_job(jobs(tmp_path)[0])
    assert outcome.failure is None
    assert str(outcome.arrays["digest"])
