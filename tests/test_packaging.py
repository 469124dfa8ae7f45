from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PART_OF_ANOTHER = {"pydantic-core"}
"""Packages that another declared package documents as its own interface and always brings along."""
ENTRY = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[0-9][0-9a-z.]*)(?: ; (?P<marker>[^\\]+?))? \\\n"
    r"(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(requirement: str) -> str:
    return plain(re.match(r"[A-Za-z0-9._-]+", requirement)[0])  # type: ignore[index]


def locked() -> dict[str, list[tuple[str, str]]]:
    """Name of each locked package and its versions with their markers."""
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in ENTRY.finditer(LOCK):
        found.setdefault(plain(entry["name"]), []).append((entry["version"], entry["marker"] or ""))
    return found


def test_the_lock_holds_nothing_but_packages_with_their_hashes() -> None:
    assert ENTRY.sub("", LOCK) == ""
    assert len(locked()) > 40


@pytest.mark.parametrize("trace", ["://", "index", "find-links", "file:", "/", "@", "extra"])
def test_the_lock_names_no_place(trace: str) -> None:
    assert trace not in LOCK


def test_the_lock_covers_what_is_needed_to_run_test_and_build() -> None:
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    assert {requirement_name(text) for text in wanted} <= set(locked())


def test_the_lock_holds_the_newest_mesa_of_each_python() -> None:
    versions = {marker: version for version, marker in locked()["mesa"]}
    assert len(versions) == 2
    assert versions["python_full_version < '3.12'"].startswith("3.3.")
    newer = versions["python_full_version >= '3.12'"].split(".")
    assert (int(newer[0]), int(newer[1])) >= (3, 5)


def test_what_is_installed_is_what_the_lock_says() -> None:
    checked = 0
    for name, versions in locked().items():
        here = {version for version, marker in versions if not marker or Marker(marker).evaluate()}
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if here:
            assert installed in here, name
            checked += 1
    assert checked > 40


def third_party_imports(path: Path) -> set[str]:
    """First names of what a file imports at any depth, without the standard library and ``sim`` itself."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"sim"}


def test_everything_imported_is_declared() -> None:
    declared = {requirement_name(text) for text in PROJECT["dependencies"]} | PART_OF_ANOTHER
    for name, extra in PROJECT["optional-dependencies"].items():
        if name not in {"dev", "docs"}:
            declared |= {requirement_name(text) for text in extra}
    distributions = importlib.metadata.packages_distributions()
    for path in (ROOT / "sim").rglob("*.py"):
        for module in third_party_imports(path):
            names = {plain(name) for name in distributions.get(module, [module])}
            assert names & declared, f"{path.relative_to(ROOT)} imports {module}"


def test_no_file_of_the_set_up_names_a_host_or_a_folder_of_one_machine() -> None:
    for name in ("Makefile", ".ci/run", "pyproject.toml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text, name
        assert not re.search(r"/(?:opt|root|home|work|etc)/", text), name


def test_make_help_describes_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\.PHONY: (\S+)$", text, flags=re.MULTILINE)) - {"matrix-one"}
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    described = dict(re.findall(r"^  make (\S+) +(\S.*)$", shown, flags=re.MULTILINE))
    assert set(described) == targets
    assert {"run", "test", "install", "lint", "test-matrix", "benchmark", "clean"} <= targets


def test_make_says_which_python_it_needs(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.8.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "install", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert f"countysim needs Python 3.11 or newer; {old} is Python 3.8.2." in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    (built,) = folder.glob("countysim-*.whl")
    return built


def committed(folder: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout  # fmt: skip
    return {name for name in listed.split("\0") if name and (ROOT / name).is_file()}


def test_the_wheel_carries_code_scenarios_and_evidence_and_no_more(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert committed("sim") <= names
    for folder in ("scenarios", "calibration"):
        files = committed(folder)
        assert files
        assert {f"sim/_library/{name}" for name in files} <= names
    assert all(name.startswith("sim/") for name in names)
    assert not [name for name in names if "__pycache__" in name]


def test_an_installed_wheel_finds_its_library_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    installed, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    elsewhere.mkdir()
    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r}); import sim, sim.workspace; "
        "assert sim.__file__.startswith(sys.path[0]); "
        "print(*sim.workspace.folders('scenarios'), *sim.workspace.folders('calibration'), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=elsewhere, capture_output=True, check=True, text=True
    )  # fmt: skip
    library = installed / "sim" / "_library"
    assert done.stdout.splitlines() == [str(library / "scenarios"), str(library / "calibration")]


def test_the_wheel_installs_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry_points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "countysim = sim.cli.main:main" in archive.read(entry_points).decode()
