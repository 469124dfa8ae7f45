"""Trials: rows that survive, failures that are rows, and damage that is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.calibrate import trials as module
from sim.calibrate.answering import all_baselines
from sim.calibrate.fits import Settings
from sim.calibrate.fitting import settings_for
from sim.calibrate.questions import own_places, questions_of, truth_of_trial
from sim.calibrate.space import space_of
from sim.calibrate.trials import (
    Baseline,
    Trial,
    Trials,
    baseline_of,
    record_of,
    run_design,
    run_trial,
    shortened,
    trials_hash,
)
from sim.errors import UserError
from sim.experiments.progress import Count, Progress
from sim.experiments.runner import run_rows
from sim.experiments.store import Row, held
from sim.scenario.loader import load


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return baseline_of(load("guanxian-2023").scenario, "guanxian-2023", 50, frozenset())


class Told(Progress):
    """Keeps what is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.done: list[int] = []
        self.said: list[str] = []

    def start(self, lines: Sequence[str], counts: Sequence[Count]) -> None:
        self.lines += [line.partition("  ")[2] for line in lines]

    def finished(self, position: int, number: int, *, failed: bool) -> None:
        self.done.append(number)

    def notice(self, text: str) -> None:
        self.said.append(text)


def made(baseline: Baseline, count: int, first: int = 0) -> list[Trial]:
    return [Trial(first + number, baseline.scenario, {}, baseline.asked) for number in range(count)]


def test_a_trial_answers_every_question(baseline: Baseline) -> None:
    row = run_trial(made(baseline, 1)[0])
    assert row.error == ""
    assert np.isfinite(row.values).all()
    asked = dict(zip([item.id for item in baseline.asked], row.values.tolist(), strict=True))
    assert asked["gx-output"] == pytest.approx(8e9, rel=0.2)
    assert asked["gx-businesses"] == pytest.approx(528, rel=0.2)


def test_luck_is_that_of_the_replicate_and_no_parameter(baseline: Baseline) -> None:
    one, other = (run_trial(trial).values for trial in made(baseline, 2))
    assert (one != other).any()
    assert (one == run_trial(made(baseline, 1)[0]).values).all()


def test_a_failed_trial_is_a_row_with_its_error(baseline: Baseline) -> None:
    broken = Trial(0, baseline.scenario, {"investment.bnad": 1.0}, baseline.asked)
    row = run_trial(broken)
    assert np.isnan(row.values).all()
    assert row.error.startswith("InputErrors: no parameter is called")


