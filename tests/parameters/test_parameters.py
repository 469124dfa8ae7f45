"""The one file of parameters: complete, sourced, read, and wrong in ways that are all told at once."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import tomlkit

import sim
from sim import parameters as loader
from sim import workspace
from sim.errors import UserError
from sim.inputs.problems import InputErrors
from sim.parameters import Parameters, load_parameters, parameter_name, parameter_table
from sim.parameters.groups import Tier
from sim.parameters.industries import parameters_hash

NAMES = [row.name for row in parameter_table()]
SOURCES = [path for path in Path(sim.__file__).parent.rglob("*.py") if "_library" not in path.parts]
RULES_AND_PHASES = [path for path in SOURCES if path.name != "groups.py"]


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that puts an edited copy of the file where it is looked for."""
    original = workspace.needed(loader.FILE, "").read_text(encoding="utf-8")

    def edit(change: Callable[[Any], None]) -> Path:
        raw = tomlkit.parse(original)
        change(raw)
        path = tmp_path / "priors.toml"
        path.write_text(tomlkit.dumps(raw), encoding="utf-8")
        monkeypatch.setattr(workspace, "calibration_file", lambda name: path)
        return path

    return edit


# --- the file -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", parameter_table(), ids=lambda row: row.name)
def test_a_parameter_has_a_range_a_source_and_a_meaning(row: Any) -> None:
    assert row.low <= row.value <= row.high
    assert row.source.strip()
    assert row.about.strip()
    assert row.about_zh.strip()
    assert not row.about_zh.isascii()
    assert row.unit.strip()


def test_names_in_chinese_are_told_apart() -> None:
    names = [row.about_zh for row in parameter_table()]
    assert len(set(names)) == len(names)


def test_a_parameter_is_named_in_both_languages() -> None:
    assert parameter_name("fair.contract_share", "zh") == "意向转为试单的比例"
    assert parameter_name("fair.contract_share", "en", "as the fit says") == "as the fit says"
    assert parameter_name("fair.none", "en") == parameter_name("fair.none", "zh") == "fair.none"


def test_the_file_and_the_groups_name_the_same_parameters() -> None:
    wanted = [f"{group}.{name}" for group, kind in get_type_hints(Parameters).items() for name in kind._fields]
    assert wanted == NAMES
    assert len(set(NAMES)) == len(NAMES)


@cache
def attributes_read() -> set[str]:
    """Return every attribute read anywhere in the package outside the groups."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in RULES_AND_PHASES]
    return {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("name", sorted({name.partition(".")[2] for name in NAMES}))
def test_every_parameter_is_read(name: str) -> None:
    assert name in attributes_read()


def test_values_reach_their_places() -> None:
    table = {row.name: row.value for row in parameter_table()}
    loaded = load_parameters()
    for group, values in loaded._asdict().items():
        for name, value in values._asdict().items():
            assert type(value) is float
            assert value == table[f"{group}.{name}"]
    assert isinstance(loaded.supplier, Tier)


# --- overrides ------------------------------------------------------------------------------------------------------


def test_an_override_changes_one_value() -> None:
    changed = load_parameters({"investment.band": 0.2})
    assert changed.investment.band == 0.2
    assert changed._replace(investment=load_parameters().investment) == load_parameters()
    assert load_parameters({}) == load_parameters(None) == load_parameters()


def test_a_whole_number_is_taken_as_a_number() -> None:
    value = load_parameters({"demand.elasticity_suppliers": 9}).demand.elasticity_suppliers
    assert value == 9.0
    assert type(value) is float


@pytest.mark.parametrize(
    ("name", "near"),
    [("investment.bnad", "investment.band"), ("demand.elasticity_supplier", "demand.elasticity_suppliers")],
)
def test_a_misspelt_name_is_told_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UserError) as caught:
        load_parameters({name: 0.2})
    assert str(caught.value) == f'no parameter is called "{name}"; did you mean {near}?'


def test_a_name_like_no_other_gets_no_suggestion() -> None:
    with pytest.raises(UserError) as caught:
        load_parameters({"xyzzy": 0.2})
    assert str(caught.value) == 'no parameter is called "xyzzy"'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_must_be_a_number(value: float) -> None:
    with pytest.raises(UserError, match=r"parameter investment\.band = .* is not a finite number"):
        load_parameters({"investment.band": value})


# --- hash -----------------------------------------------------------------------------------------------------------


def test_the_hash_changes_with_the_last_bit_of_any_value() -> None:
    values = {row.name: row.value for row in parameter_table()}
    hashes = [parameters_hash(load_parameters({name: math.nextafter(values[name], math.inf)})) for name in NAMES]
    assert len({parameters_hash(), *hashes}) == len(NAMES) + 1
    assert parameters_hash() == parameters_hash(load_parameters()) == parameters_hash(load_parameters({}))


def test_a_value_moved_to_another_parameter_changes_the_hash() -> None:
    one = parameters_hash(load_parameters({"maker.markup": 0.1, "supplier.markup": 0.2}))
    assert one != parameters_hash(load_parameters({"maker.markup": 0.2, "supplier.markup": 0.1}))


# --- mistakes in the file -------------------------------------------------------------------------------------------


def break_everything(raw: Any) -> None:
    del raw["maker"]["markup"]
    del raw["labour"]["supply_elasticity"]["source"]
    raw["labour"]["hiring_speed"]["units"] = "months"
    raw["tax"]["vat"]["value"] = 0.5
    raw["tax"]["vat_small"]["status"] = "guessed"
    raw["fair"]["attendance"]["source"] = "  "
    raw["fair"]["signal_noise"]["value"] = float("nan")
    raw["park"]["move_rate"]["low"] = "none"
    raw["links"]["considred"] = raw["links"]["considered"]
    raw["weather"] = {"rain": raw["tax"]["vat"]}


def test_every_problem_is_listed_at_once(edited: Callable[..., Path]) -> None:
    edited(break_everything)
    with pytest.raises(UserError) as caught:
        load_parameters()
    assert isinstance(caught.value, InputErrors)
    problems = caught.value.problems
    assert all(problem.spot.file.endswith("priors.toml") and problem.spot.line > 1 for problem in problems)
    assert sorted(problem.what() for problem in problems) == sorted(
        [
            'maker of the file has no "markup"',
            'labour.supply_elasticity of the file has no "source"',
            'unknown key "units" in labour.hiring_speed of the file',
            "tax.vat: value 0.5 lies outside 0.13 to 0.13",
            'tax.vat_small.status = "guessed" is not one of the words allowed here',
            "fair.attendance.source: no source",
            "fair.signal_noise.value = nan is not a number",
            'park.move_rate.low = "none" is not a number',
            'unknown key "considred" in links of the file',
            'unknown key "weather" in the file',
        ]
    )


def test_an_edited_value_is_used(edited: Callable[..., Path]) -> None:
    def change(raw: Any) -> None:
        raw["investment"]["band"]["value"] = 0.2

    edited(change)
    assert load_parameters().investment.band == 0.2


@pytest.mark.parametrize("value", [True, "0.2", [0.2]])
def test_a_value_of_another_kind_is_refused(edited: Callable[..., Path], value: Any) -> None:
    def change(raw: Any) -> None:
        raw["investment"]["band"]["value"] = value

    edited(change)
    with pytest.raises(UserError, match=r"investment\.band\.value = .* is not a number"):
        load_parameters()


def test_a_missing_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "folders", lambda name: [tmp_path])
    with pytest.raises(UserError, match=r"calibration/priors\.toml is missing"):
        load_parameters()
