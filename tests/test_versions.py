"""Which versions of the model change the distribution of outcomes: the page says it, and the program agrees."""

from __future__ import annotations

import re
from pathlib import Path

import sim

PAGE = Path(__file__).resolve().parents[1] / "docs" / "versions.md"


def test_the_page_of_versions_and_the_program_agree() -> None:
    rows = re.findall(r"^\| (\d+) \| (law|bits) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, sim.MODEL_VERSION + 1))
    assert max(int(number) for number, changes, _ in rows if changes == "law") == sim.MODEL_LAW
    assert all(what.strip() for *_, what in rows)


def test_a_version_of_bits_alone_has_its_comparison_of_law() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for number in re.findall(r"^\| (\d+) \| bits \|", text, flags=re.MULTILINE):
        assert f"## Version {number}: the same law" in text
