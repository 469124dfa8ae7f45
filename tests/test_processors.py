"""The same bits on every processor: own elementary functions, stated sums, nothing a library chooses by processor."""

from __future__ import annotations

import ast
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from sim.rules import measures
from tests import processors
from tests.processors import QUICK, committed, features_to_switch_off, library_functions_raise

ROOT = Path(__file__).resolve().parents[1]
READERS = ("report", "compare", "cli")
"""What tells of results, to a few digits, and makes none."""
ANALYSES = ("calibrate/sensitivity_shares.py", "calibrate/sensitivity_terms.py")
"""What tells of the trials of a sensitivity study, to a few digits."""
OWN = "rules/elementary.py"
FROM_SCIPY = {"optimize": {"brentq"}, "stats": {"qmc", "rankdata", "binom"}}
"""Plain arithmetic, sorting and whole numbers; SciPy has no other form of them for other processors."""


def sources() -> list[Path]:
    """Return every file that has a part in what a run, a design or a fit computes."""
    found = []
    for path in sorted((ROOT / "sim").rglob("*.py")):
        name = path.relative_to(ROOT / "sim").as_posix()
        if not name.startswith("_library") and not any(name == out or name.startswith(f"{out}/") for out in READERS):
            found.append(path)
    return [path for path in found if path.relative_to(ROOT / "sim").as_posix() not in (*ANALYSES, OWN)]


def by_processor(tree: ast.Module) -> list[str]:
    """Return what a file uses whose last digits may depend on the processor, each with its line."""
    found = []
    for node in ast.walk(tree):
        told = ""
        if isinstance(node, ast.BinOp | ast.AugAssign):
            if isinstance(node.op, ast.MatMult):
                told = "@ (a matrix product of the library)"
            elif isinstance(node.op, ast.Pow):
                base = node.left if isinstance(node, ast.BinOp) else node.target
                whole = isinstance(base, ast.Call) and getattr(base.func, "id", "") == "Decimal"
                told = "" if isinstance(base, ast.Constant) or whole else "** (power)"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("np", "numpy") and node.attr in (*processors.BY_PROCESSOR, "linalg", "fft"):
                told = f"np.{node.attr}"
            elif node.value.id == "math" and node.attr in processors.OF_MATH:
                told = f"math.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("scipy", "cmath", "math"):
            part = (node.module or "").partition(".")[2]
            names = {alias.name for alias in node.names}
            told = "" if names <= FROM_SCIPY.get(part, set()) else f"from {node.module} import {', '.join(names)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "dot":
            told = ".dot()"
        if told:
            found.append(f"line {node.lineno}: {told}")
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT / "sim").as_posix())
def test_no_file_uses_what_depends_on_the_processor(path: Path) -> None:
    assert by_processor(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "y = x ** 0.5", "x **= 2", "y = a @ b", "y = np.exp(x)", "y = math.log(x)", "y = np.linalg.inv(x)", "a.dot(b)",
        "from scipy.special import ndtri", "from math import exp", "y = np.einsum('i,i', a, b)", "y = np.fft.rfft(x)",
    ],
)  # fmt: skip
def test_what_depends_on_the_processor_is_found(line: str) -> None:
    assert len(by_processor(ast.parse(line))) == 1


def test_plain_arithmetic_is_left_alone() -> None:
    assert by_processor(ast.parse("y = 2.0**-53 + Decimal(10)**3 + math.sqrt(x) + np.sqrt(x).sum()")) == []


# --- while it is computed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", QUICK)
def test_digests_are_those_committed_and_no_library_function_has_a_part_in_them(what: str) -> None:
    with library_functions_raise():
        assert QUICK[what]() == committed()[what]


@pytest.mark.parametrize("call", ["np.exp(one)", "math.log(1.0)", "np.linalg.inv(one)", "np.dot(one, one)"])
def test_a_library_function_is_noticed_while_they_raise(call: str) -> None:
    one = np.eye(2)
    with library_functions_raise(), pytest.raises(AssertionError, match="depend on the processor"):
        eval(call, {"np": np, "math": math, "one": one})
    assert np.exp(0.0) == math.exp(0.0) == 1.0
    with library_functions_raise():
        assert np.dot(np.array([2]), np.array([3])) == 6  # products of whole numbers are exact


def test_a_function_that_a_module_has_imported_by_name_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "ndtr", ndtr, raising=False)
    with library_functions_raise(), pytest.raises(AssertionError, match=r"scipy\.special\.ndtr"):
        measures.ndtr(0.0)  # type: ignore[attr-defined]
    assert measures.ndtr is ndtr  # type: ignore[attr-defined]


# --- on other processors ----------------------------------------------------------------------------------------------

OTHERS = {
    "library without its newer code": {"NPY_DISABLE_CPU_FEATURES": features_to_switch_off()},
    "rules compiled for any processor": {"NUMBA_CPU_NAME": "generic"},
    "C library without fused multiply-add": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F"},
    "plain Python": {"NUMBA_DISABLE_JIT": "1"},
}


def elsewhere(settings: dict[str, str], *arguments: str) -> dict[str, str]:
    """Return the digests that another process finds under these settings."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.processors", *arguments],
        cwd=ROOT, env={**os.environ, **settings}, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    if settings.get("NPY_DISABLE_CPU_FEATURES"):
        assert told["features"] == "", "the features were not switched off"
    found: dict[str, str] = told["digests"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("settings", OTHERS.values(), ids=OTHERS)
def test_every_processor_gives_the_same_digests(settings: dict[str, str]) -> None:
    assert elsewhere(settings) == {name: committed()[name] for name in QUICK}


@pytest.mark.slow
def test_a_small_fit_gives_the_same_draws_with_everything_switched_off(tmp_path: Path) -> None:
    together = {**OTHERS["library without its newer code"], **OTHERS["C library without fused multiply-add"]}
    assert elsewhere(together, str(tmp_path))["fit"] == committed()["fit"]
