"""Broken files of a workspace's calibration folder are told with file and line, as scenario files are."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.calibrate.measurement import load_widths
from sim.calibrate.questions import load_moments, load_terms
from sim.inputs.problems import InputErrors
from sim.parameters import parameter_table
from sim.reporting.firm_statistics import read_facts
from sim.sensitivity.response import read_expected
from sim.workspace import library_root

FILES: dict[str, Callable[[], object]] = {
    "priors.toml": parameter_table,
    "moments.toml": load_moments,
    "terms.toml": load_terms,
    "likelihood.toml": load_widths,
    "firm_facts.toml": read_facts,
    "responses.toml": read_expected,
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("before", "told"),
    [
        (b"a = \n", "E19"),
        (b"a = 1\na = 2\n", "E19"),
        (b"\0\n", "E22"),
        ("a ＝ 1\n".encode(), "E12"),
        (b"a = 1\n", ""),
    ],
    ids=["no-toml", "twice", "binary", "full-width", "odd-key"],
)
def test_a_broken_file_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, before: bytes, told: str
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "calibration").mkdir()
    whole = (library_root() / "calibration" / name).read_bytes()
    (tmp_path / "calibration" / name).write_bytes(before + whole)
    monkeypatch.chdir(tmp_path)
    if name == "responses.toml" and not told:  # keys beside the list are nobody's
        return
    with pytest.raises(InputErrors) as caught:
        FILES[name]()
    problem = caught.value.problems[0]
    assert problem.code == (told or {"moments.toml": "E16", "priors.toml": "E01"}.get(name, ""))
    assert problem.spot.file == f"calibration/{name}"
    assert problem.spot.line in (1, 2)


def test_a_deep_file_is_refused_with_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "calibration").mkdir()
    (tmp_path / "scenarios").mkdir()
    shutil.copytree(library_root() / "calibration" / "evidence", tmp_path / "calibration" / "evidence")
    (tmp_path / "calibration" / "terms.toml").write_text(f"{'.'.join('a' * 400)} = 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputErrors, match=r"calibration/terms\.toml:1 .*nested too deeply"):
        load_terms()
