"""A policy type of a user's own: a folder of the project, with parameters, observables and words, and nothing else."""

from __future__ import annotations

import multiprocessing
import pickle
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest
from typer.testing import CliRunner, Result

from sim import observables
from sim import parameters as registry
from sim.calibrate.space import idle_inputs, space_of
from sim.cli.main import app
from sim.errors import UserError
from sim.experiments import Run
from sim.experiments.identity import layout_hash
from sim.experiments.parameter_draws import current_identity
from sim.inputs.problems import InputErrors
from sim.parameters.industries import for_industry
from sim.policies.registry import policy_types
from sim.scenario.content_hash import scenario_hash
from sim.scenario.loader import load
from sim.scenario.schema import scenario_schema
from tests.scenario.written import replaced

PROJECT = Path(__file__).with_name("project_of_ones_own")
SMALL = ("run.firms_per_agent=100", "time.start=2023-01", "time.reported_until=2023-01", "time.end=2023-12")
NAME = "testing_lab.pass_rate"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in a project that brings a policy type of its own, and go back to where there is none."""
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    monkeypatch.undo()
    policy_types()


def own_file(project: Path, name: str) -> Path:
    """Return a file of the type's folder."""
    return project / "policies" / "testing_lab" / name


def edit(path: Path, old: str, new: str) -> None:
    """Replace a piece of a file."""
    path.write_text(replaced(path.read_text(encoding="utf-8"), old, new), encoding="utf-8")


