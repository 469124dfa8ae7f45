"""The same bits on every processor: own elementary functions, stated sums, nothing a library chooses by processor."""

from __future__ import annotations

import ast
import json
import math
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from sim.policies.registry import policy_types
from sim.rules import measures
from sim.scenario.loader import load
from tests import expected, processors
from tests.processors import QUICK, committed, features_to_switch_off, library_functions_raise

ROOT = Path(__file__).resolve().parents[1]
READERS = ("report", "compare", "cli")
"""What tells of results, to a few digits, and makes none."""
ANALYSES = ("sensitivity/shares.py",)
"""What tells of the trials of a sensitivity study, to a few digits."""
WARNINGS = ("scenario/place_doubts.py",)
"""What warns of a scenario before it is run, and has no part in it."""
OWN = "rules/elementary.py"
FROM_SCIPY = {
    "scipy.optimize.brentq": "additions, multiplications and divisions of one number",
    "scipy.stats.qmc": "whole numbers, scaled",
    "scipy.stats.rankdata": "sorting",
    "scipy.stats.binom": "whole numbers: how many figures of so many lie inside",
}
"""What is used of SciPy, and why it is the same everywhere."""
OF_GENERATORS = {"standard_normal", "normal", "exponential", "standard_exponential", "gamma", "standard_gamma"}
"""Draws of the library that are made with logarithms; ``sim.calibrate.generators.Draws`` has methods of such names."""
BANNED = (
    *(f"numpy.{name}" for name in (*processors.BY_PROCESSOR, "linalg", "fft")),
    *(f"math.{name}" for name in (*processors.OF_MATH, "sumprod")),
    *("cmath", "statistics"),
)


def sources() -> list[Path]:
    """Return every file that has a part in what a run, a design or a fit computes."""
    found = []
    for path in sorted((ROOT / "sim").rglob("*.py")):
        name = path.relative_to(ROOT / "sim").as_posix()
        if not name.startswith("_library") and not any(name.startswith(f"{out}/") for out in READERS):
            found.append(path)
    return [path for path in found if path.relative_to(ROOT / "sim").as_posix() not in (*ANALYSES, *WARNINGS, OWN)]


