"""Parameter draws and seeds: replicate i is the same future in every scenario, and no two are alike."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import workspace
from sim.errors import UserError
from sim.experiments import run_ensemble
from sim.experiments.parameter_draws import ParameterDraws, drawn_from, draws_for, fitted_draws, prior_draws, read_draws
from sim.state.draws import replicate_seed
from tests.experiments.toys import toybox

TWO = "draw,production.normal_use,demand.elasticity_suppliers\n0,0.71,7\n1,0.79,9\n"


@given(st.integers(0, 2**63 - 1), st.lists(st.integers(0, 100_000), min_size=2, max_size=50, unique=True))
def test_two_replicates_never_share_a_stream(seed, replicates):
    assert len({replicate_seed(seed, number) for number in replicates}) == len(replicates)


@given(st.integers(0, 2**62))
def test_neighbouring_seeds_share_no_replicate(seed):
    assert not {replicate_seed(seed, n) for n in range(100)} & {replicate_seed(seed + 1, n) for n in range(100)}


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "calibration" / "fits" / "toys-r1" / "draws.csv"
    path.parent.mkdir(parents=True)
    path.write_text(TWO, "utf-8")
    shutil.copy(workspace.library_root() / "calibration" / "priors.toml", tmp_path / "calibration")
    monkeypatch.setattr(workspace, "folders", lambda kind: (tmp_path / kind,))
    return path


def loaded(calibration):
    return SimpleNamespace(calibration=calibration, scenario=SimpleNamespace(id="toy"))


def test_draws_of_a_calibration(file):
    draws = fitted_draws(loaded("toys-r1"))
    assert draws.label == "toys-r1"
    assert draws.path == "calibration/fits/toys-r1/draws.csv"
    assert draws.values(1) == {"production.normal_use": 0.79, "demand.elasticity_suppliers": 9.0}
    assert (draws.index(5), draws.values(5)) == (1, draws.values(1))


def test_the_draws_hash_follows_the_numbers_not_the_line_ends(file):
    before = fitted_draws(loaded("toys-r1")).digest
    file.write_bytes(TWO.replace("\n", "\r\n").encode("utf-8-sig"))
    assert fitted_draws(loaded("toys-r1")).digest == before
    file.write_text(TWO.replace("0.79", "0.78"), "utf-8")
    assert fitted_draws(loaded("toys-r1")).digest != before


def test_without_draws_every_replicate_has_the_central_values(file):
    for draws in (fitted_draws(loaded("")), fitted_draws(loaded("not-fitted"))):
        assert draws.values(3) == {}
        assert draws.index(3) == 3
        assert draws.label == "none (parameters at assumed values)"


def test_a_fit_comes_first_and_without_one_the_priors(file):
    fitted = draws_for(of_no_place("toys-r1"), 5)
    assert (fitted.drawn_from, fitted.digest) == ("fit", fitted_draws(loaded("toys-r1")).digest)
    drawn = draws_for(of_no_place(""), 5)
    assert (drawn.drawn_from, drawn.label) == ("priors", "from the priors (not calibrated)")
    assert drawn.values(3) == prior_draws(5, ()).values(3) != drawn.values(4)
    assert drawn == draws_for(of_no_place("not-fitted"), 5) != draws_for(of_no_place(""), 6)
    for name in ("toys-r1", ""):
        assert draws_for(of_no_place(name), 5, "assumed") == ParameterDraws()


def of_no_place(calibration):
    return SimpleNamespace(calibration=calibration, scenario=SimpleNamespace(id="toy", places=()))


def test_a_manifest_tells_where_parameters_are_from(file):
    for draws in (fitted_draws(loaded("toys-r1")), prior_draws(5, ()), ParameterDraws()):
        assert drawn_from({"draws": {"hash": draws.digest}}) == draws.drawn_from
    assert drawn_from({}) == "assumed"


def test_the_hash_of_draws_of_the_priors_follows_every_range(monkeypatch):
    from sim.experiments import parameter_draws
    from sim.scenario.loader import load

    places = load("yongnian-2023").scenario.places
    assert prior_draws(5, ()).digest != prior_draws(5, places).digest == prior_draws(6, places).digest
    before, table = prior_draws(5, ()).digest, parameter_draws.parameter_table()
    wider = [
        row.model_copy(update={"high": row.high + 1.0}) if row.name == "demand.trial_months" else row for row in table
    ]
    monkeypatch.setattr(parameter_draws, "parameter_table", lambda: wider)
    assert prior_draws(5, ()).digest != before


@pytest.mark.parametrize("name", ["../fits", "a/b", "A", "-x"])
def test_a_calibration_name_is_no_path(name):
    with pytest.raises(UserError, match="small letters"):
        fitted_draws(loaded(name))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("draw,a.b\n0,x\n", ":2 "),
        ("draw,a.b\n0,1\n1,nan\n", ":3 "),
        ("draw,a.b\n0,1,2\n", ":2 "),
        ("draw,a.b,c.d\n0,1\n", ":2 "),
        ("draw,a.b\n", "no draws"),
        ("draw\n0\n", "no draws"),
        ("", "the file is empty"),
    ],
)
def test_a_malformed_file_of_draws(file, text, message):
    file.write_text(text, "utf-8")
    with pytest.raises(UserError, match=message):
        read_draws("toys-r1", file)


def two_draws(*_asked):
    rows = ({"production.normal_use": 0.71}, {"production.normal_use": 0.79})
    return ParameterDraws("toys-r1", "calibration/fits/toys-r1/draws.csv", "abc", rows)


def test_replicate_i_uses_draw_i_and_an_override_beats_it(tmp_path):
    box = toybox(draws=two_draws)
    drawn, _ = run_ensemble(["toy", "toy-b"], 3, 1, out=tmp_path, toolbox=box)
    (low,) = run_ensemble(["toy"], 3, 1, out=tmp_path, toolbox=box, overrides=["parameters.production.normal_use=0.71"])
    same = [low.digest(number) == drawn.digest(number) for number in range(3)]
    assert same == [True, False, True]
    assert drawn.manifest["draws"] == {
        "calibration": "toys-r1",
        "file": "calibration/fits/toys-r1/draws.csv",
        "hash": "abc",
    }
    assert drawn.folder != run_ensemble(["toy"], 1, 1, out=tmp_path, toolbox=toybox())[0].folder
