"""A small fit from start to end: its files, its bits, and when it is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from sim import workspace
from sim.calibrate.fits import evenly, read_fit, read_settings, rounded, write_fit
from sim.calibrate.fitting import fit_together
from sim.cli.main import app
from sim.errors import UserError
from sim.evidence import load_facts
from sim.experiments import parameter_draws
from sim.experiments.parameter_draws import fitted_draws, read_draws
from sim.inputs.problems import InputErrors
from tests import processors
from tests.calibrate.small_fit import EFFORT, SMALL

FILES = ("settings.toml", "draws.csv", "diagnostics.json")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fits")
    (written,) = fit_together([SMALL], folder / "work", folder / "one", EFFORT, jobs=2)
    return written


@pytest.mark.slow
@pytest.mark.timeout(900)  # a whole fit in one process; a slow machine that does something else takes minutes
def test_the_same_settings_give_the_same_bytes_with_one_process_and_own_functions(fitted: Path, tmp_path: Path) -> None:
    again = replace(read_settings(fitted / "settings.toml"), identity=None)
    with processors.library_functions_raise():
        (second,) = fit_together([again], tmp_path / "work", tmp_path / "fits", EFFORT, jobs=1)
    for name in FILES:
        assert (second / name).read_bytes() == (fitted / name).read_bytes(), name
    assert processors.digest_of(second) == processors.committed()["fit"]


@pytest.mark.slow
def test_diagnostics_name_every_figure_and_every_number(fitted: Path) -> None:
    found = json.loads((fitted / "diagnostics.json").read_text(encoding="utf-8"))
    assert {item["id"] for item in found["facts"]} == {fact.id for fact in load_facts()}
    used = [item for item in found["facts"] if item["used"] != "no"]
    assert {item["id"] for item in used} == {"gx-output", "gx-share", "gx-businesses", "gx-employment"}
    assert all(item["why"] and item["why_zh"] for item in found["facts"] if item["used"] == "no")
    # The range that output starts from was made from this figure: no fit sees it again.
    assert {item["id"] for item in used if item["used"] == "range"} == {"gx-output"}
    for item in used:
        assert item["prior"]["p05"] < item["prior"]["p50"] < item["prior"]["p95"]
        if item["used"] == "range":
            assert (item["left_out"], item["taught"]) == (None, 0.0)
            continue
        assert item["left_out"]["inside"] in (True, False)
        assert len(item["left_out"]["quantiles"]) == 39
        assert item["taught"] >= 0.0
    names = [item["name"] for item in found["parameters"]]
    assert len(names) == len(set(names)) > 200
    assert found["fit"]["trials"] == 96
    assert found["ranks"]["cases"] == 40


def look_also_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calibrations be looked for in ``root`` first."""
    usual = parameter_draws.workspace.folders

    def folders(kind: str) -> tuple[Path, ...]:
        return (root, *usual(kind)) if kind == "calibration" else tuple(usual(kind))

    monkeypatch.setattr(parameter_draws.workspace, "folders", folders)