def countysim(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def test_it_is_there_in_its_project_and_nowhere_else(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert policy_types()["testing_lab"].name_zh == "共享检测中心"
    assert "testing_lab" in str(scenario_schema())
    assert "goods_tested" in observables.INDEX
    monkeypatch.chdir(Path(__file__).parent)
    assert "testing_lab" not in policy_types()
    assert "goods_tested" not in observables.INDEX
    assert NAME not in [row.name for row in registry.parameter_table()]


def test_a_scenario_with_it_is_checked_like_any_other(project: Path) -> None:
    file = project / "scenarios" / "with-lab.toml"
    assert countysim("scenario", "check", "with-lab").exit_code == 0
    edit(file, "8000 yuan/firm", "8000 yuan")
    result = countysim("scenario", "check", "with-lab")
    assert result.exit_code == 2
    assert result.stderr.startswith("E02  scenarios/with-lab.toml:18")
    edit(file, 'cost = "8000 yuan"', 'costs = "8000 yuan/firm"')
    result = countysim("scenario", "check", "with-lab")
    assert result.exit_code == 2
    assert 'did you mean "cost"' in result.stderr
    edit(file, 'costs = "8000 yuan/firm"', 'cost = "2 million yuan/firm"')
    result = countysim("scenario", "check", "with-lab")
    assert result.exit_code == 0
    assert 'W11  scenarios/with-lab.toml:16  policy "lab"' in result.stdout + result.stderr


def test_its_words_are_read_in_both_languages(project: Path) -> None:
    english, chinese = (countysim("scenario", "terms", "testing_lab", "--lang", lang).stdout for lang in ("en", "zh"))
    assert "Firms whose goods can be tested in a year" in re.sub(r"\s+", " ", english)
    assert "年检测企业数" in chinese
    assert registry.parameter_name(NAME, "zh") == "检测合格率"


def test_it_runs_and_compares_and_leaves_the_baseline_what_it_was(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two worker processes carry it out; what it does is counted, paid, and compared by its own observables."""
    given = [part for each in SMALL for part in ("--set", each)]
    assert countysim("run", "yongnian-2023", "with-lab", "-n", "2", "--jobs", "2", *given).exit_code == 0
    ids = [
        f"{name}/{next((project / 'results' / 'runs' / name).iterdir()).name}" for name in ("yongnian-2023", "with-lab")
    ]
    baseline, lab = (Run(project / "results" / "runs" / name) for name in ids)
    assert [run.failures for run in (baseline, lab)] == [[], []]
    assert set(lab.variables) - set(baseline.variables) == {"goods_tested", "goods_passed"}
    tested, passed = (lab.annual(name)[:, 0] for name in ("goods_tested", "goods_passed"))
    assert (tested > passed).all()
    assert (passed > 0.0).all()
    assert (baseline.annual("goods_tested") == 0.0).all()
    paid = lab.money()[:, :, lab.policies.index("lab")].sum(axis=(1, 2))[:, 3]
    assert paid == pytest.approx(4000.0 * tested)
    result = countysim("compare", *ids[::-1], "--at", "2023", "--window", "2023-2023", "--all", "--no-xlsx")
    assert result.exit_code == 0, result.stderr
    assert "firms with tested goods" in result.stdout
    result = countysim(
        "dose", "with-lab", "lab", "--times", "1", "-n", "1", "--jobs", "1", "--at", "2023", "--lang", "zh", *given
    )
    assert result.exit_code == 0, result.stderr
    assert "送检企业" in result.stdout
    monkeypatch.chdir(Path(__file__).parent)
    assert "testing_lab" not in policy_types()
    assert set(Run(lab.folder).variables) == set(baseline.variables)
    monkeypatch.chdir(project)
    assert set(Run(lab.folder).variables) == set(lab.manifest["observables"])


def test_its_source_counts_in_runs_with_it_alone(project: Path) -> None:
    def hashes() -> tuple[str, str, str]:
        return scenario_hash(load("with-lab").scenario), scenario_hash(load("yongnian-2023").scenario), layout_hash()

    first = hashes()
    edit(own_file(project, "action.py"), "Take in the month's goods, as", "Take in goods, as")
    second = hashes()
    assert (second[0] != first[0], second[1:]) == (True, first[1:])
    edit(own_file(project, "parameters.toml"), "value = 0.6", "value = 0.5")
    assert hashes()[0] != second[0]
    shutil.rmtree(project / "policies")
    assert (scenario_hash(load("yongnian-2023").scenario), layout_hash()) == first[1:]


def test_its_parameters_are_drawn_for_its_scenarios_alone(project: Path) -> None:
    scenario, fits = load("with-lab").scenario, current_identity()
    before = replace(scenario, policies=())
    assert registry.load_parameters({NAME: 0.7}).testing_lab.pass_rate == 0.7  # type: ignore[attr-defined]
    assert (NAME in space_of(scenario).names, NAME in space_of(before).names) == (True, False)
    assert idle_inputs(space_of(scenario), scenario).isdisjoint({space_of(scenario).names.index(NAME)})
    assert (current_identity(), current_identity(names=[NAME])) == (fits, replace(fits, priors=ANY))
    assert current_identity(names=[NAME]).priors != fits.priors
    found = for_industry(pickle.loads(pickle.dumps(registry.load_parameters())), "wire-mesh")
    assert found.testing_lab.pass_rate == 0.6  # type: ignore[attr-defined]


def test_a_process_that_is_handed_a_scenario_finds_it(project: Path) -> None:
    """A worker that shares no memory with its parent imports the type from the project it stands in."""
    scenario = load("with-lab").scenario
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(scenario_hash, scenario).result() == scenario_hash(scenario)


@pytest.mark.parametrize(
    ("name", "old", "new", "where", "what"),
    [
        ("terms.py", "Number = term(", "Number = tern(", "terms.py:34", "NameError: name 'tern' is not defined"),
        ("terms.py", "class TestingLabTerms(Terms):", "class TestingLabTerms(Terms:", "terms.py:22", "SyntaxError"),
        ("terms.py", '@policy_type("testing_lab"', '@policy_type("lab"', "terms.py", 'marked @policy_type('),
        ("terms.py", '"goods_tested", "firms', '"exports", "firms', "terms.py:2", "has a name that is taken"),
        ("action.py", "    def act(self)", "    def act(self", "action.py:1", "SyntaxError"),
        ("action.py", "", None, "testing_lab", "action.py is missing"),
        ("terms.py", "", None, "testing_lab", "terms.py is missing"),
    ],
)  # fmt: skip
def test_a_mistake_in_its_folder_is_told_by_file_and_line(
    project: Path, name: str, old: str, new: str | None, where: str, what: str
) -> None:
    if new is None:
        own_file(project, name).unlink()
    else:
        edit(own_file(project, name), old, new)
    for lang, words in (
        ("en", "a policy type of the workspace cannot be read"),
        ("zh", "工作区自带的政策类型无法读取"),
    ):
        result = countysim("scenario", "check", "with-lab", "--lang", lang)
        assert result.exit_code == 2
        assert result.stderr.startswith("E28  policies/testing_lab")
        assert where in result.stderr.splitlines()[0]
        assert words in result.stderr
        assert what in result.stderr
    result = countysim("scenario", "terms")
    assert result.exit_code == 2
    assert what in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("from sim.policies.choosing", "from sim.cho", "No module named 'sim.cho'"),
        ("(QualityProgramme[TestingLabTerms]):", ":", "no class in it is a sim.policies.acting.Institution"),
    ],
)  # fmt: skip
def test_a_mistake_in_what_it_does_is_told_before_any_work(project: Path, old: str, new: str, what: str) -> None:
    edit(own_file(project, "action.py"), old, new)
    assert countysim("scenario", "check", "with-lab").exit_code == 0
    result = countysim("run", "with-lab", "-n", "1")
    assert result.exit_code == 2
    assert result.stderr.startswith("E28  policies/testing_lab/action.py")
    assert what in result.stderr
    assert not (project / "results").exists()


def test_what_goes_wrong_in_a_month_is_told_by_its_file_and_line(project: Path) -> None:
    edit(own_file(project, "action.py"), "        terms = self.terms\n", "        terms = self.tems\n")
    given = [part for each in SMALL for part in ("--set", each)]
    result = countysim("run", "with-lab", "-n", "1", "--jobs", "1", *given)
    assert result.exit_code == 1
    assert "has no attribute 'tems' (policies/testing_lab/action.py:20)" in result.stdout + result.stderr


@pytest.mark.parametrize("name", ["fund", "terms", "testing-lab"])
def test_a_name_that_cannot_be_had_is_refused(project: Path, name: str) -> None:
    shutil.copytree(project / "policies" / "testing_lab", project / "policies" / name)
    with pytest.raises(InputErrors, match=rf"E28  policies/{name}"):
        load("with-lab")


def test_a_wrong_parameter_is_told_like_any_other(project: Path) -> None:
    edit(own_file(project, "parameters.toml"), "value = 0.6", "value = 2.5")
    policy_types()
    with pytest.raises(UserError, match=rf"parameters\.toml:13  {NAME}: value 2.5 lies outside 0.4"):
        registry.load_parameters()


def test_folders_without_code_are_no_policy_types(project: Path) -> None:
    (project / "policies" / "notes").mkdir()
    (project / "policies" / "notes" / "read.md").write_text("What we think.\n", encoding="utf-8")
    assert "notes" not in policy_types()
