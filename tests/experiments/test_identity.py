"""What names a run: all that can change it, nothing of the evidence that it does not read, no program that reads it."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import sim
from sim.errors import UserError
from sim.evidence import load_facts
from sim.evidence.facts import COLUMNS
from sim.experiments.identity import READERS, Identity, code_hash, folder_name
from sim.experiments.parameter_draws import ParameterDraws
from sim.experiments.plan import Request, plan
from sim.experiments.toolbox import standard_toolbox
from sim.scaffold.new_place import Wanted, new_place
from sim.scenario.content_hash import places_hash, scenario_hash, world_hash
from sim.scenario.loader import load
from tests.scenario.own_county import write_tables

PACKAGE = Path(sim.__file__).parent


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test a project of its own."""
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def identity(reference: str) -> Identity:
    """Return the identity of a run of a scenario at assumed values."""
    toolbox = replace(standard_toolbox(), draws=lambda *_: ParameterDraws())
    (target,), _ = plan(Request((reference,), replicates=1), toolbox)
    return target.identity


def test_folder_names() -> None:
    assert folder_name("yongnian-fair2x-fund200m:fair2x") == "yongnian-fair2x-fund200m--fair2x"
    for bad in ("", "A", "a b", "..", "a/b", "a:b:c", ":a", "a\n"):
        with pytest.raises(UserError):
            folder_name(bad)


# --- evidence ----------------------------------------------------------------------------------------------------


def test_a_county_added_beside_it_leaves_a_run_as_it_is(project: Path) -> None:
    before = identity("yongnian-2023")
    new_place(Wanted("wuyou", write_tables(project)))
    assert any(fact.place == "wuyou" for fact in load_facts())
    assert identity("yongnian-2023") == before
    assert identity("wuyou-baseline").places_hash != before.places_hash


def test_a_figure_that_a_place_starts_from_is_in_the_identity(project: Path) -> None:
    before = identity("yongnian-2023")
    row = "yn-output-2023,yongnian,fasteners,output_value,2023-01,2023-12,{},billion yuan,at_least,,level,{},\n"
    evidence = project / "calibration" / "evidence"
    evidence.mkdir(parents=True)
    for output, same in ((42, True), (43, False)):
        text = ",".join(COLUMNS) + "\n" + row.format(output, "xinhua-2025-01-08")
        (evidence / "reported_facts.csv").write_text(text, encoding="utf-8")
        after = identity("yongnian-2023")
        assert (after == before) is same
        assert (after.places_hash == before.places_hash) is same
        assert after.world_hash == before.world_hash


def test_places_and_world_have_hashes_of_their_own() -> None:
    scenario = load("anping-2023").scenario
    other = replace(scenario, world=load("anping-2023", overrides=["world=low"]).scenario.world)
    renamed = replace(scenario, world=replace(scenario.world, id="w", name="W", name_zh="外"))
    assert places_hash(other) == places_hash(scenario)
    assert world_hash(other) != world_hash(scenario) == world_hash(renamed)
    place = scenario.places[0]
    moved = replace(scenario, places=(replace(place, start=place.start.with_values({"exports": 1e6})),))
    assert world_hash(moved) == world_hash(scenario)
    assert places_hash(moved) != places_hash(scenario)
    assert len({scenario_hash(each) for each in (scenario, other, moved)}) == 3


# --- program text ------------------------------------------------------------------------------------------------


def test_code_hash_covers_what_makes_numbers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for room in ("rules", "reporting"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "a.py").write_text("a = 1\n", "utf-8")
    monkeypatch.setattr("sim.versions.__file__", str(tmp_path / "__init__.py"))
    first, with_reader = code_hash(), code_hash("reporting")
    (tmp_path / "reporting" / "a.py").write_text("a = 2\n", "utf-8")
    assert code_hash() == first
    assert code_hash("reporting") != with_reader
    (tmp_path / "rules" / "a.py").write_text("a = 2\n", "utf-8")
    assert code_hash() != first


def test_readers_are_the_rooms_of_which_a_replicate_imports_nothing() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py") if path.parent.name != "_library"}
    policies = [dotted(path) for path in (PACKAGE / "policies").rglob("*.py")]
    used = {name.split(".")[1] for name in reached("sim.model", "sim.scenario.realise", *policies) if name != "sim"}
    assert set(READERS) == rooms - used


def reached(*names: str) -> set[str]:
    """Return modules and everything of the package that they import, at once or later, but for annotations."""
    known = {dotted(path): path for path in PACKAGE.rglob("*.py")}
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in known and name not in found:
            found.add(name)
            # The package itself offers every room by name and needs none of them.
            waiting += [] if name == "sim" else [*imported(known[name]), name.rpartition(".")[0]]
    return found


def dotted(path: Path) -> str:
    """Return the name under which a file of the package is imported."""
    parts = ("sim", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """Return the names a file imports outside of ``if TYPE_CHECKING``."""
    tree, found = ast.parse(path.read_text(encoding="utf-8")), set()
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
