"""Studies of a difference: what is varied, pairs with equal randomness, rows that are kept, and who is found to drive
it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.calibrate.space import Space, space_of
from sim.errors import UserError
from sim.experiments.parameter_draws import ParameterDraws
from sim.observables import INDEX
from sim.scenario.loader import load
from sim.scenario.worlds import load_world
from sim.sensitivity import study as module
from sim.sensitivity.result import explain
from sim.sensitivity.study import find_study, plan_study, read_study, run_pair, run_study
from sim.sensitivity.varied import CUBE, TWIN_EVERY, Inputs, latin_scores, point_of
from sim.state import draws as keyed
from tests.experiments.toys import Apart
from tests.sensitivity.toy_study import BASELINE, SCENARIO, SEEN, simulate, toy_study

LOAN, BOOTHS = "investment.loan_rate", "policy.fair.booths"


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the toy in the model's place."""
    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(simulate))
    SEEN.clear()


def inputs_of(draws: ParameterDraws | None = None, *references: str) -> Inputs:
    scenarios = [load(reference).scenario for reference in references or (BASELINE, SCENARIO)]
    worlds = [load_world(name) for name in ("low", "central", "high")]
    return Inputs(scenarios, draws or ParameterDraws(), worlds, 5)


def names(inputs: Inputs) -> tuple[str, ...]:
    return tuple(item.name for item in inputs.listed)


# --- what is varied ------------------------------------------------------------------------------------------


def test_parameters_starting_values_assumed_values_and_the_world() -> None:
    inputs = inputs_of()
    kinds = Counter(item.kind for item in inputs.listed)
    assert kinds["world"] == 1
    assert kinds["assumed"] == 17
    assert kinds["parameter"] > 200
    assert names(inputs)[: kinds["parameter"]] == space_of(load(BASELINE).scenario).names[: kinds["parameter"]]
    assert not any(item.fitted for item in inputs.listed)


def test_every_eighth_trial_is_a_twin() -> None:
    assert [point_of(number) for number in range(17)] == [0, 1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11, 12, 13, 7, 14]
    counts = Counter(point_of(number) for number in range(8 * TWIN_EVERY))
    assert len(counts) == CUBE
    assert Counter(counts.values()) == {1: 48, 2: 8}


def test_more_points_begin_with_the_same_ones() -> None:
    inputs = inputs_of()
    few, many = inputs.points(20), inputs.points(90)
    for one, other in zip(few, many, strict=False):
        assert (one.coordinates == other.coordinates).all()
        assert one.given == other.given
        assert one.factors == other.factors
        assert one.world == other.world
    assert len({tuple(point.coordinates) for point in many}) == 90


def test_points_are_spread_evenly_and_no_two_inputs_are_taken_for_each_other() -> None:
    points = inputs_of().points(4 * CUBE)
    table = np.stack([point.coordinates for point in points])
    together = np.abs(np.corrcoef(table.T) - np.eye(table.shape[1]))
    assert together.max() < 0.4
    worlds = Counter(point.world for point in points)
    assert min(worlds.values()) > 0.25 * len(points)
    factors = np.array([point.factors["fair", "booths"] for point in points])
    assert factors.min() > 1 / 1.5
    assert factors.max() < 1.5
    assert np.median(factors) == pytest.approx(1.0, abs=0.05)


def test_impossible_points_are_left_out() -> None:
    space = space_of(load(BASELINE).scenario)
    scores = latin_scores(space, 300, 1)
    assert space.possible(scores).all()
    assert latin_scores(Space(()), 10, 1).shape == (10, 0)


def test_points_are_draws_of_the_calibration_where_there_is_one() -> None:
    rows = tuple({LOAN: 0.04 + 0.001 * k, "place.yongnian.start.exports": 1.4e9 + k} for k in range(30))
    inputs = inputs_of(ParameterDraws(name="toy", rows=rows))
    fitted = {item.name for item in inputs.listed if item.fitted}
    assert fitted == {LOAN, "place.yongnian.start.exports"}
    points = inputs.points(40)
    column = names(inputs).index(LOAN)
    assert [point.given[LOAN] for point in points] == [rows[k % 30][LOAN] for k in range(40)]
    assert [point.values[column] for point in points] == [point.given[LOAN] for point in points]
    assert len({point.given["fair.attendance"] for point in points}) == 40  # from the prior


