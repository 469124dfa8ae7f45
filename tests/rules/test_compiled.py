"""Compiled rules: never code compiled from an older source, and plain Python on request."""

from __future__ import annotations

import ast
import importlib
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.rules import compiled

PACKAGE = compiled.PACKAGE


def copy_of_the_package(folder: Path) -> Path:
    """Copy what the hash looks at."""
    for part in ("rules", "state", "parameters"):
        shutil.copytree(PACKAGE / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def modules_compiled_code_sees() -> set[Path]:
    """Return every file of the package whose names a rule or loop outside the ledger can use."""
    seen: set[Path] = set()
    waiting = sorted(PACKAGE.glob("rules/*.py"))
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sim":
                base = PACKAGE.joinpath(*(node.module or "").split(".")[1:])
                names = [base / alias.name for alias in node.names]
                waiting += [file for name in (base, *names) if (file := name.with_suffix(".py")).is_file()]
    return seen


@pytest.mark.parametrize("path", sorted(modules_compiled_code_sees()), ids=lambda path: path.stem)
def test_an_edit_to_anything_compiled_code_sees_gives_a_new_folder(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of_the_package(tmp_path)
    monkeypatch.setattr(compiled, "PACKAGE", folder)
    before = compiled._source_hash()
    assert before == compiled._source_hash()
    with (folder / path.relative_to(PACKAGE)).open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    assert compiled._source_hash() != before


def test_a_new_file_of_rules_gives_a_new_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "PACKAGE", copy_of_the_package(tmp_path))
    before = compiled._source_hash()
    (tmp_path / "rules" / "weather.py").write_text("RAIN = 1\n", encoding="utf-8")
    assert compiled._source_hash() != before


def test_compiled_code_is_kept_beside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "PACKAGE", copy_of_the_package(tmp_path))
    folder = compiled._cache_folder()
    assert folder.parent == tmp_path / "__pycache__"
    assert folder.name == f"compiled-{compiled._source_hash()}"


def test_an_installed_copy_that_cannot_be_written_uses_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(compiled, "PACKAGE", copy_of_the_package(tmp_path))
    monkeypatch.setattr(compiled.tempfile, "TemporaryFile", refuse)
    folder = compiled._cache_folder()
    assert tmp_path not in folder.parents
    assert folder.name == compiled._source_hash() or folder.name.endswith(compiled._source_hash())
    assert stat.S_ISDIR(Path(compiled.tempfile.gettempdir()).stat().st_mode)


def test_with_the_compiler_off_everything_is_plain_python() -> None:
    code = (
        "import types, sim.model\n"
        "from sim.rules.compiled import PLAIN\n"
        "from sim.rules import links, prices, settlement\n"
        "assert PLAIN\n"
        "for function in (links.search, prices.price_of, settlement.settle):\n"
        "    assert type(function) is types.FunctionType, function\n"
    )
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=PACKAGE.parent, env=environment, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_what_is_compiled_is_taken_up_again_without_readying_the_compiler(tmp_path: Path) -> None:
    code = (
        "import sys; from sim.rules import elementary; "
        "print(*elementary.exps([0.5, -3.0]), len(elementary._apply.stats.cache_hits)); "
        "print('numba.np.linalg' in sys.modules)"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=PACKAGE.parent, env=environment, capture_output=True, check=True, text=True,
        ).stdout.split()
        for _ in range(2)
    ]  # fmt: skip
    assert said[0] == [str(np.exp(0.5)), str(np.exp(-3.0)), "0", "True"]
    assert said[1] == [*said[0][:2], "1", "False"]


def compiled_code() -> list[Any]:
    """Return all compiled code of the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "rules.compiled import" in path.read_text(encoding="utf-8"):
            module = importlib.import_module(".".join(["sim", *path.relative_to(PACKAGE).with_suffix("").parts]))
            found.update({id(item): item for item in vars(module).values() if hasattr(item, "py_func")})
    return list(found.values())


@pytest.mark.skipif(compiled.PLAIN, reason="nothing is compiled")
def test_python_alone_calls_loops() -> None:
    """What is kept of a loop on disk cannot be linked into other code."""
    everything = compiled_code()
    loops = {id(item) for item in everything if isinstance(item._cache, compiled.CompiledLoop)}
    assert len(loops) > 40
    calls = [
        (item.py_func.__qualname__, name)
        for item in everything
        for name in item.py_func.__code__.co_names
        if id(item.py_func.__globals__.get(name)) in loops
    ]
    assert calls == []


@pytest.mark.skipif(compiled.PLAIN, reason="nothing is compiled")
def test_a_loop_from_disk_refuses_to_be_linked_and_a_function_does_not(tmp_path: Path) -> None:
    (tmp_path / "kept.py").write_text(
        "from sim.rules.compiled import function, loop\n"
        "def both(mark):\n"
        "    @mark\n"
        "    def inner(x): return x + 1.0\n"
        "    @loop\n"
        "    def outer(x): return 2.0 * inner(x)\n"
        "    return inner, outer\n"
        "import sys\n"
        "inner, outer = both(loop if sys.argv[1] == 'loop' else function)\n"
        "print(inner(1.0), outer(1.0) if sys.argv[2] == 'outer' else '')\n",
        encoding="utf-8",
    )

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(tmp_path / "kept.py"), *words]
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / words[0]), "PYTHONPATH": str(PACKAGE.parent)}
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    for mark in ("loop", "function"):
        assert run(mark, "inner").stdout.split() == ["2.0"]
    assert run("function", "outer").stdout.split() == ["2.0", "4.0"]
    assert "compiled code calls a loop" in run("loop", "outer").stderr
