"""Every key of a valid TOML file has its line."""

from __future__ import annotations

import tomllib

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from sim.inputs.positions import Path, key_lines

TEXT = '''a = 1
"b c".d = { x = [1, 2,
  "#]" ], y = """
foo"" \\""" bar""" }

d = 1979-05-27 07:32:00 # comment "with" [things]
[[policy]]
id = "x"
  [policy.tr]
  'z.z' = 'it[s'
[[policy]]
[[policy.sub]]
k=1
[[policy.sub]]
k=2
[policy.tr.deep]
m = [ {a=1}, {b=2} ]
n = """"quoted""""
last = \'\'\'
'a'
b\'\'\'
end = true
'''


def all_paths(data: object, path: Path = ()) -> list[Path]:
    """Return the path of every key and list item in parsed data."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [found for key, value in items for found in [(*path, key), *all_paths(value, (*path, key))]]


def test_lines_of_all_kinds_of_keys() -> None:
    lines = key_lines(TEXT)
    data = tomllib.loads(TEXT)
    assert set(all_paths(data)) <= set(lines)
    assert lines["a",] == 1
    assert lines["b c", "d", "x", 2] == 3
    assert lines["d",] == 6
    assert lines["policy", 0, "tr", "z.z"] == 10
    assert lines["policy", 1, "sub", 1, "k"] == 15
    assert lines["policy", 1, "tr", "deep", "m", 1, "b"] == 17
    assert lines["policy", 1, "tr", "deep", "end"] == 22


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_line_ends(ends: str) -> None:
    assert key_lines(TEXT.replace("\n", ends)) == key_lines(TEXT)


SCALARS = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.integers(-(2**60), 2**60)
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.dates()
)
KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_path_of_any_document_has_a_line(data: dict[str, object]) -> None:
    text = tomlkit.dumps(data)
    parsed = tomllib.loads(text)
    lines = key_lines(text)
    last = text.replace("\r\n", "\n").count("\n") + 1
    for path in all_paths(parsed):
        assert 1 <= lines[path] <= last