@pytest.mark.slow
def test_draws_are_used_replicate_by_replicate(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fitted.parents[1] / "calibration"
    shutil.copytree(fitted, root / "fits" / "guanxian-small", dirs_exist_ok=True)
    library = parameter_draws.workspace.folders("calibration")
    shutil.copytree(library[0] / "evidence", root / "evidence", dirs_exist_ok=True)
    look_also_in(root, monkeypatch)
    loaded = type("Loaded", (), {"calibration": "guanxian-small"})
    draws = fitted_draws(loaded)
    assert len(draws.rows) == 64
    assert draws.label == "guanxian-small"
    assert draws.values(0) != draws.values(1)
    assert "place.guanxian.start.exports" in draws.values(0)
    assert read_fit("guanxian-small").refusal is None


@pytest.mark.slow
@pytest.mark.parametrize("part", ["model_law", "evidence", "priors", "likelihood", "places"])
def test_a_fit_of_other_inputs_is_refused(fitted: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    root = fitted.parents[1] / f"calibration-{part}"
    shutil.copytree(fitted, root / "fits" / "guanxian-small", dirs_exist_ok=True)
    library = parameter_draws.workspace.folders("calibration")
    shutil.copytree(library[0] / "evidence", root / "evidence", dirs_exist_ok=True)
    path = root / "fits" / "guanxian-small" / "settings.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    changed = [f"{part} = 999" if line.startswith(f"{part} =") and part == "model_law" else line for line in lines]
    changed = [f'{part} = "000000000000"' if line.startswith(f'{part} = "') else line for line in changed]
    assert changed != lines
    path.write_text("\n".join(changed) + "\n", encoding="utf-8")
    look_also_in(root, monkeypatch)
    with pytest.raises(UserError, match="was made with other inputs than there are now") as caught:
        fitted_draws(type("Loaded", (), {"calibration": "guanxian-small"}))
    assert parameter_draws.WORDS.both(f"identity.{part}").en in str(caught.value)
    assert "countysim calibrate --settings" in str(caught.value)


@pytest.mark.slow
def test_a_fit_of_places_with_other_ranges_is_refused(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fitted.parents[1] / "calibration-other-ranges"
    shutil.copytree(fitted, root / "fits" / "guanxian-small", dirs_exist_ok=True)
    library = parameter_draws.workspace.folders("calibration")
    shutil.copytree(library[0] / "evidence", root / "evidence", dirs_exist_ok=True)
    look_also_in(root, monkeypatch)
    known = parameter_draws.place_origins
    wider = {"guanxian": tuple(replace(item, high=2.0 * item.value) for item in known("guanxian"))}
    assert fitted_draws(type("Loaded", (), {"calibration": "guanxian-small"})).rows
    monkeypatch.setattr(parameter_draws, "place_origins", lambda place: wider[place])
    with pytest.raises(UserError, match="starting values and their ranges"):
        fitted_draws(type("Loaded", (), {"calibration": "guanxian-small"}))


def test_settings_come_back(tmp_path: Path) -> None:
    identity = parameter_draws.current_identity()
    write_fit(tmp_path / "x", replace(SMALL, identity=identity), ("a", "b"), np.array([[1.0, 2.0], [3.0, 4.0]]), {})
    assert read_settings(tmp_path / "x" / "settings.toml") == replace(SMALL, identity=identity)
    assert (tmp_path / "x" / "draws.csv").read_text(encoding="utf-8") == "draw,a,b\n0,1,2\n1,3,4\n"


def test_draws_are_written_to_six_digits_and_used_as_written() -> None:
    values = np.array([[123456789.123, 0.000123456789]])
    assert rounded(values).tolist() == [[123457000.0, 0.000123457]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "# nothing\n",
            r'settings\.toml:1  the file has no "id", "scenario", "scenarios", "scales", "first", "second"',
        ),
        ('id = "x"\nsurprise = 1\n', r'settings\.toml:2  unknown key "surprise" in the file'),
        ("id = ", r"E19  .*settings\.toml:1  the line cannot be read as TOML"),
    ],
)
def test_a_wrong_settings_file_is_told(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=words):
        read_settings(path)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the copy of a fit in a workspace of its own."""
    (tmp_path / "scenarios").mkdir()
    folder = tmp_path / "calibration" / "fits" / "yongnian-r1"
    shutil.copytree(workspace.library_root() / "calibration" / "fits" / "yongnian-r1", folder)
    monkeypatch.chdir(tmp_path)
    return folder


def no_id(found: Any) -> None:
    del found["facts"][0]["id"]


def no_quantile(found: Any) -> None:
    del found["facts"][0]["prior"]["p95"]


def no_unit(found: Any) -> None:
    del found["parameters"][0]["unit"]


def other_standing(found: Any) -> None:
    found["facts"][0]["standing"] = "beside"


def endless(found: Any) -> None:
    found["moments"][0]["value"] = float("nan")


def turned(found: Any) -> None:
    found["parameters"][1]["prior"]["p05"] = 1e9


def few_quantiles(found: Any) -> None:
    found["facts"][0]["left_out"] = found["moments"][0]["left_out"] | {"quantiles": [1.0]}


@pytest.mark.parametrize(
    ("damage", "where"),
    [
        (no_id, "facts.0.range.id"), (no_quantile, "facts.0.range.prior.p95"), (no_unit, "parameters.0.unit"),
        (other_standing, "facts.0.range.standing"), (endless, "moments.0.value"), (turned, "parameters.1.prior"),
        (few_quantiles, "facts.0.range.left_out.quantiles"),
    ],
)  # fmt: skip
def test_damaged_diagnostics_are_told_in_one_message(copied: Path, damage: Callable[[Any], None], where: str) -> None:
    path = copied / "diagnostics.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    damage(found)
    path.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        read_fit("yongnian-r1")
    (problem,) = caught.value.problems
    assert (problem.message, problem.spot.file) == ("damaged_fit", "calibration/fits/yongnian-r1/diagnostics.json")
    assert where in problem.text("en")
    assert where in problem.text("zh")


@pytest.mark.parametrize("content", [b"{", b"[]", b"[" * 5000, b"", b"{\xff}", b"\x00", b"1" * 5000])
def test_what_is_no_diagnostics_ends_with_exit_code_2(copied: Path, content: bytes) -> None:
    (copied / "diagnostics.json").write_bytes(content)
    for asked in (["fit", "yongnian"], ["fit", "yongnian", "--json"], ["validate", "yongnian"]):
        done = CliRunner().invoke(app, asked)
        assert isinstance(done.exception, SystemExit)
        assert done.exit_code == 2
        assert "diagnostics.json" in done.stderr


def test_draws_and_settings_that_are_no_text_of_a_fit_are_told(copied: Path) -> None:
    whole = (copied / "draws.csv").read_bytes()
    (copied / "draws.csv").write_bytes(b"\xff" + whole)
    with pytest.raises(InputErrors, match=r"draws\.csv"):
        _ = read_fit("yongnian-r1").refusal
    for content, message in (
        (whole + b"1,x\n", "bad_draw"),
        (b"draw,a\n0," + b"1" * 200_000, "bad_draw"),
        (b"draw,a", "no_draws"),
    ):
        (copied / "draws.csv").write_bytes(content)
        with pytest.raises(InputErrors) as caught:
            read_draws("yongnian-r1", copied / "draws.csv")
        assert [problem.message for problem in caught.value.problems] == [message]
    settings = (copied / "settings.toml").read_text(encoding="utf-8")
    (copied / "settings.toml").write_text(settings.replace("draws = 512", 'draws = "many"'), encoding="utf-8")
    with pytest.raises(InputErrors, match=r"settings\.toml:\d+  draws = "):
        read_fit("yongnian-r1")


def test_a_fit_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UserError, match='no fit is called "nowhere-r1"'):
        read_fit("nowhere-r1")
    with pytest.raises(UserError, match="small letters"):
        read_fit("../evil")


def test_no_effect_of_a_policy_is_among_the_ratios() -> None:
    from sim.calibrate.questions import load_moments

    moments: dict[str, Any] = dict(load_moments())
    assert set(moments) == {"margin-metal", "losses-metal", "exits", "tax"}
    for item in moments.values():
        assert " A" not in item.source
        assert "B" in item.source or "D" in item.source


def test_the_identity_of_a_fit_of_earlier_versions_is_read() -> None:
    """Up to version 4 of the model its law was its version."""
    parts = {"evidence": "a", "priors": "b", "likelihood": "c"}
    assert parameter_draws.identity_of({"model_version": 4, **parts}) == parameter_draws.identity_of(
        {"model_law": 4, **parts}
    )
    with pytest.raises(TypeError):
        parameter_draws.identity_of({"model": 4, **parts})


def test_the_first_draws_lie_as_all_do() -> None:
    """A run of 24 pairs uses 24 of them: their means and spreads are nearer to those of all than as they were drawn."""
    random = np.random.default_rng(7)
    draws = np.column_stack([random.lognormal(size=(400, 30)), np.full(400, 3.0), random.integers(0, 2, (400, 2))])
    ordered = evenly(draws)
    assert sorted(map(tuple, ordered.tolist())) == sorted(map(tuple, draws.tolist()))
    spread = draws.std(axis=0) + (draws.std(axis=0) == 0.0)

    def off(first: NDArray[np.float64]) -> float:
        return float((np.abs(first[:24].mean(axis=0) - draws.mean(axis=0)) / spread).mean())

    assert off(ordered) < 0.75 * off(draws)
    assert ordered[:24].std(axis=0)[:30].mean() == pytest.approx(draws.std(axis=0)[:30].mean(), rel=0.2)
    assert evenly(draws).tolist() == ordered.tolist()