def test_a_range_is_told_as_the_value_at_its_position() -> None:
    given = "policy.fair.countries={ low = 10, high = 30 }"
    scenarios = [load(reference, overrides=[given]).scenario for reference in (BASELINE,)]
    inputs = Inputs(scenarios, ParameterDraws(), (), 5)
    column = names(inputs).index("policy.fair.countries")
    assert inputs.listed[column].kind == "range"
    assert inputs.listed[column].unit == "count"
    assert "world" not in names(inputs)
    values = [point.values[column] for point in inputs.points(60)]
    assert set(values) <= set(range(10, 31))
    assert len(set(values)) > 15
    assert all(0.0 < point.given["policy.fair.countries"] < 1.0 for point in inputs.points(5))


# --- pairs and rows ------------------------------------------------------------------------------------------


def test_a_pair_shares_inputs_and_luck_and_a_twin_has_other_luck(toy: None, tmp_path: Path) -> None:
    toy_study(tmp_path, 32)
    pairs = list(zip(SEEN[::2], SEEN[1::2], strict=True))
    assert len(pairs) == 32
    for number, (one, other) in enumerate(pairs):
        assert (one[0], other[0]) == (SCENARIO, BASELINE)
        assert one[1:] == other[1:]
        assert one[1] == keyed.replicate_seed(load(BASELINE).scenario.seed, number)
    assert pairs[7][0][2:] == pairs[0][0][2:]
    assert pairs[7][0][1] != pairs[0][0][1]
    assert len({pair[0][3] for pair in pairs}) == 3


def test_what_is_there_is_used_again_and_more_is_added(
    toy: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*arguments: Any, **more: Any) -> Any:
        if len(SEEN) == 20:
            raise KeyboardInterrupt
        return simulate(*arguments, **more)

    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(stopped))
    with pytest.raises(KeyboardInterrupt):
        toy_study(tmp_path, 32)
    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(simulate))
    SEEN.clear()
    first = toy_study(tmp_path, 32)
    assert len(SEEN) == 64 - 20
    SEEN.clear()
    more = toy_study(tmp_path, 40)
    assert len(SEEN) == 16
    assert np.array_equal(more.b[:32], first.b, equal_nan=True)
    assert np.array_equal(more.a[:32], first.a, equal_nan=True)
    fewer = toy_study(tmp_path, 32)
    assert len(fewer.points) == 32
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_study_is_read_again_without_its_scenarios(toy: None, tmp_path: Path) -> None:
    made = toy_study(tmp_path, 40)
    read = find_study(SCENARIO, BASELINE, tmp_path)
    assert read.settings == made.settings
    assert read.folder == made.folder
    for name in ("coordinates", "values", "b", "a", "points"):
        assert (getattr(read, name) == getattr(made, name)).all() or name in ("b", "a")
    assert np.array_equal(read.b, made.b, equal_nan=True)
    assert np.array_equal(read.a, made.a, equal_nan=True)


def test_failed_trials_are_rows_with_their_error(toy: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sometimes(scenario: Any, parameters: Any, seed: int, **more: Any) -> Any:
        record = simulate(scenario, parameters, seed, **more)
        if seed == keyed.replicate_seed(scenario.seed, 3) and scenario.id == BASELINE:
            raise ArithmeticError("negative stock of orders")
        return record

    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(sometimes))
    study = toy_study(tmp_path, 40)
    assert (len(study.points), study.asked) == (39, 40)
    (error,) = study.errors
    assert error.startswith(f"{BASELINE}: negative stock of orders")
    assert 3 not in study.points.tolist()
    assert explain(study, "output_value", 2030, boots=10).dropped == 1


