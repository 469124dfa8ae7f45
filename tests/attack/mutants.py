"""Mutation testing: one operator or number of a module is changed in a copy, and the tests that mirror it must fail.

What survives is said line by line. Some survivors are equal to the original (a bound that nothing ever meets); many of
them are a gap in the tests. Rules run as plain Python, so that none is compiled for a mutant.
"""

from __future__ import annotations

import ast
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numba
import pytest

from tests.attack.common import ROOT, Findings, Tally

MIRROR = {
    "sim/rules/anchoring.py": ("tests/rules/test_anchoring.py",),
    "sim/rules/contacts.py": ("tests/rules/test_contacts.py",),
    "sim/rules/costs.py": ("tests/rules/test_costs.py", "tests/rules/test_prices.py"),
    "sim/rules/demand.py": ("tests/rules/test_demand.py",),
    "sim/rules/elementary.py": ("tests/rules/test_elementary.py",),
    "sim/rules/investment.py": ("tests/rules/test_investment.py", "tests/policies/test_one_rule.py"),
    "sim/rules/labour.py": ("tests/rules/test_labour.py",),
    "sim/rules/ladder.py": ("tests/rules/test_investment.py", "tests/rules/test_turnover.py"),
    "sim/rules/links.py": ("tests/rules/test_links.py",),
    "sim/rules/measures.py": ("tests/rules/test_measures.py",),
    "sim/rules/prices.py": ("tests/rules/test_prices.py",),
    "sim/rules/production.py": ("tests/rules/test_production.py",),
    "sim/rules/settlement.py": ("tests/rules/test_settlement.py", "tests/policies/test_one_rule.py"),
    "sim/rules/sizes.py": ("tests/rules/test_sizes.py",),
    "sim/rules/totals.py": ("tests/rules/test_totals.py",),
    "sim/rules/turnover.py": ("tests/rules/test_turnover.py",),
    "sim/rules/chance.py": ("tests/state/test_draws.py",),
    "sim/state/draws.py": ("tests/state/test_draws.py",),
    "sim/state/ledger.py": ("tests/state/test_ledger.py",),
    "sim/units.py": ("tests/test_units.py",),
    "sim/scenario/loader.py": (
        "tests/scenario/test_loader.py",
        "tests/scenario/test_messages.py",
        "tests/scenario/test_realise.py",
    ),
}
"""A module and the tests that mirror it."""
ALLOWED = 0.1
"""Share of the mutants that may survive."""
SECONDS = 3
"""Seconds of the processor's time after which a test of the original is left out, and one of a mutant has failed."""

# --- what can be changed ---

OTHERWISE: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,), ast.Pow: (ast.Mult,), ast.LShift: (ast.RShift,), ast.RShift: (ast.LShift,),
    ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,), ast.BitXor: (ast.BitAnd,), ast.And: (ast.Or,),
    ast.Or: (ast.And,), ast.USub: (ast.UAdd,), ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
UNSEEN = {"annotation", "returns", "decorator_list"}
"""Parts of a module whose operators and numbers do nothing in a run."""


class Mutant(NamedTuple):
    """A module's text with one change."""

    line: int
    before: str
    after: str
    text: str


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """Walk all that runs; an operator's signs (``+``, ``<``) come with what they stand in."""
    yield node
    for name, value in ast.iter_fields(node):
        if name not in UNSEEN:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    yield from _parts(part)


def mutants(source: str) -> Iterator[Mutant]:
    """Give every mutant of a module, one after the other."""
    tree = ast.parse(source)
    for node in [*_parts(tree)]:
        for field, others in _changes(node):
            before, kept = ast.unparse(node), getattr(node, field)
            for other in others:
                setattr(node, field, other)
                yield Mutant(node.lineno, before, ast.unparse(node), ast.unparse(tree))
            setattr(node, field, kept)