def meanings(tree: ast.Module) -> dict[str, str]:
    """Return what the imported names of a file stand for, as dotted names."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def dotted(node: ast.AST, known: dict[str, str]) -> str:
    """Return the dotted name an expression stands for, "" when it is none that was imported."""
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = dotted(node.value, known)
        return f"{before}.{node.attr}" if before else ""
    return ""


def by_processor(tree: ast.Module) -> list[str]:
    """Return what a file uses whose last digits may depend on the processor, each with its line."""
    known, found = meanings(tree), set()
    for node in ast.walk(tree):
        told = ""
        if isinstance(node, ast.BinOp | ast.AugAssign):
            if isinstance(node.op, ast.MatMult):
                told = "@ (a matrix product of the library)"
            elif isinstance(node.op, ast.Pow) and not exact_power(node):
                told = "** (power)"
        elif isinstance(node, ast.Name | ast.Attribute):
            name = dotted(node, known)
            of_scipy = name.startswith("scipy.") and name.count(".") >= 2  # a module by itself is seen where it is used
            if banned(name) or (of_scipy and not reason(name)):
                told = name
        elif isinstance(node, ast.Call):
            told = of_call(node, known)
        if told:
            found.add(f"line {node.lineno}: {told}")
    return sorted(found)


def banned(name: str) -> bool:
    """Return whether a dotted name is one of the banned ones, or lies inside one."""
    return any(name == one or name.startswith(f"{one}.") for one in BANNED)


def reason(name: str) -> str:
    """Return why a name of SciPy is allowed, "" when it is not."""
    return next((why for allowed, why in FROM_SCIPY.items() if name == allowed or name.startswith(f"{allowed}.")), "")


def exact_power(node: ast.BinOp | ast.AugAssign) -> bool:
    """Return whether a power is one of decimal or whole numbers, or a constant."""
    if isinstance(node, ast.AugAssign):
        return False
    sign = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
    if isinstance(node.left, ast.Call) and getattr(node.left.func, "id", "") == "Decimal":
        return True
    constant = isinstance(node.left, ast.Constant)
    return constant and (isinstance(sign, ast.Constant) or isinstance(getattr(node.left, "value", None), int))


def of_call(node: ast.Call, known: dict[str, str]) -> str:
    """Return what is wrong with a call: a power, a product, draws of the library, a sort that orders equals anyhow."""
    function = node.func
    if isinstance(function, ast.Name) and function.id == "pow":
        return "pow()"
    if not isinstance(function, ast.Attribute):
        return ""
    if function.attr == "dot":
        return ".dot()"
    if function.attr in OF_GENERATORS and getattr(function.value, "id", "") != "random":
        return f".{function.attr}()"
    stable = any(word.arg == "kind" and getattr(word.value, "value", "") == "stable" for word in node.keywords)
    if function.attr in ("argsort", "argpartition") and not stable:
        return f'.{function.attr}() without kind="stable": equals in another order'
    return ""


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT / "sim").as_posix())
def test_no_file_uses_what_depends_on_the_processor(path: Path) -> None:
    assert by_processor(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "lines",
    [
        "y = x ** 0.5", "x **= 2", "y = 10.0 ** x", "y = pow(x, 2.5)", "y = a @ b", "a.dot(b)",
        "import numpy as np\ny = np.exp(x)", "from numpy import exp\ny = exp(x)", "import math as m\ny = m.log(x)",
        "from math import exp as e\ny = e(x)", "import numpy as np\ny = np.linalg.inv(x)",
        "import numpy as np\ny = np.einsum('i,i', a, b)", "import numpy as np\ny = np.fft.rfft(x)",
        "y = generator.standard_normal(3)",
        "from scipy.special import ndtri\ny = ndtri(x)", "import scipy.stats as st\ny = st.kstest(x)",
        "import scipy.special\ny = scipy.special.ndtr(x)", "import numpy as np\ny = np.argsort(x)",
        "y = x.argsort(kind='quicksort')", "import statistics\ny = statistics.fmean(x)",
    ],
)  # fmt: skip
def test_what_depends_on_the_processor_is_found(lines: str) -> None:
    assert by_processor(ast.parse(lines))


@pytest.mark.parametrize(
    "lines",
    [
        "y = 2.0**-53 + Decimal(10)**power + 2**bits", "import math\ny = math.sqrt(x) + math.fsum(x)",
        "import numpy as np\ny = np.sqrt(x).sum() + np.argsort(x, kind='stable')",
        "from scipy.stats import qmc\ny = qmc.Sobol(3)", "from sim.rules.elementary import exp\ny = exp(x)",
    ],
)  # fmt: skip
def test_plain_arithmetic_is_left_alone(lines: str) -> None:
    assert by_processor(ast.parse(lines)) == []


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

WITHOUT_NEWER = {"NPY_DISABLE_CPU_FEATURES": features_to_switch_off()}
WITHOUT_FUSING = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F"}
GENERIC = {"NUMBA_CPU_NAME": "generic"}
OTHERS = {
    "NumPy without its newer code": WITHOUT_NEWER,
    "rules compiled for any processor": GENERIC,
    "C library without fused multiply-add": WITHOUT_FUSING,
    "plain Python": {"NUMBA_DISABLE_JIT": "1"},
}
OF_EVERY_TYPE = (
    "yongnian-fair2x-fund200m", "yongnian-academy", "yongnian-research", "yongnian-upgrade-drive", "yongnian-design",
    "yongnian-little-giants", "yongnian-investment", "yongnian-platform", "yongnian-cloud", "yongnian-dealers",
    "yongnian-trade-parks",
)  # fmt: skip
"""Scenarios that have policies of every type between them."""


def elsewhere(settings: dict[str, str], *arguments: str) -> dict[str, str]:
    """Return the digests that another process finds under these settings, which must have taken effect."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.processors", *arguments],
        cwd=ROOT, env={**os.environ, **settings}, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    here, there = processors.circumstances(), told["circumstances"]
    if "NPY_DISABLE_CPU_FEATURES" in settings:
        assert there["features"] == ""
    assert there["target"] == settings.get("NUMBA_CPU_NAME", "host")
    if "GLIBC_TUNABLES" in settings and platform.libc_ver()[0] == "glibc" and platform.machine() == "x86_64":
        # A processor without fused multiply-add has nothing to switch off.
        fused = "fma" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
        assert (there["library"] != here["library"]) == fused
    found: dict[str, str] = told["digests"]
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)  # one compiles every rule anew
@pytest.mark.parametrize("settings", OTHERS.values(), ids=OTHERS)
def test_every_processor_gives_the_same_digests(settings: dict[str, str]) -> None:
    assert elsewhere(settings) == {name: committed()[name] for name in QUICK}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_small_fit_and_policies_of_every_type_with_everything_switched_off(tmp_path: Path) -> None:
    found = elsewhere(
        {**WITHOUT_NEWER, **WITHOUT_FUSING}, "--fit", str(tmp_path), "--scenarios", *OF_EVERY_TYPE
    )  # fmt: skip
    assert found["fit"] == committed()["fit"]
    for reference in OF_EVERY_TYPE:
        assert found[reference] == expected.read(reference).digests[0], reference


def test_these_scenarios_have_policies_of_every_type() -> None:
    found = {policy.type for reference in OF_EVERY_TYPE for policy in load(reference).scenario.policies}
    assert found == set(policy_types())