def test_too_many_failures_are_told(toy: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise ArithmeticError("negative stock of orders")

    monkeypatch.setattr("sim.experiments.toolbox.simulate_on_demand", Apart(never))
    with pytest.raises(UserError, match=r"32 of 32 trials failed; the first: .*negative stock of orders"):
        explain(toy_study(tmp_path, 32), "output_value", 2030)


@pytest.mark.slow
def test_the_model_gives_the_same_row_in_a_worker_and_here(tmp_path: Path) -> None:
    small = ("time.end=2026-12",)
    studies = []
    for jobs in (1, 2):
        plan, _ = plan_study(SCENARIO, BASELINE, scale=400, overrides=small, out=tmp_path / str(jobs))
        studies.append(run_study(plan, 4, jobs))
    assert np.array_equal(studies[0].b, studies[1].b, equal_nan=True)
    assert np.array_equal(studies[0].a, studies[1].a, equal_nan=True)
    column = INDEX["output_value"]
    assert (studies[0].b[:, -1, column] != studies[0].a[:, -1, column]).any()
    assert (studies[0].b[:, :3, column] == studies[0].a[:, :3, column]).all()  # before the change


def test_the_folder_is_named_by_all_that_can_change_a_row(tmp_path: Path) -> None:
    def name(**more: Any) -> str:
        return plan_study(SCENARIO, BASELINE, out=tmp_path, **more)[0].folder.name

    same = name()
    assert same == name(at=2028)
    assert same.startswith(f"{SCENARIO}--vs--{BASELINE}--")
    assert len({same, name(scale=7), name(seed=0), name(overrides=("time.end=2029-12",))}) == 4


def test_damage_and_other_versions_are_named(toy: None, tmp_path: Path) -> None:
    study = toy_study(tmp_path, 32)
    settings = study.folder / "settings.json"
    raw = json.loads(settings.read_text(encoding="utf-8"))
    settings.write_text(json.dumps({**raw, "years": raw["years"][:-1]}), encoding="utf-8")
    with pytest.raises(UserError, match="made by another version"):
        read_study(study.folder)
    settings.write_text(json.dumps({**raw, "places": [["yongnian"]]}), encoding="utf-8")
    with pytest.raises(UserError, match=r"settings\.json is damaged"):
        read_study(study.folder)
    settings.write_text(json.dumps(raw), encoding="utf-8")
    for path in study.folder.glob("rows-*.npz"):
        path.unlink()
    with pytest.raises(UserError, match="no trial is finished\n     countysim sensitivity"):
        read_study(study.folder)


def test_a_study_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"make it: countysim sensitivity {SCENARIO} {BASELINE}"):
        find_study(SCENARIO, BASELINE, tmp_path)


# --- who drives it -------------------------------------------------------------------------------------------


def test_what_drives_the_toy_is_found_and_nothing_else(toy: None, tmp_path: Path) -> None:
    # One search in twenty lets in something else (sim.sensitivity.shares.FALSE); this one does not.
    result = explain(toy_study(tmp_path, 300), "output_value", 2030)
    assert [driver.input.name for driver in result.drivers] == [LOAN, "world", BOOTHS]
    loan, world, booths = result.drivers
    assert (loan.input.kind, world.input.kind, booths.input.kind) == ("parameter", "world", "assumed")
    assert sum(driver.share.value for driver in result.drivers) > 0.8
    # A range of 0.035 to 0.09 holds 90 % of the prior: from 12 (-0.025) / 0.03 to 12 (0.03) / 0.03 million a month.
    assert loan.low.value == pytest.approx(0.035, rel=0.06)
    assert loan.high.value == pytest.approx(0.09, rel=0.06)
    apart = loan.high.difference.value - loan.low.difference.value
    assert apart == pytest.approx(12e6 * 12.0 * (loan.high.value - loan.low.value) / 0.03, rel=0.05)
    assert loan.sign_changes
    assert not booths.sign_changes
    assert booths.low.value == pytest.approx(380 / 1.5**0.9, abs=6)
    assert [place.difference.value for place in world.levels] == sorted(
        place.difference.value for place in world.levels
    )
    assert world.levels[2].difference.value - world.levels[0].difference.value == pytest.approx(12e6 * 6.0, rel=0.1)
    assert result.shares is not None
    assert result.shares.chance is not None
    randomness = (12e6 * 4.0) ** 2 / 12.0 / float(np.var(result.differences))
    assert result.shares.chance.value == pytest.approx(randomness, rel=0.5)


