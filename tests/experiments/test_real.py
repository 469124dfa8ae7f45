"""The real model at a small scale: the same bytes from one process and two, and a replay that agrees."""

from __future__ import annotations

import numpy as np
import pytest

from sim.experiments import Run, find_run, require_paired, run_ensemble
from sim.experiments.plan import Request
from sim.experiments.runner import replay
from tests.experiments.toys import results

SCENARIOS = ("yongnian-2023", "yongnian-fair2x-fund200m")
SMALL = {"replicates": 2, "firms_per_agent": 200, "overrides": ["time.end=2026-12"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("real")
    return out, run_ensemble(SCENARIOS, jobs=1, out=out, **SMALL)


def test_one_process_and_two_give_the_same_bytes(made, tmp_path):
    _, runs = made
    for one, two in zip(runs, run_ensemble(SCENARIOS, jobs=2, out=tmp_path, **SMALL), strict=True):
        assert (one.failures, two.failures) == ([], [])
        assert results(one.folder) == results(two.folder)


def test_replicates_differ_and_pairs_share_their_past(made):
    a, b = made[1]
    assert require_paired(b, a).tolist() == [0, 1]
    assert a.digest(0) != a.digest(1)
    past = a.months < 2026 * 12
    for variable in ("output_value", "employment", "exports"):
        values = a.monthly(variable)
        assert np.array_equal(values[:, past], b.monthly(variable)[:, past])
        assert not np.array_equal(values[0], values[1])


def test_a_run_is_found_again_with_its_scenario(made):
    out, (a, _) = made
    found = find_run("yongnian-2023", out, overrides=SMALL["overrides"])
    assert found.folder == a.folder
    assert found.scenario.time.end == 2026 * 12 + 11
    assert found.scenario.firms_per_agent == 200


def test_the_resolved_copy_gives_the_scenario_back(made):
    _, (_, b) = made
    run = Run(b.folder)
    run.manifest["reference"] = "gone"
    assert run.scenario.id == b.scenario_id
    assert [policy.id for policy in run.scenario.policies] == run.policies


def test_a_replay_agrees_with_the_saved_replicate(made):
    out, _ = made
    request = Request(SCENARIOS[:1], 2, 1, 200, out, only=1, overrides=tuple(SMALL["overrides"]))
    (again,) = replay(request)
    assert again.saved_digest == again.record.digest
    months = []
    (short,) = replay(request, until="2023-02", on_month=months.append)
    assert months == [2023 * 12, 2023 * 12 + 1]
    assert np.array_equal(short.record.monthly, again.record.monthly[:2], equal_nan=True)
