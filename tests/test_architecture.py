from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path for path in (ROOT / "sim").rglob("*.py") if "_library" not in path.parts)
HEAVY = {
    "numpy",
    "pandas",
    "mesa",
    "numba",
    "matplotlib",
    "scipy",
    "xarray",
    "pydantic",
    "distributed",
    "rich",
    "typer",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_modules_import_only_from_floors_below() -> None:
    lint = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    done = subprocess.run(lint, cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_no_circle_of_files() -> None:
    """Not even through imports inside functions, or for the sake of annotations."""
    files = {name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in SOURCES}
    needs: dict[str, set[str]] = {}
    for module, path in files.items():
        imports = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ImportFrom) and node.module]
        named = {f"{node.module}.{alias.name}" for node in imports for alias in node.names}
        whole = {
            str(node.module) for node in imports if any(f"{node.module}.{a.name}" not in files for a in node.names)
        }
        plain = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Import)]
        whole |= {alias.name for node in plain for alias in node.names}
        needs[module] = ((named | whole) & files.keys()) - {module}
    assert "sim.experiments.run" in needs["sim.experiments.find"]
    TopologicalSorter(needs).prepare()  # raises CycleError with the circle


def test_import_sim_is_light() -> None:
    code = f"import sys, sim; print(*sorted(set({sorted(HEAVY)!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""


GENERATORS = "sim/calibrate/generators.py"
"""Seeded generators of designs and samplers: a calibration looks at the model from outside and draws for itself."""


@pytest.mark.parametrize("path", [path for path in SOURCES if name_of(path) != GENERATORS], ids=name_of)
def test_random_numbers_come_only_from_the_keyed_draws(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            assert not {alias.name for alias in node.names} & {"random", "secrets", "numpy.random"}, node.lineno
        if isinstance(node, ast.ImportFrom):
            assert node.module not in {"random", "secrets", "numpy.random"}, node.lineno
        if isinstance(node, ast.Attribute) and node.attr == "random" and isinstance(node.value, ast.Name):
            assert node.value.id not in {"np", "numpy"}, node.lineno


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_annotations_are_never_evaluated(path: Path) -> None:
    tree = tree_of(path)
    if len(tree.body) <= 1:  # a description and nothing else
        return
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert imports
    assert imports[0].names[0].name == "annotations"