def test_seed_and_order_change_no_number(toy: None, tmp_path: Path) -> None:
    study = toy_study(tmp_path, 64)
    one = explain(study, "output_value", 2030, boots=50)
    again = explain(read_study(study.folder), "output_value", 2030, boots=50)
    assert one.shares == again.shares
    assert one.drivers == again.drivers
    other = explain(toy_study(tmp_path, 64, seed=0), "output_value", 2030, boots=50)
    assert other.shares != one.shares


def test_a_difference_that_is_always_the_same_has_no_driver(toy: None, tmp_path: Path) -> None:
    result = explain(toy_study(tmp_path, 32), "exports", 2030)
    assert result.shares is None
    assert result.drivers == ()
    assert result.mean == 0.0
    assert result.prob_higher == 0.5


def test_a_variable_without_values_is_told(toy: None, tmp_path: Path) -> None:
    study = toy_study(tmp_path, 32)
    with pytest.raises(UserError, match="profit_rate has a value in 0 pairs; at least 32 are needed"):
        explain(study, "profit_rate", 2030)
    with pytest.raises(UserError, match="the study holds the years 2023 to 2030, not 2031"):
        explain(study, "output_value", 2031)


# --- mistakes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "baseline", "more", "message"),
    [
        (BASELINE, BASELINE, {}, "is the scenario and the baseline"),
        ("anping-fair2x", BASELINE, {}, "they are about different places"),
        (SCENARIO, BASELINE, {"at": 2031}, "the year 2031 is not simulated in both scenarios"),
        (SCENARIO, BASELINE, {"at": 2025}, "are the same until 2025-12: nothing differs in 2025"),
        ("nowhere", BASELINE, {}, "nowhere"),
    ],
)
def test_mistakes(scenario: str, baseline: str, more: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        plan_study(scenario, baseline, **more)


def written(folder: Path, name: str, *lines: str) -> str:
    path = folder / f"{name}.toml"
    head = ["schema = 1", f'id = "{name}"', 'kind = "what-if"', 'name = "other"', f'extends = "{BASELINE}"']
    path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    return str(path)


def test_scenarios_that_cannot_share_inputs_or_luck(tmp_path: Path) -> None:
    change = ("[[change]]", 'id = "more"', 'policy = "fair"', 'from = "2026-01"', "[change.set]", "booths = 500")
    other = written(tmp_path, "other-luck", "[run]", "seed = 7", "firms_per_agent = 3", *change)
    with pytest.raises(UserError, match="cannot be tried pair by pair") as told:
        plan_study(other, BASELINE)
    assert "seed: 20250108 and 7; one for both: --seed 20250108" in str(told.value)
    assert "firms per agent: 1 and 3; one for both: --scale 1" in str(told.value)
    plan, _ = plan_study(other, BASELINE, seed=0, scale=20)
    assert (plan.a.seed, plan.b.seed, plan.a.firms_per_agent, plan.b.firms_per_agent) == (0, 0, 20, 20)


def test_a_scenario_that_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="changes nothing in yongnian-2023: there is no difference to explain"):
        plan_study(written(tmp_path, "nothing-new"), BASELINE)


def test_other_worlds_are_left_alone_and_said(tmp_path: Path) -> None:
    plan, year = plan_study(written(tmp_path, "elsewhere", 'world = "low"'), BASELINE)
    assert plan.settings.world_note == "different"
    assert "world" not in names(plan.inputs)
    assert plan.inputs.points(1)[0].world is None
    assert year == 2030
    own = written(tmp_path, "steady", 'world = "constant"')
    a, b = load(own).scenario, load(own).scenario
    worlds, note = module._worlds(a, replace(b, id="b"))
    assert note == ""
    assert [world.id for world in worlds] == ["low", "central", "high", "constant"]


def test_a_pair_is_one_row(toy: None, tmp_path: Path) -> None:
    plan, _ = plan_study(SCENARIO, BASELINE, out=tmp_path)
    row = run_pair(module._pair(plan, 0, plan.inputs.points(1)[0]))
    assert row.error == ""
    assert len(row.values) == 2 * len(plan.settings.inputs) + 2 * len(plan.settings.years) * len(INDEX)