def _changes(node: ast.AST) -> Iterator[tuple[str, Sequence[object]]]:
    """Give the fields of a node that can be changed, and what each becomes."""
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp | ast.UnaryOp):
        yield "op", [other() for other in OTHERWISE.get(type(node.op), ())]
    elif isinstance(node, ast.Compare):
        for at, sign in enumerate(node.ops):
            yield "ops", [[*node.ops[:at], other(), *node.ops[at + 1 :]] for other in OTHERWISE[type(sign)]]
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "value", (not node.value,)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "value", (node.value + 1,)


# --- the tests of a mutant ---


class Impatient:
    """Ends every test after ``SECONDS`` of the processor's time, and keeps which these were."""

    def __init__(self, end: Callable[[str], object]) -> None:
        self.end, self.late = end, list[str]()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        def end(number: int, frame: object) -> None:
            self.late.append(item.nodeid)
            self.end("too long")

        signal.signal(signal.SIGPROF, end)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


@contextlib.contextmanager
def _copy() -> Iterator[Path]:
    """Give a copy of all that tests read."""
    with tempfile.TemporaryDirectory(prefix="countysim mutants ") as name:
        copy = Path(name).resolve()
        for folder in ("sim", "tests", "scenarios", "calibration"):
            shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "published"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        yield copy


def _tested(copy: Path, tests: Sequence[str], end: Callable[[str], object], *options: str) -> tuple[int, list[str]]:
    """Run tests of the copy in a process of their own, with all libraries loaded.

    Returns
    -------
    tuple
        Pytest's exit code, and the tests that took too long, each of which came to its ``end``.
    """
    late = copy / "late.txt"
    child = os.fork()
    if child == 0:
        code, impatient = 3, Impatient(end)
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
            os.chdir(copy)
            sys.path.insert(0, str(copy))
            for loaded in [name for name in sys.modules if name.split(".")[0] in ("sim", "tests")]:
                del sys.modules[loaded]
            numba.config.DISABLE_JIT = 1
            words = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow", *options, *tests]
            code = int(pytest.main(words, plugins=[impatient]))
            late.write_text("\n".join(impatient.late), "utf-8")
        finally:
            os._exit(code)
    try:
        _, status = os.waitpid(child, 0)
    except BaseException:  # enough: what is at work must not write into a copy that goes
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    names = late.read_text("utf-8").splitlines() if late.exists() else []
    late.unlink(missing_ok=True)
    return os.waitstatus_to_exitcode(status), names


def _left_out(copy: Path, tests: Sequence[str]) -> list[str]:
    """Return the tests of the original that take too long, as options that leave them out; all others pass."""
    code, late = _tested(copy, tests, pytest.skip)
    if code:
        raise RuntimeError(f"the tests of the original fail: {' '.join(tests)}")
    return [f"--deselect={name}" for name in late]


def survivors(seed: int, count: int, tally: Tally) -> Findings:
    """Change one operator or number of rules, ledger, draws, units or the loader: their tests fail for nine in ten."""
    modules, left_out = list(MIRROR), {}
    with _copy() as copy:
        for number in range(seed, seed + count):
            module = modules[number % len(modules)]
            tests, path = MIRROR[module], copy / module
            original = path.read_text("utf-8")
            if module not in left_out:
                left_out[module] = _left_out(copy, tests)
            mutant = random.Random(number).choice([*mutants(original)])
            path.write_text(mutant.text, "utf-8")
            survives = _tested(copy, tests, pytest.fail, "-x", *left_out[module])[0] == 0
            path.write_text(original, "utf-8")
            tally["mutants"] += 1
            tally["survivors"] += survives
            if survives:
                print(
                    f"survives (--seed {number}): {module}:{mutant.line}: {mutant.before} -> {mutant.after}", flush=True
                )
    if tally["survivors"] > ALLOWED * tally["mutants"]:
        yield f"{tally['survivors']} of {tally['mutants']} mutants survive"
