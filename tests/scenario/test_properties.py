"""Whatever a file holds, loading gives a scenario or clear messages; merging keeps its laws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.inputs.files import repaired_text
from sim.inputs.problems import InputErrors, Problem
from sim.scenario.chain import merge_tables
from sim.scenario.loader import load
from sim.scenario.scenario_files import known_files
from sim.scenario.writing import write_resolved
from tests.scenario.written import head, write

WHAT_IF = known_files()["yongnian-fair2x-fund200m"].read_text(encoding="utf-8")
BASELINE = known_files()["yongnian-2023"].read_text(encoding="utf-8")
HARD = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)
    yield
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scenarios"]


def problems_of(reference: str, overrides: Sequence[str] = ()) -> tuple[Problem, ...] | None:
    """Return the errors of a scenario, or None when it loads; any other exception fails the test."""
    try:
        loaded = load(reference, overrides=overrides)
    except InputErrors as errors:
        return errors.problems
    assert not [problem for problem in loaded.warnings if problem.code.startswith("E")]
    write_resolved(loaded)
    return None


def loads_or_explains(content: str | bytes, name: str = "my") -> None:
    """Load a file; when it does not load, every problem tells code, file and line in two languages."""
    write(Path(), name, content)
    problems = problems_of(name)
    assert problems is None or problems
    for problem in problems or ():
        assert problem.code.startswith("E")
        assert problem.spot.file
        for lang in ("en", "zh"):
            text = problem.text(lang)
            assert text.startswith(problem.code)
            assert all(letter.isprintable() or letter == "\n" for letter in text)


@HARD
@given(st.binary(max_size=300))
def test_random_bytes(content: bytes) -> None:
    loads_or_explains(content)


@HARD
@given(st.text(st.sampled_from("[]{}=\"'#.,\n\\ ab1_-“＝：\r\t\u0000é中"), max_size=120))
def test_random_text_of_toml_signs(text: str) -> None:
    loads_or_explains(text)


@HARD
@given(st.data())
def test_a_damaged_scenario(data: st.DataObject) -> None:
    """Cut, doubled or replaced pieces of a right file."""
    text = data.draw(st.sampled_from([WHAT_IF.replace("yongnian-fair2x-fund200m", "my"), BASELINE]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        stop = min(len(text), start + data.draw(st.integers(0, 30)))
        new = data.draw(
            st.sampled_from(["", '"', "\n", "[[", "]", "= 1", "{ low = 1 }", "中", "[policy.x]\n", "nan", "1e999"])
        )
        text = text[:start] + new + text[stop:]
    loads_or_explains(text)


VALUES = st.sampled_from(
    """1|-1|0.5|1e400|nan|true|""|"2026-01"|"5 million yuan"|"20%"|[]|[[]]|{}|[1, 'a']|{ times = 2 }|{ plus = 1 }|
    { low = 1, high = 2 }|{ low = '1', high = [] }|2026-01-01|07:30:00|{ a = { b = {} } }""".replace("\n", "").split(
        "|"
    )
)


@settings(parent=HARD, max_examples=150)
@given(st.data())
def test_a_value_of_any_kind_at_any_key(data: st.DataObject) -> None:
    lines = WHAT_IF.replace("yongnian-fair2x-fund200m", "my").splitlines()
    pairs = [number for number, line in enumerate(lines) if "=" in line and not line.lstrip().startswith("#")]
    for number in data.draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=3, unique=True)):
        lines[number] = f"{lines[number].split('=')[0]}= {data.draw(VALUES)}"
    loads_or_explains("\n".join(lines))


PATHS = st.sampled_from(
    [
        "policy.fair.booths",
        "policy.fair",
        "world",
        "time.end",
        "run.seed",
        "change.fair-x2.from",
        "change.fair-x2.set.booths",
        "policy.fair.every.month",
        "policy.upgrade-fund.across",
        "policy.fair.every.month.x",
        "parameters.x",
        "parameters",
        "place",
        "places",
        "goal.x.by",
        "time",
        "run",
        "policy.park.phases",
        "policy.fair.payer.county",
        ".",
        "a",
    ]
)


@settings(parent=HARD, max_examples=100)
@given(st.lists(st.tuples(PATHS, VALUES), max_size=3))
def test_overrides_of_any_kind(pairs: list[tuple[str, str]]) -> None:
    problems = problems_of("yongnian-fair2x-fund200m", [f"{path}={value}" for path, value in pairs])
    assert problems is None or problems


@HARD
@given(st.text(max_size=40))
def test_references_of_any_kind(reference: str) -> None:
    problems = problems_of(reference)
    assert problems is None or problems


TABLES = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.integers() | st.lists(st.integers()), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner | st.integers(), max_size=3),
    max_leaves=8,
)


@given(TABLES, TABLES, TABLES)
def test_merge_laws(a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]) -> None:
    assert merge_tables(a, {}) == a
    assert merge_tables({}, a) == a
    assert merge_tables(a, a) == a
    merged = merge_tables(a, b)
    assert set(merged) == set(a) | set(b)
    for key, value in b.items():
        if not isinstance(value, dict):
            assert merged[key] == value
    assert merge_tables(merged, b) == merged
    if not _conflict(a, b) and not _conflict(b, c) and not _conflict(a, c):
        assert merge_tables(merge_tables(a, b), c) == merge_tables(a, merge_tables(b, c))


def _conflict(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Return whether a key is a table on one side and a single value on the other."""
    return any(
        isinstance(a[key], dict) != isinstance(b[key], dict) or (isinstance(a[key], dict) and _conflict(a[key], b[key]))
        for key in set(a) & set(b)
    )


@given(st.text(max_size=80))
def test_repair_leaves_toml_alone_and_keeps_the_number_of_lines(text: str) -> None:
    new, changed = repaired_text(text)
    assert new.count("\n") == text.count("\n")
    assert bool(changed) == (new != text)
    again, _ = repaired_text(head() + "# “comment”\n")
    assert again == head() + "# “comment”\n"
