"""Reading runs: numbers, finding, pairing, the Dataset."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sim
from sim.errors import UserError
from sim.experiments import (
    Run,
    dataset,
    find_run,
    list_runs,
    require_paired,
    run_ensemble,
    shared_replicates,
    why_not_paired,
)
from sim.experiments import find as find_module
from sim.experiments import run as run_module
from sim.experiments.pairing import run_alike
from sim.observables import OBSERVABLES
from tests.experiments.toys import (
    MONTHS,
    START,
    Behaviour,
    toy_places_hash,
    toy_record,
    toy_scenario,
    toy_world_hash,
    toybox,
)

BOX = toybox()


def make(out, *references, n=12, box=BOX, **options):
    return run_ensemble(references or ("toy",), n, 1, out=out, toolbox=box, **options)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    make(folder, "toy", "toy:b")
    return folder


@pytest.fixture(scope="module")
def run(out):
    return find_run("toy", out, toolbox=BOX)


def record(replicate):
    return toy_record(toy_scenario(), 0.78, BOX.replicate_seed(7, replicate), MONTHS, panel=False)


def test_what_a_run_is(run):
    assert run.scenario_id == "toy"
    assert run.places == ["east", "west"]
    assert run.policies == ["gift"]
    assert run.first_month == START
    assert run.months.tolist() == list(range(START, START + MONTHS))
    assert run.years.tolist() == [2021, 2022]
    assert run.replicates.tolist() == list(range(12))
    assert run.scenario.id == "toy"
    assert run.stale == []
    assert run.failures == []


def test_monthly_and_annual_values(run):
    column = [item.name for item in OBSERVABLES].index("employment")
    expected = np.stack([record(number).monthly[:, :, column] for number in range(12)])
    assert np.array_equal(run.monthly("employment", "west"), expected[:, :, 1])
    assert np.array_equal(run.monthly("employment"), expected.sum(axis=2))
    assert run.annual("employment").tolist() == run.monthly("employment")[:, [20, 32]].tolist()


def test_a_ratio_over_places_is_weighted_by_output(run):
    output, wage = run.by_place("output_value"), run.by_place("wage")
    assert np.allclose(run.monthly("wage"), (output * wage).sum(axis=2) / output.sum(axis=2))


def test_a_large_run_is_read_variable_by_variable(run, monkeypatch):
    monkeypatch.setattr(run_module, "LARGEST_KEPT_BYTES", 0)
    again = Run(run.folder, BOX)
    for item in OBSERVABLES[:12]:
        assert np.array_equal(again.monthly(item.name), run.monthly(item.name), equal_nan=True)
    assert len(again._kept) <= run_module.KEPT_VARIABLES


def test_other_arrays(run):
    assert run.money().shape == (12, MONTHS, 1, 2, 6)
    assert np.array_equal(run.money()[5], record(5).money)
    assert run.size_classes().shape == (12, 2, 2, 5, 5)
    assert np.array_equal(run.size_classes()[4], record(4).size_classes[1:])
    assert run.anchor_names() == ["market_scale"]
    assert np.array_equal(run.anchors("market_scale")[2], record(2).anchors["market_scale"])
    assert run.take_up().shape == (12, 2, 1, 11, 2)
    assert np.array_equal(run.take_up()[4], record(4).take_up[1:])
    assert np.array_equal(run.elsewhere()[4], record(4).elsewhere)
    assert np.array_equal(run.purchases(3), record(3).purchases)
    assert np.array_equal(run.awards(3), record(3).awards)
    assert np.array_equal(run.tracked(3), record(3).tracked)
    assert run.digest(3) == record(3).digest


def test_clear_messages_for_what_is_not_there(run):
    with pytest.raises(UserError, match='no variable "jobs"'):
        run.monthly("jobs")
    with pytest.raises(UserError, match='no place "north"'):
        run.monthly("employment", "north")
    with pytest.raises(UserError, match="no finished replicate 77"):
        run.purchases(77)
    with pytest.raises(UserError, match="countysim run toy --panel"):
        run.panel(0)


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(UserError, match="holds no run"):
        Run(tmp_path)
    (tmp_path / "run.json").write_text("{", "utf-8")
    with pytest.raises(UserError, match="cannot be read"):
        Run(tmp_path)
    for content in ("[]", "{}", '{"identity": {}}', "7"):
        (tmp_path / "run.json").write_text(content, "utf-8")
        with pytest.raises(UserError, match="not the manifest"):
            Run(tmp_path)


@pytest.mark.parametrize("name", ["run", "seed", "identity", "observables", "places", "sessions", "replicates"])
def test_a_manifest_with_other_content_is_said(run, tmp_path, name):
    for other in (None, 1.5, [{}], {"asked": "many"}):
        content = json.dumps({**run.manifest, name: other})
        (tmp_path / "run.json").write_text(content, "utf-8")
        with pytest.raises(UserError, match=r"not the manifest of a run\n.*move it away"):
            Run(tmp_path)


def test_a_run_in_which_everything_failed(tmp_path):
    (found,) = make(tmp_path, n=2, box=toybox(Behaviour(fail=(0, 1))))
    assert found.replicates.tolist() == []
    assert [failure["replicate"] for failure in found.failures] == [0, 1]
    assert found.years.tolist() == [2021, 2022]
    with pytest.raises(UserError, match="no finished replicate yet"):
        found.monthly("employment")
    with pytest.raises(UserError, match="no run of toy yet: countysim run toy"):
        find_run("toy", tmp_path, toolbox=BOX)


# --- finding ---


def test_find_by_scenario_variant_id_hash_and_folder(out, run):
    assert find_run("toy:b", out, toolbox=BOX).scenario_id == "toy:b"
    for reference in (run.id, run.folder.name, str(run.folder)):
        assert find_run(reference, out, toolbox=BOX).folder == run.folder


def test_the_newest_run_is_taken_and_settings_choose_among_them(tmp_path):
    (first,) = make(tmp_path, n=1, seed=3)
    (second,) = make(tmp_path, n=1, firms_per_agent=5)
    assert find_run("toy", tmp_path, toolbox=BOX).folder == second.folder
    assert find_run("toy", tmp_path, seed=3, toolbox=BOX).folder == first.folder
    assert find_run("toy", tmp_path, firms_per_agent=20, toolbox=BOX).folder == first.folder
    assert [found.folder for found in list_runs(tmp_path, toolbox=BOX)] == [second.folder, first.folder]


def test_a_current_run_comes_before_a_newer_stale_one(tmp_path):
    (current,) = make(tmp_path, n=1)
    (stale,) = make(tmp_path, n=1, box=toybox(parameters_hash=lambda: "old"))
    found = find_run("toy", tmp_path, toolbox=BOX)
    assert found.folder == current.folder
    assert Run(stale.folder, BOX).stale == ["parameters have changed since"]


def test_a_run_with_other_values_is_not_the_scenarios(tmp_path):
    (other,) = make(tmp_path, n=1, overrides=["parameters.production.normal_use=0.7"])
    with pytest.raises(UserError, match=r"no run of toy yet: countysim run toy\n.*" + other.id):
        find_run("toy", tmp_path, toolbox=BOX)
    found = find_run("toy", tmp_path, overrides=["parameters.production.normal_use=0.7"], toolbox=BOX)
    assert found.scenario.parameters == {"production.normal_use": 0.7}


def test_no_run_and_no_such_scenario(tmp_path):
    with pytest.raises(UserError, match="no run of toy yet: countysim run toy"):
        find_run("toy", tmp_path, toolbox=BOX)
    with pytest.raises(UserError, match="E07"):
        find_run("unknown", tmp_path, toolbox=BOX)
    with pytest.raises(UserError, match="no run toy/01234567"):
        find_run("toy/01234567", tmp_path, toolbox=BOX)
    assert list_runs(tmp_path, toolbox=BOX) == []


def test_a_run_outlives_its_scenario_file(tmp_path):
    (made,) = make(tmp_path, n=1)

    def only_copies(reference, overrides=()):
        if not reference.endswith("scenario.toml"):
            raise UserError("gone")
        return BOX.load(reference, overrides)

    box = toybox(load=only_copies)
    found = find_run("toy", tmp_path, toolbox=box)
    assert found.folder == made.folder
    assert found.scenario.id == "toy"


def test_a_scenario_that_cannot_be_given_back(tmp_path):
    (made,) = make(tmp_path, n=1)
    changed = toybox(scenario_hash=lambda scenario: "other")
    with pytest.raises(UserError, match="has changed since"):
        _ = Run(made.folder, changed).scenario


def test_a_damaged_run_does_not_stand_in_the_way_of_others(tmp_path):
    (good,) = make(tmp_path, n=1)
    (cut,) = make(tmp_path, n=1, seed=1)
    (unread,) = make(tmp_path, n=1, seed=2)
    (cut.folder / "part-0000-0009.npz").write_bytes(b"")
    (unread.folder / "run.json").write_text("{", "utf-8")
    assert [run.folder for run in list_runs(tmp_path, toolbox=BOX)] == [good.folder]
    assert find_run("toy", tmp_path, seed=7, toolbox=BOX).folder == good.folder
    with pytest.raises(UserError, match="is damaged"):
        find_run("toy", tmp_path, seed=1, toolbox=BOX)


# --- pairing ---


def test_runs_of_one_command_are_paired(out, run):
    other = find_run("toy:b", out, toolbox=BOX)
    assert why_not_paired(other, run) == []
    assert require_paired(other, run).tolist() == list(range(12))


def test_replicates_that_one_lacks_are_dropped(tmp_path):
    (a,) = make(tmp_path, "toy", n=5)
    (b,) = make(tmp_path, "toy:b", n=6, box=toybox(Behaviour(fail=(2,))))
    assert shared_replicates(b, a).tolist() == [0, 1, 3, 4]
    (c,) = make(tmp_path, "toy-c", n=12, only=9)
    with pytest.raises(UserError, match=r"E20 .* no replicate is finished in both"):
        require_paired(c, a)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"seed": 8}, "seed: A 7, B 8"),
        ({"firms_per_agent": 1}, "scale: A 1:20, B 1:1"),
        ({"box": toybox(parameters_hash=lambda: "other")}, "parameters (hash): A 0123456789ab, B other"),
        (
            {"box": toybox(places_hash=lambda _: "b")},
            f"starting values (hash): A {toy_places_hash(toy_scenario())}, B b",
        ),
        ({"box": toybox(world_hash=lambda _: "b")}, f"world (hash): A {toy_world_hash(toy_scenario())}, B b"),
    ],
)
def test_runs_that_do_not_pair_say_why(tmp_path, run, options, reason):
    (b,) = make(tmp_path, "toy:b", n=1, **options)
    assert why_not_paired(b, run) == [reason]
    with pytest.raises(UserError) as refused:
        require_paired(b, run)
    assert str(refused.value).startswith("E20  cannot compare")
    assert reason in str(refused.value)
    scale, seed = options.get("firms_per_agent", 20), options.get("seed", 7)
    size = f"-n 1 --scale {scale} --seed {seed} --draws assumed --out {tmp_path}"
    cure = f"run both in one command: countysim run toy toy:b {size}\n"
    assert cure in str(refused.value)
    assert str(refused.value).endswith("or compare with --unpaired (wider intervals, said so in every table)")


def test_the_cure_keeps_what_each_run_was_changed_by(tmp_path):
    (a,) = make(tmp_path, "toy", n=2)
    (b,) = make(tmp_path, "toy:b", n=3, seed=8, overrides=("parameters.tax.vat=0.1",))
    size = f"-n 3 --scale 20 --seed 8 --draws assumed --out {tmp_path}"
    assert run_alike(b, a).splitlines() == [
        f"run both alike: countysim run toy {size}",
        " " * 21 + f"countysim run toy:b {size} --set parameters.tax.vat=0.1",
    ]


@pytest.mark.parametrize("part", ["places", "layout_hash"])
def test_what_would_be_refused_is_not_offered(out, run, monkeypatch, part):
    b = find_run("toy:b", out, toolbox=BOX)
    if part == "places":
        monkeypatch.setitem(b.manifest, "places", [{"id": "elsewhere"}])
    else:
        monkeypatch.setitem(b.manifest["identity"], "layout_hash", "other")
    with pytest.raises(UserError) as refused:
        require_paired(b, run)
    assert "--unpaired" not in str(refused.value)
    assert ("countysim run" in str(refused.value)) is (part == "layout_hash")


def test_another_model_version_does_not_pair(tmp_path, run, monkeypatch):
    old = sim.MODEL_VERSION
    monkeypatch.setattr("sim.versions.MODEL_VERSION", 999)
    (b,) = make(tmp_path, "toy:b", n=1)
    assert why_not_paired(b, run) == [f"model version: A {old}, B 999"]
    assert Run(run.folder, BOX).stale == [f"model version {old}, now 999"]


# --- Dataset ---


def test_dataset(run):
    data = dataset([run])
    assert dict(data.sizes) == {"scenario": 1, "replicate": 12, "month": MONTHS, "place": 2}
    assert list(data.data_vars) == [item.name for item in OBSERVABLES]
    assert np.array_equal(data["exports"].sel(scenario="toy", place="west"), run.monthly("exports", "west"))
    assert str(data.month.values[0])[:10] == "2020-04-01"
    assert data["wage"].attrs["units"] == "yuan/year"
    assert data.attrs["run"] == run.id
    assert json.loads(data.attrs["identity"])["seed"] == 7


def test_dataset_of_two_runs(tmp_path, run):
    (b,) = make(tmp_path, "toy:b", n=3)
    data = dataset([run, b])
    assert data.scenario.values.tolist() == ["toy", "toy:b"]
    assert data.sizes["replicate"] == 12
    assert bool(data["exports"].sel(scenario="toy:b", replicate=5).isnull().all())
    assert json.loads(data.attrs["toy:b"])["run"] == b.id


def test_load_finds_the_runs(out, monkeypatch):
    monkeypatch.setattr(find_module, "find_run", lambda name, folder: find_run(name, folder, toolbox=BOX))
    import sim

    assert sim.load("toy", out).attrs["scenario"] == "toy"
    assert sim.load(["toy", "toy:b"], str(out)).sizes["scenario"] == 2
