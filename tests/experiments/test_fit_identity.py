"""What a fit belongs to: figures of its own places and those fitted with it, not of a county added beside them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim import workspace
from sim.cli.main import app
from sim.experiments.parameter_draws import current_identity, refusal
from sim.scaffold.new_place import Wanted, new_place
from tests.scenario.own_county import write_tables

LIBRARY = workspace.library_root()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test a project of its own, with the library's figures in it."""
    (tmp_path / "scenarios").mkdir()
    shutil.copytree(LIBRARY / "calibration" / "evidence", tmp_path / "calibration" / "evidence")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def evidence(project: Path, *scenarios: str) -> str:
    return current_identity(project / "calibration", scenarios=scenarios or None).evidence


def test_a_county_added_beside_it_leaves_a_fit_as_it_is(project: Path) -> None:
    settings = Path("calibration/fits/yongnian-r1/settings.toml")
    shutil.copytree(LIBRARY / settings.parent, project / settings.parent)
    assert refusal(project / settings) is None
    before = evidence(project, "yongnian-2023")
    new_place(Wanted("wuyou", write_tables(project)))
    assert {path.name for path in (project / "calibration/evidence").glob("wuyou*")} == {
        "wuyou_facts.csv",
        "wuyou_sources.csv",
    }
    assert refusal(project / settings) is None
    assert evidence(project, "yongnian-2023") == before
    assert evidence(project, "yongnian-2023", "wuyou-baseline") != before
    assert evidence(project) == evidence(project, "wuyou-baseline")
    assert evidence(project, "no-such-baseline") == evidence(project)


def test_figures_of_a_set_and_of_its_members_count_for_it(project: Path) -> None:
    scenarios = ("yongnian-2023", "hebei-clusters-2019", "hebei-fund1b")
    before = [evidence(project, scenario) for scenario in scenarios]
    (project / "calibration/evidence/anping_facts.csv").write_text("x\n", encoding="utf-8")
    (project / "calibration/evidence/hebei-clusters_sources.csv").write_text("x\n", encoding="utf-8")
    changed = [one != evidence(project, scenario) for one, scenario in zip(before, scenarios, strict=True)]
    assert changed == [True, True, True]
    (project / "calibration/evidence/hebei-clusters_sources.csv").unlink()
    changed = [one != evidence(project, scenario) for one, scenario in zip(before, scenarios, strict=True)]
    assert changed == [False, True, True]


def test_a_changed_place_of_a_fitted_scenario_is_told_before_a_run(project: Path) -> None:
    shutil.rmtree(project / "calibration")
    text = (LIBRARY / "scenarios/places/yongnian.toml").read_text(encoding="utf-8")
    changed = text.replace('"1.486 billion yuan"', '"1.6 billion yuan"', 1)
    assert changed != text
    (project / "scenarios/places").mkdir()
    (project / "scenarios/places/yongnian.toml").write_text(changed, encoding="utf-8")
    check = ("scenario", "check", "yongnian-2023", "yongnian-academy", "--lang", "en")
    for words, scenarios in ((check, 2), (("run", "yongnian-2023"), 1)):
        told = run(*words)
        assert told.exit_code == 2, told.output
        assert told.stderr.startswith("E41  scenarios/yongnian-2023.toml:")
        assert (
            "made with other inputs than there are now: starting values and their ranges (place files)" in told.stderr
        )
        assert told.stderr.count("E41") == scenarios
    chinese = run("scenario", "check", "yongnian-2023", "--lang", "zh").stderr
    assert "校准结果 yongnian-r1 所用的输入与现在不同：起始值及其区间（地点文件）" in chinese


def test_a_fit_that_says_nothing_of_its_inputs_is_refused(project: Path) -> None:
    folder = project / "calibration/fits/mine"
    folder.mkdir(parents=True)
    (folder / "draws.csv").write_text("draw,demand.growth\n0,0.01\n", encoding="utf-8")
    for text in ('id = "mine"\n', "[identity]\nunknown = 1\n"):
        (folder / "settings.toml").write_text(text, encoding="utf-8")
        problem = refusal(folder / "settings.toml")
        assert problem is not None
        assert str(problem) == "E41  fit mine does not say what it was made with\n     fit again: countysim calibrate"


def test_draws_that_are_no_table_are_told_by_the_check(project: Path) -> None:
    folder = project / "calibration/fits/yongnian-r1"
    folder.mkdir(parents=True)
    (folder / "draws.csv").write_text("draw,demand.growth\n0,much\n", encoding="utf-8")
    told = run("scenario", "check", "yongnian-2023", "--lang", "en")
    assert told.exit_code == 2
    assert told.stderr.startswith("E41  calibration/fits/yongnian-r1/draws.csv:2  every column of a draw")