def test_what_is_there_is_used_again(baseline: Baseline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def quick(trial: Trial) -> Row:
        calls.append(trial.number)
        if trial.number == 3 and calls.count(3) == 1:
            raise KeyboardInterrupt
        return Row(trial.number, np.full(len(trial.asked), float(trial.number)), "", 0.1)

    told = Told()
    with pytest.raises(KeyboardInterrupt):
        run_rows(tmp_path, made(baseline, 6), quick, 1, told)
    # What was finished before the interrupt is kept.
    values, errors = run_rows(tmp_path, made(baseline, 6), quick, 1, told)
    assert calls == [0, 1, 2, 3, 3, 4, 5]
    assert told.lines == ["6 trials: 0 reused, 6 to do", "6 trials: 3 reused, 3 to do"]
    assert told.done == [0, 1, 2, 3, 4, 5]
    assert told.said == []
    assert values[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert set(errors) == {""}
    assert not list(tmp_path.glob("*.tmp"))


def test_a_damaged_file_is_named(baseline: Baseline, tmp_path: Path) -> None:
    (tmp_path / "rows-000000-000001-2.npz").write_bytes(b"not a table")
    with pytest.raises(UserError, match=r"rows-000000-000001-2\.npz is damaged; remove it"):
        run_rows(tmp_path, made(baseline, 1), run_trial, 1)


def test_one_process_at_a_time_writes_to_a_folder(baseline: Baseline, tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(UserError, match=r"another countysim \(process \d+\) is writing to"):
        run_rows(tmp_path, made(baseline, 1), run_trial, 1)


def test_a_shortened_scenario_has_the_same_past(baseline: Baseline) -> None:
    scenario = load("guanxian-2023").scenario
    short = shortened(scenario, 50, scenario.time.start + 5)
    longer = shortened(scenario, 50, scenario.time.start + 8)
    one, other = (record_of(item, 0, {}).monthly for item in (short, longer))
    assert (one == other[:6]).all()


def test_every_place_answers_for_itself() -> None:
    known = all_baselines()
    assert {"yongnian", "anping", "guanxian", "hebei-clusters", "shanxi-towns"} <= set(known)
    assert own_places(known["yongnian"]) == ("yongnian",)
    assert own_places(known["shanxi-towns"])[:2] == ("shanxi-towns", "shanxi-first-ten")
    assert "xinghuacun" in own_places(known["shanxi-towns"])


def test_figures_a_scenario_sets_and_figures_of_other_fits_are_not_asked() -> None:
    scenario = shortened(load("guanxian-2023").scenario, 50, load("guanxian-2023").scenario.time.start + 23)
    truth = truth_of_trial(record_of(scenario, 0, {}), scenario)
    asked, unused = questions_of(scenario, truth)
    assert {"gx-output", "gx-share", "gx-businesses", "gx-employment"} <= {item.id for item in asked}
    reasons = {item.fact.id: item.en for item in unused}
    assert reasons["gx-projects-2023"] == "a term of the scenario, met by construction"
    assert "goal-gx-2028" in reasons
    assert not any(item.id.startswith("goal") for item in asked)
    _, left = questions_of(scenario, truth, frozenset({"guanxian"}))
    assert "answered by the fit of that place" in {item.en for item in left}


def test_the_settings_of_all_together_and_of_one() -> None:
    known = all_baselines()
    together = settings_for({name: known[name] for name in ("guanxian", "hebei-clusters")}, None, None, None, None, 1)
    assert [item.id for item in together] == ["guanxian-r1", "hebei-clusters-r1"]
    assert together[0].first == together[1].first == (512, 128)
    assert together[0].second == (128, 32)
    assert together[0].steps > settings_for({"guanxian": known["guanxian"]}, None, None, None, None, 1)[0].steps
    (alone,) = settings_for({"guanxian": known["guanxian"]}, None, 64, 0, 5, 3)
    assert (alone.id, alone.first, alone.second, alone.scales, alone.seed) == ("guanxian-own", (64,), (0,), (5,), 3)
    with pytest.raises(UserError, match="--first 8: must be 64 or more"):
        settings_for({"guanxian": known["guanxian"]}, None, 8, None, None, 1)


def test_a_space_is_that_of_the_scenario(baseline: Baseline) -> None:
    assert baseline.space == space_of(load("guanxian-2023").scenario)
    assert baseline.industry == "bearing-forging"


SETTINGS = Settings(id="x", scenario="x", scenarios=("x",), scales=(20,), first=(2,), second=(1,))


def test_rows_kept_beside_the_fits_are_found_by_number_and_not_run_again(
    baseline: Baseline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = module.workspace.folders("calibration")
    monkeypatch.setattr(module.workspace, "folders", lambda kind: (tmp_path, *library))
    scores = np.arange(3.0)[:, np.newaxis] * np.ones((3, baseline.space.size))
    values = np.tile(np.array([[0.0], [1.0], [2.0]]), (1, len(baseline.asked)))
    module.keep_rows(tmp_path, baseline, Trials(scores, values, ("", "", "")), SETTINGS, 0)
    assert len(list((tmp_path / "trials").iterdir())) == 2
    monkeypatch.setattr(module, "run_trial", lambda trial: pytest.fail("a kept trial was run again"))
    first, second = module.first_design(SETTINGS, 0), module.second_design(SETTINGS, 0)
    # Last digits of the points say nothing: another processor, the same design.
    found = run_design(baseline, scores[:2] * (1.0 + 1e-15), 0, tmp_path / "work", 1, None, first)
    assert found.values[:, 0].tolist() == [0.0, 1.0]
    assert found.failed == 0
    assert sorted(module.kept_rows(baseline, second, scores[2:])) == [2]


def test_kept_rows_of_other_points_are_not_taken_for_these(
    baseline: Baseline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = module.workspace.folders("calibration")
    monkeypatch.setattr(module.workspace, "folders", lambda kind: (tmp_path, *library))
    scores = np.zeros((2, baseline.space.size))
    trials = Trials(scores, np.zeros((2, len(baseline.asked))), ("", ""))
    module.keep_rows(tmp_path, baseline, trials, SETTINGS, 0)
    design = module.first_design(SETTINGS, 0)
    assert len(module.kept_rows(baseline, design, scores)) == 2
    told = Told()
    assert module.kept_rows(baseline, design, scores + 1e-6, told) == {}
    assert "of other points" in told.said[0]
    assert module.kept_rows(baseline, design, scores[:1]) == {}
    assert module.kept_rows(baseline, module.first_design(replace(SETTINGS, seed=2), 0), scores) == {}
    (path,) = (tmp_path / "trials").iterdir()
    path.write_bytes(b"PK no archive")
    with pytest.raises(UserError, match="is damaged; remove it"):
        module.kept_rows(baseline, design, scores)


def test_kept_rows_belong_to_the_law_of_the_model_and_rows_of_results_to_its_text(
    baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = baseline.space.values(np.zeros((1, baseline.space.size)))

    def names() -> tuple[str, str]:
        return trials_hash(baseline, values, 0), module.kept_name(baseline, "first 2")

    known = names()
    monkeypatch.setattr(module, "code_hash", lambda *readers: f"edited, with {readers}")
    edited = names()
    assert edited[0] != known[0]
    assert edited[1] == known[1]
    monkeypatch.setattr("sim.versions.MODEL_VERSION", 999)
    assert names() == edited, "other bits, the same law"
    monkeypatch.setattr("sim.versions.MODEL_LAW", 999)
    assert names()[1] != known[1]
